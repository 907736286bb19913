#!/usr/bin/python3
"""Every snippet of every tutorial does what stands below it.

    test-tutorials.py FOLDER IRMIN LIBRARY INCLUDE_DIR...

A page has three kinds of blocks. `sh` blocks are typed into one shell, one after
the other, with irmin at hand; what it answers is the `text` block that follows,
or nothing. `c` blocks up to the next `text` block are one program, which says
what stands there; the first `c` block of a page is the beginning of each. Ids
differ from day to day: one of ten digits is equal to any other. The shell begins
in /home/ann, as it is called on the page.
"""

import glob
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
from tap import Tap, run  # noqa: E402

BLOCK = re.compile(r'^```(\w*)\n(.*?)^```$', re.DOTALL | re.MULTILINE)
ID = re.compile(r'\b[0-9a-f]{10}\b')
COMPILER = ['cc', '-x', 'c', '-std=c11', '-Wall', '-Wextra', '-Werror',
            '-Wno-unused-function']


def same(said, wanted):
    """A page ends every line, values need not."""
    said, wanted = (ID.sub('x' * 10, text).rstrip('\n') for text in (said, wanted))
    return said == wanted


class Shell:
    """One shell, for all that a page types."""

    MARK = '-- that was all --'

    def __init__(self, scratch, irmin):
        env = {name: value for name, value in os.environ.items()
               if not name.startswith(('GIT_', 'IRMIN_'))}
        self.scratch = os.path.realpath(scratch)
        env.update(PATH=os.path.dirname(irmin) + ':' + env['PATH'], HOME=scratch,
                   LC_ALL='C.UTF-8')
        self.process = subprocess.Popen(
            ['sh'], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, cwd=self.scratch, env=env, encoding='utf-8')

    def type(self, text):
        """-> what it says"""
        self.process.stdin.write(f'{text}\necho; echo "{self.MARK}"\n')
        self.process.stdin.flush()
        said = ''
        for line in self.process.stdout:
            if line == self.MARK + '\n':
                break
            said += line
        return said[:-1].replace(self.scratch, '/home/ann')

    def leave(self):
        self.process.communicate()


class Page:
    """One tutorial, block by block."""

    def __init__(self, tap, name, setup):
        self.tap = tap
        self.name = name
        self.irmin, self.library, self.includes = setup
        self.beginning = None  # of every program
        self.program = ''
        self.answer = None     # of the shell, until a text block tells it

    def be_silent(self, number):
        """The shell's last answer, which no text block told."""
        if self.answer is not None:
            self.tap.ok(self.answer == '',
                        f'{self.name}: nothing is said before block {number}',
                        self.answer)
        self.answer = None

    def compile_and_run(self, scratch):
        """-> exit code, and what the program says"""
        program = os.path.join(scratch, 'program')
        with open(program + '.c', 'w', encoding='utf-8') as file:
            file.write(self.program)
        code, said = run(*COMPILER, program + '.c',
                         *(f'-I{path}' for path in self.includes),
                         '-x', 'none', self.library, '-o', program)
        if code == 0:
            env = dict(os.environ, LD_LIBRARY_PATH=os.path.dirname(self.library))
            code, said = run(program, cwd=scratch, env=env)
        self.program = self.beginning
        return code, said

    def take_text(self, number, text, scratch):
        if self.answer is not None:
            self.tap.ok(same(self.answer, text),
                        f'{self.name}: the shell says block {number}', self.answer)
            self.answer = None
            return
        code, said = self.compile_and_run(scratch)
        self.tap.ok(code == 0 and same(said, text),
                    f'{self.name}: the program says block {number}', said)

    def take_c(self, number, text):
        self.be_silent(number)
        if self.beginning is None:
            self.beginning = text
        self.program += text

    def check(self, text, scratch):
        shell = Shell(scratch, self.irmin)
        for number, (kind, block) in enumerate(BLOCK.findall(text), 1):
            if kind == 'sh':
                self.be_silent(number)
                self.answer = shell.type(block)
            elif kind == 'c':
                self.take_c(number, block)
            elif kind == 'text':
                self.take_text(number, block, scratch)
            else:
                self.tap.ok(False, f'{self.name}: block {number} is {kind!r}')
        self.be_silent('the end')
        shell.leave()
        self.tap.ok(self.program == (self.beginning or ''),
                    f'{self.name}: every program is run', self.program)


def main():
    folder, irmin, library, *includes = sys.argv[1:]
    tap = Tap()
    pages = sorted(glob.glob(os.path.join(folder, '*.md')))
    for path in pages:
        with open(path, encoding='utf-8') as file:
            text = file.read()
        page = Page(tap, os.path.basename(path),
                    (os.path.abspath(irmin), library, includes))
        with tempfile.TemporaryDirectory() as scratch:
            page.check(text, scratch)
    tap.ok(pages, 'there are tutorials')
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
