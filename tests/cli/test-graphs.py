#!/usr/bin/python3
"""merge-base and commit-graph, beside git's: how commits hang together."""

import json
import os
import sys

from tool import DONE, FAILURE, NO, Tap, Tool


class Graph:
    """Commits of the empty tree, each a branch, made by git."""

    def __init__(self, tool):
        self.tool = tool
        self.time = 1112911993
        self.tree = tool.git('mktree').decode().strip()

    def add(self, name, *parents):
        self.time += 60
        date = f'{self.time} +0000'
        self.tool.env.update(GIT_AUTHOR_DATE=date, GIT_COMMITTER_DATE=date)
        args = [word for parent in parents for word in ('-p', parent)]
        commit = self.tool.git('commit-tree', self.tree, *args, '-m', name)
        self.tool.git('branch', name, commit.decode().strip())


def make(tool):
    tool.init()
    graph = Graph(tool)
    graph.add('root')
    graph.add('left', 'root')
    graph.add('right', 'root')
    graph.add('left2', 'left', 'right')
    graph.add('right2', 'right', 'left')
    graph.add('topic', 'left2')
    graph.add('alone')


def check_bases(tap, tool):
    for pair in [('left2', 'right2'), ('topic', 'right2'), ('topic', 'left2'),
                 ('left', 'right'), ('root', 'topic'), ('topic', 'topic~1^2')]:
        tool.expect(f'all bases of {pair}', ['merge-base', '--all', *pair],
                    out=tool.git('merge-base', '--all', *pair))
    ids = tool.git('merge-base', '--all', 'left2', 'right2').decode().split()
    tap.ok(len(ids) == 2, 'a criss-cross has two', ids)
    tool.expect('the newest', ['merge-base', 'left2', 'right2'],
                out=ids[0].encode() + b'\n')
    tap.ok(json.loads(tool.run('merge-base', '--all', 'left2', 'right2',
                               '--json').out) == ids, 'as JSON')
    tool.expect('none', ['merge-base', 'topic', 'alone'], NO, b'')
    tool.expect('none, as JSON', ['merge-base', 'topic', 'alone', '--json'],
                NO, b'[]\n')
    tool.expect('the branch itself', ['-b', 'topic', 'merge-base', '@~1', '@'],
                out=tool.git('rev-parse', 'left2'))
    tool.expect('no such revision', ['merge-base', 'topic', 'nowhere'], FAILURE,
                b'', 'nowhere')


def check_ancestors(tap, tool):
    for a, b, status in [('root', 'topic', DONE), ('right', 'topic', DONE),
                         ('topic', 'topic', DONE), ('right2', 'topic', NO),
                         ('topic', 'root', NO), ('alone', 'topic', NO)]:
        tool.expect(f'is {a} an ancestor of {b}',
                    ['merge-base', '--is-ancestor', a, b], status, b'')
        told = json.loads(tool.run('merge-base', '--is-ancestor', a, b,
                                   '--json').out)
        tap.ok(told == {'is_ancestor': status == DONE}, 'as JSON', told)


def check_written(tap, tool):
    tool.expect('write it', ['commit-graph', 'write'], out=b'')
    tool.git('commit-graph', 'verify')
    tap.ok(json.loads(tool.run('commit-graph', 'write', '--json').out) ==
           {'result': 'done'}, 'write it again')
    tool.expect('it is checked with the rest', ['verify', '--quiet'])
    check_bases(tap, tool)
    with open(os.path.join(tool.repo, 'objects/info/commit-graph'), 'rb') as file:
        tap.ok(file.read(4) == b'CGPH', 'that is with one')


def check_unwritten(tap, tool):
    source = tool.repo
    tool.init('none.git')
    tool.expect('no commit, no graph', ['commit-graph', 'write'],
                out=b'nothing to write: no commits, or not all of them are '
                b'there\n')
    tap.ok(json.loads(tool.run('commit-graph', 'write', '--json').out) ==
           {'result': 'unchanged'}, 'as JSON')
    tool.repo = source


def check_shallow(tap, tool):
    """git takes where it was cut off for the beginning; that is no answer."""
    source = tool.repo
    clone = tool.path('shallow.git')
    tool.git('clone', '-q', '--bare', '--depth=1', '--no-single-branch',
             f'file://{source}', clone, repo='.')
    cut = tool.git('rev-parse', 'left', repo=clone).decode().strip()
    tool.expect('bases beyond where it was cut',
                ['merge-base', 'left', 'alone'], FAILURE, b'', cut, repo=clone)
    tool.expect('an ancestor beyond it',
                ['merge-base', '--is-ancestor', 'alone', 'left'], FAILURE, b'',
                cut, repo=clone)
    tool.expect('but this is known', ['merge-base', 'left', 'left'],
                out=cut.encode() + b'\n', repo=clone)
    tool.expect('and so is this',
                ['merge-base', '--is-ancestor', 'left', 'alone'], NO, b'',
                repo=clone)


def main():
    tap = Tap()
    with Tool(tap) as tool:
        make(tool)
        for check in [check_bases, check_ancestors, check_written,
                      check_unwritten, check_shallow]:
            check(tap, tool)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
