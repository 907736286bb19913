#!/usr/bin/python3
"""log, show, diff, branch, head: history, beside what git says of it."""

import json
import os
import random
import re
import subprocess
import sys

from tool import DONE, FAILURE, NO, STALE, USAGE, Tap, Tool


def lines(answer):
    return answer.decode().split()


def check_log(tap, tool):
    tool.init()
    tool.expect('no commit yet', ['log'], NO, b'',
                'there is no commit on main yet')
    for i in range(1, 6):
        tool.run('set', f'd/{i % 2}', str(i), '-m', f'number {i}\n\nbody {i}\n',
                 env={'GIT_AUTHOR_DATE': f'{1112911993 + i} -0730',
                      'GIT_COMMITTER_DATE': f'{1112911993 + i} +0100'})
    ids = lines(tool.git('log', '--format=%H'))
    plain = ['-c', 'log.decorate=no', 'log']
    tool.expect('log is that of git', ['log'], out=tool.git(*plain))
    tool.expect('log -n', ['log', '-n', '2'], out=tool.git(*plain, '-2'))
    tool.expect('log of a revision', ['log', 'HEAD~3'],
                out=tool.git(*plain, 'HEAD~3'))
    tool.expect('log of a path', ['log', '--', 'd/0'],
                out=tool.git(*plain, '--', 'd/0'))
    tool.expect('in another way', ['log', '--path', 'd/1', 'HEAD~1'],
                out=tool.git(*plain, 'HEAD~1', '--', 'd/1'))
    tool.expect('a line for each', ['log', '--oneline'],
                out=tool.git(*plain, '--oneline', '--abbrev=10'))
    commits = json.loads(tool.run('log', '--json').out)
    tap.ok([commit['id'] for commit in commits] == ids, 'JSON tells the ids')
    tap.ok(commits[0]['message'] == 'number 5\n\nbody 5\n' and
           commits[0]['parents'] == [ids[1]] and
           commits[0]['author'] == {'name': 'Ann', 'email': 'ann@example.org',
                                    'time': 1112911998, 'zone': '-0730'} and
           commits[0]['committer']['zone'] == '+0100', 'and the rest',
           commits[0])
    for args, words in [(['log', '-n', 'x'], "'x' is not a number"),
                        (['log', '-n', '0'], '-n is 1 or more'),
                        (['log', 'a', 'b'], "one REV, not 'b' too"),
                        (['log', '--', 'a', 'b'], 'one path at a time')]:
        tool.expect(f'usage: {args}', args, USAGE, b'', words)
    tool.expect('no such revision', ['log', 'nowhere'], FAILURE, b'', 'nowhere')


def check_merge(tap, tool):
    """A history with a merge, made by git."""
    tree = tool.git('rev-parse', 'HEAD^{tree}').decode().strip()
    ours = tool.git('rev-parse', 'HEAD').decode().strip()
    theirs = tool.git('commit-tree', tree, '-p', ours, '-m', 'side',
                      ).decode().strip()
    merge = tool.git('commit-tree', tree, '-p', ours, '-p', theirs, '-m',
                     'merged').decode().strip()
    tool.git('update-ref', 'refs/heads/merged', merge)
    answer = tool.expect('log of a merge', ['-b', 'merged', 'log', '-n', '1'])
    tap.ok(f'\nMerge: {ours[:10]} {theirs[:10]}\n' in answer.out.decode(),
           'names its parents', answer.out)
    tool.expect('first parents only',
                ['-b', 'merged', 'log', '--first-parent', '--oneline'],
                out=tool.git('log', '--oneline', '--abbrev=10',
                             '--first-parent', 'merged'))


def check_show(tap, tool):
    tool.expect('show a commit', ['show', 'HEAD~2'],
                out=re.compile(rb'^commit .*\n    number 3\n.*\ndiff --git '
                               rb'a/d/1 b/d/1\n.*\n-1\n.*\+3\n', re.DOTALL))
    tool.expect('show a value', ['show', 'HEAD~2:d/1'], out=b'3')
    tool.expect('show a value of the branch', ['-b', 'main', 'show', '@:d/1'],
                out=b'5')
    tool.expect('show a directory', ['show', 'HEAD:'],
                out=b'tree HEAD:\n\nd/\n')
    tool.expect('nothing there', ['show', 'HEAD:no'], NO, b'',
                'show no: nothing is there')
    shown = json.loads(tool.run('show', '--json').out)
    tap.ok(shown['changes'][0]['path'] == 'd/1' and
           shown['changes'][0]['change'] == 'M' and
           shown['message'].startswith('number 5'), 'as JSON', shown)
    root = tool.run('log', '--json').out
    root = json.loads(root)[-1]['id']
    tool.expect('the first commit adds', ['show', root],
                out=re.compile(rb'new file mode 100644\nindex 0000000000\.\.'))
    tool.expect('the state of a time, whose colon is its own',
                ['show', '@{2005-04-07 22:13:16}:d/1'], out=b'3')


def random_text(rng):
    pool = [f'line {i}\n' for i in range(rng.choice([2, 8, 40]))]
    text = ''.join(rng.choice(pool) for _ in range(rng.randrange(40)))
    return text if rng.random() < .7 else text + 'no newline'


def change_text(rng, text):
    pieces = text.splitlines(keepends=True)
    for _ in range(rng.randrange(5)):
        at = rng.randrange(len(pieces) + 1)
        if rng.random() < .5:
            pieces.insert(at, f'line {rng.randrange(40)}\n')
        elif at < len(pieces):
            del pieces[at]
    return ''.join(pieces)


def check_patches(tap, tool):
    """Our patches, applied by git, make the new state of the old one."""
    seed = int(os.environ.get('SEED', '1'))
    tap.diag(f'SEED={seed}')
    rng = random.Random(seed)
    tool.init('patch.git')
    for i in range(20):
        tool.run('set', f'f{i}', given=random_text(rng).encode())
    tool.run('set', 'ü "q"', given=b'1\n')
    tool.run('set', 'gone', 'x')
    tool.run('set', 'link', 'target', '--mode', 'symlink')
    tool.run('set', 'turns', 'x\n')
    tool.run('branch', 'old')
    for i in range(20):
        text = tool.run('get', f'f{i}').out.decode()
        tool.run('set', f'f{i}', given=change_text(rng, text).encode())
    tool.run('set', 'ü "q"', given=b'2\n')
    tool.run('rm', 'gone')
    tool.run('set', 'made/here', 'y', '--mode', 'exec')
    tool.run('set', 'f1', '--mode', 'exec', given=tool.run('get', 'f1').out)
    tool.run('set', 'link', 'elsewhere', '--mode', 'symlink')
    tool.run('set', 'turns', 'x', '--mode', 'symlink')
    patch = tool.run('diff', 'old').out
    work = tool.path('work')
    tool.git('worktree', 'add', '-q', '--detach', work, 'old')
    done = subprocess.run(['git', '-C', work, 'apply', '--index'], input=patch,
                          stderr=subprocess.PIPE, check=False, env=tool.env)
    tap.ok(done.returncode == 0, 'git apply takes it', done.stderr.decode(),
           patch.decode('utf-8', 'replace'))
    tap.ok(tool.git('write-tree', repo=work) ==
           tool.git('rev-parse', 'main^{tree}'), 'and comes to our tree')
    tool.git('worktree', 'remove', '--force', work)
    tool.expect('names only', ['diff', 'old', 'main', '--name-only'],
                out=tool.git('diff', '--name-only', 'old', 'main'))
    tool.expect('kinds', ['diff', 'old', 'main', '--name-status'],
                out=tool.git('diff', '--name-status', '--no-renames', 'old',
                             'main'))
    changes = json.loads(tool.run('diff', 'old', '--json').out)
    gone = next(c for c in changes if c['path'] == 'gone')
    tap.ok(gone['change'] == 'D' and gone['new'] is None and
           gone['old']['mode'] == '100644', 'as JSON', gone)
    tool.expect('below a path', ['diff', 'old', '--name-only', '--', 'made',
                                 'gone'], out=b'made/here\ngone\n')
    tool.expect('nothing differs', ['diff', 'old', 'old'], out=b'')
    tool.expect('without REV, what the newest commit changed',
                ['diff', '--name-status'], out=b'T\tturns\n')
    tool.expect('three are too many', ['diff', 'a', 'b', 'c'], USAGE, b'',
                "not 'c' too")


def check_patch_forms(tap, tool):
    tool.init('forms.git')
    tool.run('set', 'bin', given=b'\0a')
    tool.run('set', 'long', given=b''.join(b'%d\n' % i for i in range(30)))
    tool.run('set', 'bin', given=b'\0b')
    tool.expect('bytes', ['diff'], out=re.compile(
        rb'\nBinary files a/bin and b/bin differ\n$'))
    text = b''.join(b'%d\n' % i for i in range(30) if i != 3)
    tool.run('set', 'long', given=text.replace(b'\n20\n', b'\ntwenty\n'))
    want = tool.git('-c', 'core.abbrev=10', 'diff', 'HEAD~1', 'HEAD')
    want = re.sub(rb'(@@ .* @@) .*', rb'\1', want)  # git names a function
    tool.expect('two hunks, as git', ['diff'], out=want)


def check_branch(tap, tool):
    tool.init('branch.git')
    tool.expect('there is none', ['branch'], out=b'')
    tool.expect('nothing to make one of', ['branch', 'x'], NO, b'',
                'no commit on main yet')
    tool.run('set', 'a', '1', '-m', 'first')
    tool.run('set', 'a', '2', '-m', 'second')
    first, second = (tool.git('rev-parse', rev).decode().strip()
                     for rev in ['HEAD~1', 'HEAD'])
    tool.expect('make', ['branch', 'dev/x'],
                out=b'created dev/x at %s\n' % second[:10].encode())
    tool.expect('make elsewhere', ['branch', 'old', '@~1'],
                out=b'created old at %s\n' % first[:10].encode())
    tool.expect('make it twice', ['branch', 'old'], NO, b'', 'irmin: ')
    tool.expect('a name git refuses', ['branch', 'a..b'], USAGE, b'', 'irmin: ')
    tool.expect('list', ['branch'], out=(
        f'   dev/x  {second[:10]}  second\n'
        f'*  main   {second[:10]}  second\n'
        f'   old    {first[:10]}  first\n').encode())
    listed = json.loads(tool.run('branch', '--json').out)
    tap.ok(listed[1] == {'name': 'main', 'current': True, 'id': second},
           'as JSON', listed)
    tool.expect('work on one', ['-b', 'dev/x', 'set', 'b', '3'])
    tool.expect('main is as it was', ['get', 'b'], NO, b'', 'nothing is there')
    tool.expect('a revision of that branch', ['-b', 'dev/x', 'get', 'a', '--at',
                                              '@~2'], out=b'1')
    tool.expect('remove', ['branch', '-d', 'old'],
                out=b'deleted old which was at %s\n' % first[:10].encode())
    tool.expect('remove it twice', ['branch', '-d', 'old'], NO, b'',
                'there is no such branch')
    tool.expect('rename', ['branch', '-m', 'dev/x', 'next'],
                out=re.compile(rb'^renamed next at '))
    tool.expect('rename onto another', ['branch', '-m', 'next', 'main'], NO,
                b'', 'there is a branch main already')
    tool.expect('rename the one of HEAD', ['branch', '-m', 'main', 'trunk'],
                out=re.compile(rb'^renamed trunk at '))
    tap.ok(tool.git('symbolic-ref', 'HEAD') == b'refs/heads/trunk\n' and
           lines(tool.git('for-each-ref', '--format=%(refname)')) ==
           ['refs/heads/next', 'refs/heads/trunk'], 'HEAD went with it')
    tool.expect('an absent branch', ['-b', 'nope', 'get', 'a'], NO, b'',
                'no commit on nope')
    for args, words in [(['branch', '-d', '-m', 'a', 'b'], 'exclude'),
                        (['branch', '-d'], 'one NAME'),
                        (['branch', '-m', 'a'], 'OLD and NEW')]:
        tool.expect(f'usage: {args}', args, USAGE, b'', words)


def check_head(tap, tool):
    tool.init('head.git')
    tool.expect('there is none', ['head'], NO, b'', 'no commit on main yet')
    for i in range(3):
        tool.run('set', 'a', str(i))
    ids = lines(tool.git('rev-list', 'HEAD'))
    tool.expect('head', ['head'], out=ids[0].encode() + b'\n')
    tap.ok(json.loads(tool.run('head', '--json').out) ==
           {'branch': 'main', 'id': ids[0]}, 'as JSON')
    tool.expect('move it', ['head', '--set', '@~1'])
    tap.ok(tool.git('rev-parse', 'HEAD').decode().strip() == ids[1], 'moved')
    tool.expect('move it from where it is not',
                ['head', '--set', ids[2], '--expect', ids[0]], STALE, b'',
                'irmin: ')
    tool.expect('move it from where it is',
                ['head', '--set', ids[0], '--expect', ids[1]])
    tool.expect('expect nothing', ['head', '--set', ids[2], '--expect-absent'],
                STALE, b'', 'irmin: ')
    tool.expect('expect nothing, rightly',
                ['-b', 'new', 'head', '--set', ids[2], '--expect-absent'])
    tool.expect('point HEAD elsewhere', ['head', '--branch', 'new'])
    tap.ok(tool.git('symbolic-ref', 'HEAD') == b'refs/heads/new\n' and
           tool.git('rev-parse', 'HEAD').decode().strip() == ids[2], 'it does')
    for args, words in [(['head', '--expect', 'x'], 'is for --set'),
                        (['head', '--set', 'x', '--branch', 'y'], 'exclude'),
                        (['head', '--set', 'x', '--expect', 'x',
                          '--expect-absent'], 'exclude')]:
        tool.expect(f'usage: {args}', args, USAGE, b'', words)
    tool.git('update-ref', '--no-deref', 'HEAD', ids[0])
    tool.expect('a detached HEAD is read', ['get', 'a'], out=b'2')
    tool.expect('but not written to', ['set', 'a', 'x'], NO, b'',
                'HEAD is detached')
    tool.expect('unless a branch is named', ['-b', 'main', 'set', 'a', 'x'])
    tool.expect('and can be attached again', ['head', '--branch', 'main'])


def check_checked_out(tap, tool):
    work = tool.path('work')
    tool.git('init', '-q', '-b', 'main', work, repo='.')
    with open(os.path.join(work, 'a'), 'w', encoding='ascii') as file:
        file.write('1')
    tool.git('add', 'a', repo=work)
    tool.git('commit', '-q', '-m', 'by git', repo=work)
    tool.expect('a work tree is read', ['get', 'a'], repo=work, out=b'1')
    tool.expect('its branch is not moved', ['set', 'a', '2'], repo=work,
                status=NO, err='checked out')
    tool.expect('another one is', ['-b', 'side', 'set', 'a', '2'], repo=work)
    tool.expect('and that one too, if one says so', ['set', 'a', '2'],
                repo=f'git:{work}?checked_out=move')


def main():
    tap = Tap()
    with Tool(tap) as tool:
        for check in [check_log, check_merge, check_show, check_patches,
                      check_patch_forms, check_branch, check_head,
                      check_checked_out]:
            check(tap, tool)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
