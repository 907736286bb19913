#!/usr/bin/python3
"""txn: the steps of a script as one commit, or none."""

import json
import subprocess
import sys

from tool import CONFLICT, DONE, FAILURE, NO, STALE, USAGE, Tap, Tool

# (name, script, status, standard output, standard error), one after the other.
SCRIPTS = [
    ('set', b'set a/b 1\nset c two\n', DONE, b'', ''),
    ('get, after a comment',
     b'# what is there?\n\n  \t# and blanks\nget a/b\nget c\n', DONE,
     b'1\ntwo\n', ''),
    ('own writes are seen', b'set a/b 2\nget a/b', DONE, b'2\n', ''),
    ('any bytes',
     rb'set "x y" "\tone\n\"two\" \\ \xff\303\251\a"' + b'\nget "x y"\n',
     DONE, b'\tone\n"two" \\ \xff\xc3\xa9\a\n', ''),
    ('an empty value', b'set e ""\nget e\n', DONE, b'\n', ''),
    ('a NUL in a value', b'set n "a\\x00b"\nget n\n', DONE, b'a\0b\n', ''),
    ('mv', b'mv a/b a/c\nget a/c\nassert-absent a/b\n', DONE, b'2\n', ''),
    ('rm, also of nothing', b'rm a\nrm a\nassert-absent a\n', DONE, b'', ''),
    ('what holds', b'assert c two\nset c 3\nassert c 3\n', DONE, b'', ''),
    ('get of nothing', b'set z 1\nget none\nset z 2\n', NO, b'',
     'FILE:2: cannot get none: nothing is there'),
    ('mv of nothing', b'mv none z\n', NO, b'',
     'FILE:1: cannot mv none: nothing is there'),
    ('what does not hold', b'set z 1\nassert c two\n', STALE, b'',
     'FILE:2: cannot assert c: "3" is there'),
    ('where nothing is', b'assert none 1\n', STALE, b'',
     'FILE:1: cannot assert none: no value is there'),
    ('where something is', b'assert-absent c\n', STALE, b'',
     'FILE:1: cannot assert-absent c: something is there'),
    ('an unknown step', b'set z 1\nput z 2\n', FAILURE, b'',
     'FILE:2: there is no step put'),
    ('too few words', b'set z\n', FAILURE, b'',
     'FILE:1: it is set PATH VALUE'),
    ('too many', b'get z 1\n', FAILURE, b'', 'FILE:1: it is get PATH'),
    ('an open quote', b'set z "1\n', FAILURE, b'',
     'FILE:1: a quote is not closed'),
    ('an unknown escape', b'set z "\\q"\n', FAILURE, b'',
     'FILE:1: no such escape'),
    ('half an escape', b'set z "\\x4"\n', FAILURE, b'',
     'FILE:1: no such escape'),
    ('too large a number', b'set z "\\477"\n', FAILURE, b'',
     'FILE:1: no such escape'),
    ('a quote in a word', b'set z a"b"\n', FAILURE, b'',
     'FILE:1: a quote within a word'),
    ('no blank', b'set z "a"b\n', FAILURE, b'',
     'FILE:1: no blank behind a quoted word'),
    ('a NUL in a path', b'set "z\\x00" 1\n', FAILURE, b'',
     'FILE:1: a path holds no NUL'),
    ('a NUL', b'set z \0\n', FAILURE, b'', 'FILE:1: a NUL'),
    ('a path that git refuses', b'set z 1\nset .git/x 1\n', FAILURE, b'',
     'FILE:2: cannot set .git/x: '),
    ('nothing', b'', DONE, b'', ''),
]


def check_scripts(tap, tool):
    for name, script, status, out, err in SCRIPTS:
        file = tool.path('script')
        with open(file, 'wb') as stream:
            stream.write(script)
        before = tool.run('log', '-n', '1').out
        tool.expect(name, ['txn', file], status=status, out=out,
                    err=err.replace('FILE', file))
        if status != DONE:
            tap.ok(tool.run('log', '-n', '1').out == before,
                   f'{name}: nothing is done')
    tool.expect('what was set in the middle of it', ['get', 'z'], status=NO,
                err='nothing is there')


def check_commits(tap, tool):
    tool.expect('from standard input', ['txn', '-', '-m', 'three at once'],
                given=b'set one 1\nset two 2\nset three 3\n')
    tap.ok(tool.git('log', '-1', '--format=%s') == b'three at once\n' and
           tool.git('show', '--name-only', '--format=') ==
           b'one\nthree\ntwo\n', 'is one commit')
    answer = tool.expect('as JSON', ['txn', '--json', '-'],
                         given=b'get one\nget "two"\n')
    told = json.loads(answer.out)
    tap.ok(told['result'] == 'unchanged' and told['values'] == [
        {'path': 'one', 'value': '1'}, {'path': 'two', 'value': '2'}],
        'which tells what was read', told)
    answer = tool.run('--json', 'txn', '-', given=b'assert one 2\n')
    tap.ok(answer.status == STALE and
           json.loads(answer.err)['error']['path'] == 'one',
           'and what does not hold', answer)
    tool.expect('no such file', ['txn', tool.path('none')], status=FAILURE,
                err='none: No such file')
    tool.expect('no such isolation', ['txn', '-', '--isolation', 'full'],
                status=USAGE, err='serializable, merge or unmoved')


def run_many(tool, isolation, count):
    """Adds to one number from many processes, each until it succeeds."""
    command = tool.command(['txn', '-', '--isolation', isolation], None)
    workers = [subprocess.Popen(command, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=tool.env) for _ in range(count)]
    answers = []
    for number, worker in enumerate(workers):
        out, err = worker.communicate(
            b'assert lock free\nset lock taken\nset w/%d 1\n' % number)
        answers.append((worker.returncode, out, err))
    return answers


def check_races(tap, tool):
    for isolation in ['serializable', 'unmoved']:
        tool.expect('a lock', ['txn', '-'],
                    given=b'rm w\nset lock free\n')
        answers = run_many(tool, isolation, 8)
        tap.ok(sorted(status for status, _, _ in answers) ==
               [DONE] + [STALE] * 7, f'{isolation}: one process gets it',
               answers)
        tap.ok(len(tool.run('ls', 'w').out.split()) == 1,
               'and no other has done anything')
    tool.expect('the lock', ['set', 'lock', 'free'])
    answers = run_many(tool, 'merge', 4)
    tap.ok({status for status, _, _ in answers} <= {DONE, STALE, CONFLICT},
           'merged, each gets it, is too late, or conflicts', answers)


def main():
    tap = Tap()
    with Tool(tap) as tool:
        tool.init()
        for check in [check_scripts, check_commits, check_races]:
            check(tap, tool)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
