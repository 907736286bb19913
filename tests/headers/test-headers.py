#!/usr/bin/python3
"""Every public header stands alone, in C and C++, and all of them under SWIG.

    test-headers.py INCLUDE_DIR... -- HEADER...     (HEADER as in <irmin/HEADER>)
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
from tap import Tap, run  # noqa: E402

LANGUAGES = [  # compiler, Debian's name for it, language and standard
    (['gcc', 'cc'], 'gcc', ['-x', 'c', '-std=c11', '-Wpedantic']),
    (['clang', 'clang-14'], 'clang', ['-x', 'c', '-std=c11', '-Wpedantic']),
    (['g++', 'c++'], 'g++', ['-x', 'c++', '-std=c++17']),
]
WARNINGS = ['-Wall', '-Wextra', '-Werror', '-fsyntax-only']


def find_tool(names):
    return next((path for path in map(shutil.which, names) if path), None)


def check_alone(tap, includes, headers):
    for names, package, language in LANGUAGES:
        compiler = find_tool(names)
        if not compiler:
            tap.skip(f'{package} is not installed')
            continue
        for header in headers:
            done = subprocess.run(
                [compiler, *language, *WARNINGS, *includes, '-'],
                input=f'#include <irmin/{header}>\nextern int behind_it;\n',
                text=True, check=False,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            tap.ok(done.returncode == 0,
                   f'{header} compiles alone with {package} {language[2]}',
                   done.stdout)


def check_swig(tap, includes, headers, scratch):
    swig = find_tool(['swig', 'swig4.0'])
    if not swig:
        tap.skip('swig is not installed')
        return
    interface = os.path.join(scratch, 'headers.i')
    wrapper = os.path.join(scratch, 'headers_wrap.c')
    with open(interface, 'w', encoding='utf-8') as out:
        out.write('%module headers\n%{\n')
        out.writelines(f'#include <irmin/{header}>\n' for header in headers)
        out.write('%}\n%include <stdint.i>\n')
        out.writelines(f'%include <irmin/{header}>\n' for header in headers)
    # 451 is about assigning to the char * members of our option structs, which
    # a binding does in a way of its own; it says nothing about the headers.
    code, said = run(swig, '-python', '-w451', *includes, '-o', wrapper, interface)
    if not tap.ok(code == 0 and not said.strip(),
                  'swig -python reads all headers without a word', said):
        return
    python_include = sysconfig.get_path('include')
    if not os.path.exists(os.path.join(python_include, 'Python.h')):
        tap.skip('python3-dev is not installed')
        return
    code, said = run('cc', '-std=c11', '-fsyntax-only', f'-I{python_include}',
                     *includes, wrapper)
    tap.ok(code == 0, 'the wrapper that swig made compiles', said)


def main():
    split = sys.argv.index('--')
    includes = [f'-I{path}' for path in sys.argv[1:split]]
    headers = sys.argv[split + 1:]
    tap = Tap()
    check_alone(tap, includes, headers)
    with tempfile.TemporaryDirectory() as scratch:
        check_swig(tap, includes, headers, scratch)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
