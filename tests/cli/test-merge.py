#!/usr/bin/python3
"""merge, conflicts, resolve: branches become one, beside what git says of it."""

import json
import re
import sys

from tool import CONFLICT, DONE, FAILURE, NO, STALE, USAGE, Tap, Tool

WAITING = 'refs/irmin/conflict/main'


def text(answer):
    return answer.decode().strip()


def rev(tool, name):
    return text(tool.git('rev-parse', name))


def parents(tool, name='main'):
    return text(tool.git('log', '-1', '--format=%P', name)).split()


def waits(tool):
    return bool(tool.git('for-each-ref', WAITING))


def table(answer):
    """-> {path: [kind, words]}"""
    rows = [re.split(r'  +', line, maxsplit=2) for line in
            answer.out.decode('utf-8', 'replace').splitlines()]
    return {row[0]: row[1:] for row in rows}


def fork(tool, name, before, ours, theirs):
    """A repository whose branches main and dev changed what `before` says; values
    are bytes, None is nothing."""
    tool.init(name)
    for path, value in before.items():
        tool.run('set', path, given=value)
    tool.run('branch', 'dev')
    for branch, values in [('main', ours), ('dev', theirs)]:
        for path, value in values.items():
            if value is None:
                tool.run('-b', branch, 'rm', path)
            else:
                tool.run('-b', branch, 'set', path, given=value)


def fork_in_conflict(tool, name):
    """One conflict of most kinds, and what merges."""
    fork(tool, name,
         before={'a': b'1\n', 'b/c': b'1', 'b/d': b'1', 'e': b'1', 'same': b'1'},
         ours={'a': b'2\n', 'b/c': None, 'b/d': b'2', 'e': b'2', 'new': b'x',
               'same': b'2'},
         theirs={'a': b'3\n', 'b/c': b'3', 'b/d': b'2', 'e/f': b'3', 'new': b'y',
                 'theirs': b'3'})


KINDS = {'a': 'content', 'b/c': 'modify/delete', 'e': 'file/directory',
         'new': 'add/add'}


def check_clean(tap, tool):
    fork(tool, 'clean.git', before={'a/b': b'1', 'c': b'1', 'gone': b'1'},
         ours={'a/b': b'2'}, theirs={'c': b'3', 'gone': None, 'a/new': b'4'})
    ours, theirs = rev(tool, 'main'), rev(tool, 'dev')
    tree = text(tool.git('merge-tree', '--write-tree', 'main', 'dev'))
    tool.expect('a merge', ['merge', 'dev', '-m', 'why', '--author',
                            'Eve <eve@example.org>'],
                out=re.compile(rb'^merged dev into main at [0-9a-f]{10}\n$'))
    tap.ok(rev(tool, 'main^{tree}') == tree, 'its tree is that of git merge-tree')
    tap.ok(parents(tool) == [ours, theirs], 'its parents are ours and theirs')
    tap.ok(text(tool.git('log', '-1', '--format=%an %s')) == 'Eve why',
           'who and why')
    tool.expect('once more', ['merge', 'dev'], out=b'main has dev already\n')
    answer = json.loads(tool.run('merge', 'dev', '--json').out)
    tap.ok(answer == {'result': 'unchanged', 'branch': 'main',
                      'head': rev(tool, 'main'), 'fast_forward': False,
                      'conflicts': []}, 'as JSON', answer)
    tool.expect('forward', ['-b', 'dev', 'merge', 'main'], out=re.compile(
        rb'^moved dev forward to main at [0-9a-f]{10}\n$'))
    tap.ok(rev(tool, 'dev') == rev(tool, 'main'), 'is a move only')
    tool.run('set', 'c', '5')
    answer = json.loads(tool.run('-b', 'dev', 'merge', 'main', '--no-ff',
                                 '--json').out)
    tap.ok(answer['result'] == 'done' and answer['branch'] == 'dev' and
           answer['fast_forward'] is False and
           answer['head'] == rev(tool, 'dev') and
           len(parents(tool, 'dev')) == 2, '--no-ff makes a commit', answer)
    tap.ok("'main'" in text(tool.git('log', '-1', '--format=%s', 'dev')),
           'whose message names the branch',
           tool.git('log', '-1', '--format=%s', 'dev'))
    tool.expect('a commit by its id', ['-b', 'fresh', 'merge', ours[:12]],
                out=re.compile(rb'^moved fresh forward to '))
    tap.ok(rev(tool, 'fresh') == ours, 'makes a branch that was not there')
    tool.expect('no such branch', ['merge', 'nowhere'], FAILURE, b'', 'nowhere')
    tool.expect('a branch without commits', ['-b', 'x', 'merge', '@'], FAILURE,
                b'', 'there is no revision refs/heads/x')
    tool.git('fsck', '--strict')


def check_conflicts(tap, tool):
    fork_in_conflict(tool, 'conflict.git')
    ours, theirs = rev(tool, 'main'), rev(tool, 'dev')
    answer = tool.expect('conflicts', ['merge', 'dev'], CONFLICT, None,
                         '^irmin: merge dev: 4 conflicts, and main stays; ')
    tap.ok({path: row[0] for path, row in table(answer).items()} == KINDS and
           all(len(row) == 2 and row[1] for row in table(answer).values()),
           'are a table: path, kind, words', answer.out)
    tap.ok(rev(tool, 'main') == ours and waits(tool), 'the branch stays')
    tool.git('fsck', '--strict')
    tap.ok(tool.expect('again', ['conflicts']).out == answer.out, 'as before')
    listed = json.loads(tool.run('conflicts', '--json').out)
    by_path = {item['path']: item for item in listed}
    base = text(tool.git('merge-base', 'main', 'dev'))
    tap.ok({path: item['conflict'] for path, item in by_path.items()} == KINDS and
           not any(item['resolved'] for item in listed) and
           by_path['b/c']['ours'] is None and
           by_path['e']['theirs']['kind'] == 'directory' and
           by_path['new']['base'] is None and
           by_path['a']['base'] == {'kind': 'file', 'mode': '100644',
                                    'id': rev(tool, f'{base}:a')},
           'as JSON', listed)
    tool.expect('one of them', ['conflicts', 'a'], out=re.compile(
        rb'^a: content: .+\n\nbase: file, 2 bytes\n1\n\nours: file, 2 bytes\n2\n\n'
        rb'theirs: file, 2 bytes\n3\n$'))
    tool.expect('with a side that is nothing', ['conflicts', 'b/c'],
                out=re.compile(rb'\nours: nothing\n\ntheirs: file, 1 byte\n3\n$'))
    tool.expect('or a directory', ['conflicts', 'e'],
                out=re.compile(rb'\ntheirs: directory\n$'))
    shown = json.loads(tool.run('conflicts', 'a', '--json').out)
    tap.ok(shown['theirs']['value'] == '3\n' and shown['message'],
           'as JSON, with its values', shown)
    for side, value in [('--base', b'1\n'), ('--ours', b'2\n'),
                        ('--theirs', b'3\n')]:
        tool.expect(f'the bytes of {side}', ['conflicts', 'a', side], out=value)
    tool.expect('of a side that is nothing', ['conflicts', 'b/c', '--ours'], NO,
                b'', 'conflicts b/c --ours: it is nothing')
    tool.expect('of a directory', ['conflicts', 'e', '--theirs'], NO, b'',
                'it is a directory')
    tool.expect('where none is', ['conflicts', 'same'], NO, b'',
                'conflicts same: there is no conflict')
    tool.expect('another merge', ['merge', theirs], NO, b'',
                'another merge into main waits; .*conflicts.*resolve.*--abort')
    tool.expect('to commit it now', ['resolve', '--commit'], CONFLICT, b'',
                'irmin: ')
    tap.ok(rev(tool, 'main') == ours, 'does not move the branch')


def check_resolve(tap, tool):
    """Goes on where check_conflicts ended."""
    ours, theirs = rev(tool, 'main'), rev(tool, 'dev')
    tool.expect('a value', ['resolve', 'a', '--value', 'mine'],
                out=b'3 conflicts are left\n')
    tap.ok(table(tool.run('conflicts'))['a'] == ['content', 'resolved'],
           'is marked')
    tool.expect('one that is none', ['resolve', 'new', 'same', '--ours'], NO, b'',
                'resolve same: there is no conflict')
    tap.ok(table(tool.run('conflicts'))['new'][1] != 'resolved',
           'and none of them is resolved')
    answer = json.loads(tool.run('resolve', 'e', '--theirs', '--json').out)
    tap.ok(answer == {'result': 'done', 'branch': 'main', 'head': ours, 'left': 2},
           'as JSON', answer)
    with open(tool.path('value'), 'wb') as file:
        file.write(b'of\0file\n')
    tool.expect('a file', ['resolve', 'new', '--file', tool.path('value')],
                out=b'1 conflict is left\n')
    tool.expect('a file that is not there', ['resolve', 'new', '--file', 'none'],
                FAILURE, b'', 'open none: No such file')
    tool.expect('nothing', ['resolve', 'b/c', '--remove'],
                out=re.compile(rb'^all is resolved; .*resolve --commit'))
    tool.git('fsck', '--strict')
    copy = tool.path('elsewhere.git')
    tool.run('copy', tool.repo, copy, repo='')
    here, tool.repo = tool.repo, copy
    tool.expect('in another way, elsewhere',
                ['resolve', 'a', '--ours', '--commit', '-m', 'by hand'],
                out=re.compile(rb'^merged into main at [0-9a-f]{10}\n$'))
    tap.ok(tool.git('show', 'main:a') == b'2\n' and
           parents(tool) == [ours, theirs] and not waits(tool),
           'is the merge, and none waits')
    tool.git('fsck', '--strict')
    tool.repo = here
    answer = json.loads(tool.run('resolve', '--commit', '--json').out)
    tap.ok(answer == {'result': 'done', 'branch': 'main',
                      'head': rev(tool, 'main')}, 'here too', answer)
    tap.ok(parents(tool) == [ours, theirs] and not waits(tool), 'likewise')
    tap.ok("'dev'" in text(tool.git('log', '-1', '--format=%s')),
           'and its message names the branch', tool.git('log', '-1'))
    names = text(tool.git('ls-tree', '-r', '--name-only', 'main')).split()
    tap.ok(names == ['a', 'b/d', 'e/f', 'new', 'same', 'theirs'] and
           tool.git('show', 'main:a') == b'mine' and
           tool.git('show', 'main:new') == b'of\0file\n' and
           tool.git('show', 'main:b/d') == b'2' and
           tool.git('show', 'main:theirs') == b'3', 'holds what was asked for',
           names)
    tool.git('fsck', '--strict')


def check_none(tap, tool):
    for args in [['conflicts'], ['conflicts', 'a', '--ours'],
                 ['resolve', 'a', '--ours'], ['resolve', '--commit'],
                 ['resolve', '--abort'], ['merge', '--abort']]:
        tool.expect(f'{args}: none waits', args, NO, b'',
                    f'^irmin: {args[0]}.*: no merge into main waits')


def check_abort(tap, tool):
    fork_in_conflict(tool, 'abort.git')
    for args in [['merge', '--abort'], ['resolve', '--abort']]:
        tool.run('merge', 'dev')
        tap.ok(waits(tool), 'a merge waits')
        tool.expect(f'{args}', args, out=b'forgot the merge into main\n')
        tap.ok(not waits(tool), 'it is forgotten')
    tool.run('merge', 'dev')
    answer = json.loads(tool.run('merge', '--abort', '--json').out)
    tap.ok(answer['result'] == 'done' and answer['head'] == rev(tool, 'main'),
           'as JSON', answer)


def check_foreign(tap, tool):
    """What waits was not saved by us."""
    tool.git('update-ref', WAITING, 'main')
    for args in [['conflicts'], ['merge', 'dev'], ['resolve', 'a', '--ours']]:
        tool.expect(f'{args}: it is not ours', args, FAILURE, b'', '^irmin: .+')
    tool.expect('but can be forgotten', ['merge', '--abort'],
                out=b'forgot the merge into main\n')


def check_stale(tap, tool):
    tool.run('merge', 'dev')
    tool.expect('all of it', ['resolve', 'a', 'b/c', 'e', 'new', '--ours'])
    tool.run('set', 'meanwhile', '1')
    head = rev(tool, 'main')
    tool.expect('the branch moved', ['resolve', '--commit'], STALE, b'', 'irmin: ')
    tap.ok(rev(tool, 'main') == head and waits(tool), 'nothing is done or lost')
    tool.run('resolve', '--abort')


def check_policy(tap, tool):
    for policy, side in [('ours', 'main'), ('theirs', 'dev')]:
        fork_in_conflict(tool, f'{policy}.git')
        want = {path: tool.run('-b', side, 'get', path).out
                for path in ['a', 'new', 'b/c']}
        answer = tool.expect(f'--policy {policy}',
                             ['merge', 'dev', '--policy', policy],
                             out=re.compile(rb'^merged dev into main at '))
        rows = table(answer)
        tap.ok(all(rows[path] == [kind, 'resolved'] for path, kind in
                   KINDS.items()), 'tells what it decided', answer.out)
        got = {path: tool.run('get', path).out for path in want}
        tap.ok(got == want and tool.run('get', 'theirs').out == b'3' and
               len(parents(tool)) == 2 and not waits(tool), 'and commits', got)
    fork_in_conflict(tool, 'json.git')
    answer = json.loads(tool.run('merge', 'dev', '--policy=ours', '--json').out)
    tap.ok(answer['result'] == 'done' and
           all(item['resolved'] for item in answer['conflicts']) and
           len(answer['conflicts']) == 4, 'as JSON', answer)
    fork_in_conflict(tool, 'fail.git')
    answer = tool.run('merge', 'dev', '--policy', 'fail', '--json')
    told = json.loads(answer.out)
    tap.ok(answer.status == CONFLICT and told['result'] == 'conflict' and
           told['head'] == rev(tool, 'main') and len(told['conflicts']) == 4 and
           json.loads(answer.err)['error']['code'] == 'ECONFLICT',
           'a conflict as JSON', answer)


def check_rules(tap, tool):
    fork(tool, 'rules.git',
         before={'n/a': b'10\t0000000000000001', 'tags': b'a\nb\n',
                 'x.json': b'{"a":1}', 'd/x.json': b'{"a":1}', 'n/x=y': b'1',
                 'lines': b'1\n2\n3\n4\n5\n'},
         ours={'n/a': b'11\t0000000000000002', 'tags': b'a\nb\nc\n',
               'x.json': b'{"a":1,"b":2}', 'd/x.json': b'{"a":2}',
               'n/x=y': b'2', 'lines': b'one\n2\n3\n4\n5\n'},
         theirs={'n/a': b'11\t0000000000000004', 'tags': b'b\n',
                 'x.json': b'{"a":1,"c":3}', 'd/x.json': b'{"a":1,"z":0}',
                 'n/x=y': b'3', 'lines': b'1\n2\n3\n4\nfive\n'})
    ours = rev(tool, 'main')
    tool.expect('without rules', ['merge', 'dev'], CONFLICT, None, '6 conflicts')
    tool.run('merge', '--abort')
    rules = ['n/a=counter', 'tags=set', '**/*.json=json', 'n/x=y=int-min',
             'lines=bytes', 'l*=text']
    rules = [word for rule in rules for word in ('--rule', rule)]
    tool.expect('with rules', ['merge', 'dev'] + rules,
                out=re.compile(rb'^merged dev into main at '))
    for path, value in [('n/a', b'12\t0000000000000007'), ('tags', b'b\nc\n'),
                        ('x.json', b'{"a":1,"b":2,"c":3}'),
                        ('d/x.json', b'{"a":2,"z":0}'), ('n/x=y', b'2'),
                        ('lines', b'one\n2\n3\n4\nfive\n')]:
        tool.expect(f'{path} is merged', ['get', path], out=value)
    tap.ok(parents(tool)[0] == ours, 'in one commit')
    fork(tool, 'bad.git', before={'n': b'1\n'}, ours={'n': b'2'},
         theirs={'n': b'3\n'})
    answer = tool.expect('a value that is none of its type',
                         ['merge', 'dev', '--rule', 'n=int-max'], CONFLICT, None,
                         '1 conflict,')
    tap.ok(table(answer)['n'][0] == 'content', 'is a conflict', answer.out)


def check_unrelated(tap, tool):
    tool.init('unrelated.git')
    tool.run('set', 'a', '1')
    tool.run('-b', 'other', 'set', 'b', '2')
    head = rev(tool, 'main')
    tool.expect('unrelated histories', ['merge', 'other'], FAILURE, b'',
                'irmin: merge other: .*--unrelated')
    tap.ok(rev(tool, 'main') == head, 'are not merged')
    tool.expect('a wrong author is another matter',
                ['merge', 'other', '--unrelated', '--author', 'nobody'], USAGE,
                b'', 'nobody')
    tool.expect('unless asked to', ['merge', 'other', '--unrelated'],
                out=re.compile(rb'^merged other into main'))
    tap.ok(tool.run('get', 'a').out + tool.run('get', 'b').out == b'12',
           'then both are there')


def check_odd(tap, tool):
    odd = [b'esc\x1b[2J', b'tab\tnew\nline', b'\xff\xfe', 'ü'.encode(), b' sp  ace ']
    fork(tool, 'odd.git', before={path: b'1' for path in odd},
         ours={path: b'2\x1b\xff' for path in odd},
         theirs={path: b'3' for path in odd})
    answer = tool.expect('odd paths', ['merge', 'dev'], CONFLICT, None,
                         '5 conflicts')
    tap.ok(b'\x1b' not in answer.out and b'\\xff\\xfe' in answer.out and
           len(answer.out.splitlines()) == 5, 'are shown in a line each',
           answer.out)
    listed = [item['path'] for item in
              json.loads(tool.run('conflicts', '--json').out)]
    tap.ok({'base64': '//4='} in listed and 'tab\tnew\nline' in listed,
           'and exactly in JSON', listed)
    for left, path in zip([4, 3, 2, 1, 0], odd):
        tool.expect(f'{path!r} is found', ['conflicts', path, '--ours'],
                    out=b'2\x1b\xff')
        tool.expect('and resolved', ['resolve', path, '--theirs'],
                    out=re.compile(b'^%d ' % left if left else b'^all'))
    tool.expect('to the end', ['resolve', '--commit'], out=re.compile(rb'^merged'))
    tool.expect('a path in another form', ['merge', '--abort'], NO, b'',
                'no merge')


def check_large(tap, tool):
    """A side that is larger than what is read whole."""
    large = b'0123456789abcdef' * (9 << 16)
    fork(tool, 'large.git', before={'v': b'1'}, ours={'v': b'2'},
         theirs={'v': large})
    tool.expect('a large conflict', ['merge', 'dev'], CONFLICT, None, '1 conflict')
    answer = tool.run('conflicts', 'v', '--theirs')
    tap.ok(answer.status == DONE and answer.out == large, 'is written whole')
    with open(tool.path('large'), 'wb') as file:
        file.write(large)
    tool.expect('too large a resolution',
                ['resolve', 'v', '--file', tool.path('large')], FAILURE, b'',
                'larger than 8 MiB; take a side')
    tool.expect('taken', ['resolve', 'v', '--theirs', '--commit'],
                out=re.compile(rb'^merged'))
    tap.ok(tool.git('show', 'main:v') == large, 'is there')


def check_places(tap, tool):
    """Where a merge cannot go."""
    fork_in_conflict(tool, 'places.git')
    tool.git('update-ref', '--no-deref', 'HEAD', 'main')
    tool.expect('a detached HEAD', ['merge', 'dev'], NO, b'',
                'merge: HEAD is detached')
    tool.expect('but a branch', ['-b', 'main', 'merge', 'dev'], CONFLICT, None,
                'main stays')
    tool.expect('whose conflicts', ['-b', 'main', 'conflicts', 'a', '--ours'],
                out=b'2\n')
    tool.expect('are its own', ['-b', 'dev', 'conflicts'], NO, b'',
                'no merge into dev waits')
    read_only = f'git:{tool.repo}?readonly=1'
    tool.expect('reading is enough to see them', ['-b', 'main', 'conflicts', 'a'],
                out=re.compile(rb'^a: content'), repo=read_only)
    tool.expect('but not to resolve', ['-b', 'main', 'resolve', 'a', '--ours'],
                FAILURE, b'', 'irmin: ', repo=read_only)


WRONG = [
    (['merge'], 'merge what'),
    (['merge', 'a', 'b'], "'b' is too much"),
    (['merge', 'a', '--abort'], '--abort takes no REV'),
    (['merge', 'dev', '--policy', 'mine'],
     "--policy is ours, theirs or fail, not 'mine'"),
    (['merge', 'dev', '--polcy', 'ours'], 'did you mean --policy'),
    (['merge', 'dev', '--rule', 'x'], "--rule is PATTERN=TYPE, not 'x'"),
    (['merge', 'dev', '--rule', 'x=conter'],
     "there is no type 'conter', did you mean 'counter'"),
    (['merge', 'dev', '--rule', 'x=blue-green'], "there is no type 'blue-green';"),
    (['merge', 'dev', '--rule'], '--rule wants a value'),
    (['merge', 'dev', '--rule', '=set'], 'pattern'),
    (['merge', 'dev', '--rule', 'a//b=set'], None),
    (['conflicts', '--ours'], '--ours wants a PATH'),
    (['conflicts', 'a', '--ours', '--base'], 'exclude each other'),
    (['conflicts', 'a', '--ours', '--json'], '--json shows all sides'),
    (['conflicts', 'a', 'b'], "'b' is too much"),
    (['resolve'], 'a PATH and how, or --commit, or --abort'),
    (['resolve', 'a'], 'how?'),
    (['resolve', '--ours'], 'which PATH'),
    (['resolve', 'a', '--ours', '--theirs'], 'exclude each other'),
    (['resolve', 'a', '--value', 'x', '--remove'], 'exclude each other'),
    (['resolve', '--abort', '--commit'], '--abort stands alone'),
    (['resolve', 'a', '--ours', '--abort'], '--abort stands alone'),
]


def check_words(tap, tool):
    fork_in_conflict(tool, 'words.git')
    for args, words in WRONG:
        if words:
            tool.expect(f'{args}', args, USAGE, b'',
                        '^(irmin: |{"error").*' + words)
    tap.ok(not waits(tool), 'nothing came of it')
    told = ' '.join(text(tool.run('merge', '--help').out).split())
    types = re.search(r'A TYPE is one of ([^.]+)\.', told)[1].split(', ')
    for name in types:
        tool.expect(f'the type {name} is known',
                    ['merge', 'nowhere', '--rule', f'x={name}'], FAILURE, b'',
                    'nowhere')
    tap.ok(len(types) == 14, 'they are told', types)


def main():
    tap = Tap()
    with Tool(tap) as tool:
        for check in [check_clean, check_conflicts, check_resolve, check_none,
                      check_abort, check_foreign, check_stale, check_policy,
                      check_rules, check_unrelated, check_odd, check_large,
                      check_places, check_words]:
            check(tap, tool)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
