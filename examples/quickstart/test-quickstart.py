#!/usr/bin/python3
"""The README's program: as C and as C++ it does what the README says.

    test-quickstart.py SOURCE README LIBRARY INCLUDE_DIR...
"""

import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', '..', 'tests',
                                'support'))
from tap import Tap, run  # noqa: E402

LANGUAGES = [('C11', ['cc', '-x', 'c', '-std=c11']),
             ('C++17', ['c++', '-x', 'c++', '-std=c++17'])]


def program_of(text):
    """The tokens of a program, however its lines are broken."""
    return re.sub(r'/\*.*?\*/|\s+', '', text, flags=re.DOTALL)


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def check(tap, name, compiler, source, library, includes):
    with tempfile.TemporaryDirectory() as scratch:
        program = os.path.join(scratch, 'quickstart')
        code, said = run(*compiler, '-Wall', '-Wextra', '-Werror', source,
                         *(f'-I{path}' for path in includes), '-x', 'none',
                         library, '-o', program)
        if not tap.ok(code == 0, f'it compiles as {name}', said):
            return
        env = dict(os.environ, LD_LIBRARY_PATH=os.path.dirname(library))
        for time in ('first', 'second'):
            code, said = run('sh', '-c', f'cd {scratch} && ./quickstart', env=env)
            tap.ok(code == 0 and said == 'hello, world\n',
                   f'{name}: it says hello the {time} time', said)
        repository = os.path.join(scratch, 'hello.git')
        code, said = run('git', '-C', repository, 'log', '-p', '--format=%s')
        tap.ok(code == 0 and said.startswith('set greetings/en\n') and
               '+hello, world' in said and said.count('set greetings/en') == 1,
               f'{name}: git log -p shows one commit', said)
        code, said = run('git', '-C', repository, 'fsck', '--strict', '--full')
        tap.ok(code == 0 and not said.strip(), f'{name}: git fsck finds nothing', said)


def main():
    source, readme, library, *includes = sys.argv[1:]
    tap = Tap()
    shown = re.findall(r'```c\n(.*?)```', read(readme), re.DOTALL)
    tap.ok(any(program_of(block) == program_of(read(source)) for block in shown),
           'it is the program in the README')
    for name, compiler in LANGUAGES:
        check(tap, name, compiler, source, library, includes)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
