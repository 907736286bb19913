#!/usr/bin/python3
"""An example says what stands beside it in expected.txt, in memory and in a git
directory, which then passes git fsck and is a merge where it should be.

    test-example.py PROGRAM EXPECTED PARENTS

PARENTS: how many the head of the branch has in the end.
"""

import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'tests',
                                'support'))
from tap import Tap, run  # noqa: E402


def main():
    program, expected, parents = sys.argv[1:]
    with open(expected, encoding='utf-8') as file:
        wanted = file.read()
    tap = Tap()
    code, said = run(program)
    tap.ok(code == 0 and said == wanted, 'in memory', said)
    with tempfile.TemporaryDirectory() as scratch:
        repo = os.path.join(scratch, 'example.git')
        code, said = run(program, f'git:{repo}?create=1')
        tap.ok(code == 0 and said == wanted, 'in a git directory', said)
        code, said = run('git', '-C', repo, 'fsck', '--strict', '--no-dangling')
        tap.ok(code == 0 and not said.strip(), 'git fsck finds nothing', said)
        code, said = run('git', '-C', repo, 'log', '-1', '--format=%P')
        tap.ok(code == 0 and len(said.split()) == int(parents),
               f'its head has {parents} parents', said)
        code, said = run('git', '-C', repo, 'for-each-ref', 'refs/irmin')
        tap.ok(code == 0 and not said, 'no merge waits', said)
        code, said = run(program, f'git:{scratch}/nowhere.git')
        tap.ok(code == 1 and 'nowhere.git' in said,
               'a repository that is not there is named', said)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
