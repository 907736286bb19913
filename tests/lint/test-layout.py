#!/usr/bin/python3
"""Every .c file is laid out as .clang-format says. Headers are laid out by
hand. Versions of the tool differ in details, so it is one version or none.

    test-layout.py ROOT
"""

import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
from tap import Tap, run  # noqa: E402

TOOL = 'clang-format-14'
FOLDERS = ['lib', 'cli', 'examples', 'bindings', 'bench', 'tests']


def main():
    tap = Tap()
    if not shutil.which(TOOL):
        tap.skip(f'there is no {TOOL} here')
        return tap.done()
    for folder in FOLDERS:
        files = [os.path.join(at, name)
                 for at, _, names in os.walk(os.path.join(sys.argv[1], folder))
                 for name in sorted(names) if name.endswith('.c')]
        if files:
            code, said = run(TOOL, '--dry-run', '-Werror', '--ferror-limit=1', *files)
            tap.ok(code == 0, f'{folder} is laid out by {TOOL}', said,
                   f'to mend it: {TOOL} -i FILE...')
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
