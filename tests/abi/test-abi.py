#!/usr/bin/python3
"""Exported = declared = documented = installed.

    test-abi.py LIBRARY HEADER_DIR INSTALLED... -- PENDING...

The pending headers are those of a coming milestone: they are written, but
neither installed nor included by irmin.h, and may have no code yet.
"""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
from tap import Tap, run  # noqa: E402

DECLARED = re.compile(r'^IRMIN_(?:API|CALL)\b([^;]*);', re.MULTILINE)
COMMENT = re.compile(r'/\*.*?\*/', re.DOTALL)


def read_declarations(text):
    """-> (name, whether a comment stands right above its paragraph)"""
    for found in DECLARED.finditer(COMMENT.sub(lambda m: re.sub(r'\S', ' ', m[0]), text)):
        name = re.search(r'(irmin_\w+)\s*\(', found[1]) or \
            re.search(r'(irmin_\w+)\s*$', found[1])
        paragraph = text[:found.start()].rsplit('\n\n', 1)[-1]
        yield name[1], paragraph.lstrip().startswith('/*')


def exported_names(library):
    """The functions and data that a program can link to; the version node of
    the symbols is in the table too, as an absolute one."""
    _, said = run('nm', '-D', '--defined-only', '-P', library)
    return {fields[0].split('@')[0] for fields in map(str.split, said.splitlines())
            if fields[1] != 'A'}


def main():
    library, folder, *headers = sys.argv[1:]
    split = headers.index('--')
    installed = {os.path.basename(name) for name in headers[:split]}
    pending = {os.path.basename(name) for name in headers[split + 1:]}
    texts = {}
    for name in sorted(os.listdir(folder)):
        if name.endswith(('.h', '.h.in')):
            with open(os.path.join(folder, name), encoding='utf-8') as file:
                texts[name.removesuffix('.in')] = file.read()
    present = set(texts)

    tap = Tap()
    declared, coming, undocumented = set(), set(), []
    for header in sorted(present):
        for name, documented in read_declarations(texts[header]):
            (coming if header in pending else declared).add(name)
            if not documented:
                undocumented.append(f'{header}: {name}')
    exported = exported_names(library)
    tap.ok(declared <= exported, 'all that is declared is exported',
           *sorted(declared - exported))
    tap.ok(exported <= declared | coming, 'all that is exported is declared',
           *sorted(exported - declared - coming))
    tap.ok(not undocumented, 'all that is declared is documented', *undocumented)
    tap.ok(installed == present - pending, 'all headers but the pending are installed',
           *sorted(installed ^ (present - pending)))
    tap.ok(pending <= present, 'what is pending exists', *sorted(pending - present))
    included = set(re.findall(r'#include <irmin/([^>]+)>', texts.get('irmin.h', '')))
    tap.ok(not included & pending, 'irmin.h includes nothing that is pending',
           *sorted(included & pending))
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
