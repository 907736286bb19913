#!/usr/bin/python3
"""init, set, get, rm, ls, tree: values, as bytes, as text and as JSON."""

import base64
import json
import os
import re
import stat
import sys

from tool import DONE, NO, STALE, USAGE, Tap, Tool


def check_init(tap, tool):
    where = tool.path('new.git')
    tool.expect('init says what it made', ['init', where], repo='',
                out=re.compile(rb'^made an empty repository in .*/new\.git '
                               rb'\(sha1\)\n$'))
    tap.ok(tool.git('rev-parse', '--is-bare-repository', repo=where) ==
           b'true\n', 'git sees a bare repository')
    tap.ok(stat.S_IMODE(os.stat(where).st_mode) == 0o700,
           'which is its owner\'s only')
    tool.expect('a second init changes nothing', ['init', where], repo='',
                out=re.compile(rb'^there is a repository already in'))
    tool.expect('unless it asks for another hash',
                ['init', where, '--hash', 'sha256'], repo='', status=USAGE,
                err='its hash is sha1')
    tool.expect('sha256', ['init', '--hash', 'sha256', tool.path('256.git')],
                repo='', out=re.compile(rb'\(sha256\)\n$'))
    tap.ok(tool.git('rev-parse', '--show-object-format',
                    repo=tool.path('256.git')) == b'sha256\n',
           'git sees it too')
    tool.expect('an unknown hash', ['init', '--hash', 'md5', 'x'], repo='',
                status=USAGE, err="--hash is sha1 or sha256, not 'md5'")
    tool.expect('shared with the group',
                ['init', '--shared', 'group', tool.path('shared.git')],
                repo='')
    tap.ok(stat.S_IMODE(os.stat(tool.path('shared.git')).st_mode) & 0o070 ==
           0o070, 'the group may write')
    tool.expect('with a branch of one\'s own',
                ['-b', 'trunk', 'init', tool.path('trunk.git')], repo='')
    tap.ok(tool.git('symbolic-ref', 'HEAD', repo=tool.path('trunk.git')) ==
           b'refs/heads/trunk\n', 'HEAD names it')
    answer = tool.expect('as JSON', ['init', '--json', tool.path('j.git')],
                         repo='')
    made = json.loads(answer.out)
    tap.ok(made['result'] == 'done' and made['hash'] == 'sha1' and
           made['location'].endswith('/j.git'), 'which tells the same', made)
    os.mkdir(tool.path('full'))
    with open(tool.path('full', 'file'), 'w', encoding='ascii') as file:
        file.write('x')
    answer = tool.run('init', tool.path('full'), repo='')
    tap.ok(answer.status != DONE and os.listdir(tool.path('full')) == ['file'],
           'a folder with something else in it is left alone', answer)


# (name, arguments, standard input, status, standard output, standard error)
VALUES = [
    ('nothing is there', ['get', 'a'], b'', NO, b'', 'get a: nothing is there'),
    ('set', ['set', 'a', '1'], b'', DONE, b'', ''),
    ('get', ['get', 'a'], b'', DONE, b'1', ''),
    ('set from standard input', ['set', 'b/c'], b'\x00\xff\n\r\n', DONE, b'', ''),
    ('get gives the very bytes', ['get', 'b/c'], b'', DONE, b'\x00\xff\n\r\n',
     ''),
    ('an empty value', ['set', 'b/empty', ''], b'', DONE, b'', ''),
    ('which is there', ['get', 'b/empty'], b'', DONE, b'', ''),
    ('empty standard input', ['set', 'b/none'], b'', DONE, b'', ''),
    ('is a value too', ['get', 'b/none'], b'', DONE, b'', ''),
    ('a value that begins with a dash', ['set', '--', 'dash', '-1'], b'', DONE,
     b'', ''),
    ('comes back', ['get', 'dash'], b'', DONE, b'-1', ''),
    ('a directory has no value', ['get', 'b'], b'', NO, b'',
     'get b: it is a directory'),
    ('slashes more than needed', ['get', '/b//c/'], b'', DONE,
     b'\x00\xff\n\r\n', ''),
    ('.git is refused', ['set', 'x/.git/y', '1'], b'', USAGE, b'', r'\.git'),
    ('and ..', ['set', '../y', '1'], b'', USAGE, b'', r'\.\.'),
    ('and a value at the root', ['set', '', '1'], b'', USAGE, b'', 'irmin: '),
    ('expected, and there', ['set', 'a', '2', '--expect', '1'], b'', DONE, b'',
     ''),
    ('expected, but stale', ['set', 'a', '3', '--expect', '1'], b'', STALE,
     b'', 'set a: not what was expected: "2" is there'),
    ('expected, but absent', ['set', 'no', '3', '--expect', '1'], b'', STALE,
     b'', 'set no: nothing is there, but a value was expected'),
    ('expected absent, but there', ['set', 'a', '3', '--expect-absent'], b'',
     STALE, b'', '"2" is there'),
    ('expected absent, and absent', ['set', 'new', '3', '--expect-absent'],
     b'', DONE, b'', ''),
    ('an executable', ['set', 'run', 'x', '--mode', 'exec'], b'', DONE, b'',
     ''),
    ('a symlink', ['set', 'link', 'run', '--mode', 'symlink'], b'', DONE, b'',
     ''),
    ('get gives its target', ['get', 'link'], b'', DONE, b'run', ''),
    ('mode and expectation, stale',
     ['set', 'run', 'y', '--mode', 'file', '--expect', 'z'], b'', STALE, b'',
     '"x" is there'),
    ('mode and expectation, absent',
     ['set', 'no', 'y', '--mode', 'file', '--expect', 'z'], b'', STALE, b'',
     'nothing is there'),
    ('mode and expectation, held',
     ['set', 'run', 'y', '--mode', 'exec', '--expect', 'x'], b'', DONE, b'',
     ''),
    ('an unknown mode', ['set', 'run', 'y', '--mode', 'blue'], b'', USAGE, b'',
     "not 'blue'"),
    ('rm', ['rm', 'new'], b'', DONE, b'', ''),
    ('rm of nothing', ['rm', 'new'], b'', NO, b'', 'rm new: nothing was there'),
    ('rm of several nothings', ['rm', 'n', 'o'], b'', NO, b'',
     'nothing was there'),
    ('rm of a directory and of nothing', ['rm', 'b', 'gone'], b'', DONE, b'',
     'rm gone: nothing was there'),
    ('removed it whole', ['ls'], b'', DONE, b'a\ndash\nlink\nrun\n', ''),
]


def check_values(tap, tool):
    tool.init()
    for name, args, given, status, out, err in VALUES:
        tool.expect(name, args, status, out, err, given=given)
    tap.ok(tool.git('ls-tree', 'HEAD', 'run', 'link').split()[0::4] ==
           [b'120000', b'100755'], 'git sees the modes',
           tool.git('ls-tree', 'HEAD'))
    before = tool.git('rev-parse', 'HEAD')
    tool.expect('setting what is there', ['set', 'a', '2'])
    tap.ok(tool.git('rev-parse', 'HEAD') == before, 'makes no commit')
    tool.expect('unless it may be empty', ['set', 'a', '2', '--allow-empty'])
    tap.ok(tool.git('rev-parse', 'HEAD^') == before, 'then it does')
    tool.git('fsck', '--strict')
    count = len(tool.git('rev-list', 'HEAD').split())
    tool.expect('several paths', ['rm', 'run', 'link', 'dash'])
    tap.ok(len(tool.git('rev-list', 'HEAD').split()) == count + 1,
           'are removed by one commit')


def check_commits(tap, tool):
    tool.init('who.git')
    tool.run('set', 'a/b', '1')
    show = ['log', '-1', '--format=%an|%ae|%cn|%ce|%s']
    tap.ok(tool.git(*show) ==
           b'Ann|ann@example.org|Carl|carl@example.org|set a/b\n',
           'author and committer of the environment, a message of our own',
           tool.git(*show))
    tool.run('set', 'a/b', '2', '-m', 'why', '--author', 'Eve <eve@x>')
    tap.ok(tool.git(*show) == b'Eve|eve@x|Carl|carl@example.org|why\n',
           'author and message of the options', tool.git(*show))
    dates = {'GIT_AUTHOR_DATE': '2005-04-07T22:13:13+0200',
             'GIT_COMMITTER_DATE': '@1234567890 -0330'}
    tool.run('set', 'a/b', '3', env=dates)
    show = ['log', '-1', '--format=%ad|%cd', '--date=raw']
    tap.ok(tool.git(*show) == b'1112904793 +0200|1234567890 -0330\n',
           'and the dates of the environment', tool.git(*show))
    for text in ['Thu, 07 Apr 2005 22:13:13 +0200', '1112904793 +0200',
                 '2005-04-07 22:13:13 +02:00', '2005-04-07T22:13:13.5+02',
                 'Thu Apr 7 22:13:13 2005 +0200']:
        tool.run('set', 'a/b', text, env={'GIT_AUTHOR_DATE': text})
        tap.ok(tool.git(*show).startswith(b'1112904793 +0200|'), f'{text!r}',
               tool.git(*show))
    tool.git('config', 'user.name', 'Con Fig')
    tool.git('config', 'user.email', 'con@fig')
    nobody = {name: None for name in tool.env if name.startswith('GIT_')}
    show = ['log', '-1', '--format=%an|%ae|%cn|%ce']
    for env, want in [
            ({}, b'Con Fig|con@fig|Con Fig|con@fig\n'),
            ({'GIT_AUTHOR_NAME': 'Half'}, b'Half|con@fig|Con Fig|con@fig\n'),
            ({'GIT_COMMITTER_EMAIL': 'h@lf'},
             b'Con Fig|con@fig|Con Fig|h@lf\n'),
            ({'GIT_AUTHOR_NAME': ' <Odd>\n'}, b'Odd|con@fig|Con Fig|con@fig\n')]:
        tool.run('set', 'a/b', repr(env), env={**nobody, **env})
        tap.ok(tool.git(*show) == want, f'the config beside {env}',
               tool.git(*show))
    tool.expect('what is no date', ['set', 'a/b', 'x'], USAGE, b'',
                "GIT_AUTHOR_DATE 'soon' is no date",
                env={'GIT_AUTHOR_DATE': 'soon'})
    tool.expect('an author git refuses',
                ['set', 'a/b', 'x', '--author', 'no address'], USAGE, b'',
                'irmin: ')
    tool.git('fsck', '--strict')


ODD_NAMES = [b'a b', b'a\tb', 'ü'.encode(), b'\xff', b'q"q', b'back\\slash',
             b'\x01', b'line\nfeed', b'\x7f', b"'"]


def check_ls(tap, tool):
    tool.init('names.git')
    for name in ODD_NAMES:
        tool.run('set', name, 'x')
        tool.run('set', b'dir/' + name + b'/leaf', 'x')
    tool.run('set', 'exec', 'x', '--mode', 'exec')
    listed = tool.expect('ls -r', ['ls', '-r'])
    tap.ok(listed.out == tool.git('ls-tree', '-r', '--name-only', 'HEAD'),
           'quotes as git does', listed.out)
    listed = tool.expect('ls -r -z', ['ls', '-r', '-z'])
    tap.ok(listed.out == tool.git('ls-tree', '-r', '-z', '--name-only', 'HEAD'),
           'gives raw names', listed.out)
    listed = tool.expect('ls -r -l', ['ls', '-r', '-l'])
    tap.ok(listed.out == tool.git('ls-tree', '-r', '-l', 'HEAD'),
           'tells mode, type, id and size as git does', listed.out)
    tool.expect('ls of a directory is relative to it, directories with a slash',
                ['ls', 'dir', '-z'],
                out=b''.join(name + b'/\0' for name in sorted(ODD_NAMES)))
    tool.expect('ls of a value', ['ls', 'exec'], out=b'exec\n')
    tool.expect('ls of nothing', ['ls', 'nothing'], NO, b'',
                'ls nothing: nothing is there')
    entries = json.loads(tool.run('ls', '-l', '--json').out)
    tap.ok([entry['kind'] for entry in entries if entry['name'] in
            ('dir', 'exec', 'a b')] == ['file', 'directory', 'executable'],
           'JSON tells the kinds', entries)
    names = {base64.b64decode(entry['name']['base64'])
             if isinstance(entry['name'], dict) else entry['name'].encode()
             for entry in entries}
    tap.ok(names == set(ODD_NAMES) | {b'dir', b'exec'},
           'and every name, base64 where it is no UTF-8', names)
    tap.ok(all(entry.get('size') == 1 for entry in entries
               if entry['kind'] != 'directory'), 'and sizes')
    tool.expect('ls at a revision', ['ls', '--at', 'HEAD~1', 'exec'], NO, b'',
                'nothing is there')
    tool.expect('ls of an empty repository', ['ls'], out=b'',
                repo=tool.path('j.git'))


TREE = '''.
├── dir
│   ├── sub
│   │   └── "line\\nfeed"
│   └── x
├── link -> dir/x
└── ü

2 directories, 4 values
'''


def check_tree(tap, tool):
    tool.init('tree.git')
    for path in ['dir/sub/line\nfeed', 'dir/x', 'ü']:
        tool.run('set', path, '1')
    tool.run('set', 'link', 'dir/x', '--mode', 'symlink')
    tool.expect('tree', ['tree'], out=TREE.encode())
    tool.expect('without UTF-8', ['tree', '--depth', '1'],
                out='.\n|-- dir\n|-- link -> dir/x\n`-- ü\n\n'
                    '1 directory, 2 values\n'.encode(), env={'LC_ALL': 'C'})
    tool.expect('of a directory', ['tree', 'dir/sub'],
                out='dir/sub\n└── "line\\nfeed"\n\n0 directories, 1 value\n'
                .encode())
    tool.expect('of a value', ['tree', 'dir/x'], NO, b'', 'it is no directory')
    tool.expect('of nothing', ['tree', 'no'], NO, b'', 'nothing is there')
    tool.expect('no depth', ['tree', '--depth', '0'], USAGE, b'',
                '--depth is 1 or more')
    tree = json.loads(tool.run('tree', '--json').out)
    tap.ok([entry['name'] for entry in tree] == ['dir', 'link', 'ü'] and
           [entry['name'] for entry in tree[0]['entries']] == ['sub', 'x'],
           'as JSON it is nested', tree)


def check_json(tap, tool):
    tool.init('json.git')
    done = json.loads(tool.run('set', 'a', 'ü\n"', '--json').out)
    head = tool.git('rev-parse', 'HEAD').decode().strip()
    tap.ok(done == {'result': 'done', 'branch': 'main', 'head': head},
           'set tells the head', done)
    done = json.loads(tool.run('set', 'a', 'ü\n"', '--json').out)
    tap.ok(done['result'] == 'unchanged', 'and that nothing changed', done)
    value = json.loads(tool.run('get', 'a', '--json').out)
    tap.ok(value['value'] == 'ü\n"' and value['size'] == 4 and
           value['mode'] == '100644' and value['path'] == 'a', 'get', value)
    for raw in [b'\xff\xfe', b'\xc3', b'\xed\xa0\x80', b'\xc0\x80',
                b'\xf4\x90\x80\x80', b'a\xe2\x28\xa1']:
        tool.run('set', 'raw', given=raw)
        value = json.loads(tool.run('get', 'raw', '--json').out)
        tap.ok(base64.b64decode(value['value']['base64']) == raw,
               f'{raw!r} as base64', value)
    text = ''.join(map(chr, list(range(0x100)) + [0x202e, 0xffff, 0x1f600]))
    tool.run('set', 'text', given=text.encode())
    answer = tool.run('get', 'text', '--json')
    tap.ok(json.loads(answer.out)['value'] == text, 'every kind of character')
    tap.ok(not any(c < 32 and c != 10 or c == 127 for c in answer.out),
           'without a control character in the answer')
    done = json.loads(tool.run('rm', 'text', 'raw', 'none', '--json').out)
    tap.ok(done['removed'] == 2, 'rm tells how many', done)
    stale = tool.run('set', 'a', '1', '--expect', 'no', '--json')
    error = json.loads(stale.err)['error']
    tap.ok(stale.status == STALE and stale.out == b'' and
           error['code'] == 'ESTALE' and error['was'] == 'ü\n"' and
           error['path'] == 'a', 'a stale one tells what was there', error)


def main():
    tap = Tap()
    with Tool(tap) as tool:
        for check in [check_init, check_values, check_commits, check_ls,
                      check_tree, check_json]:
            check(tap, tool)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
