#!/usr/bin/python3
"""The command line itself: help, typos, exit statuses, where the repository is
found, what goes wrong with standard output, errors as JSON."""

import json
import os
import re
import subprocess
import sys

from tool import DONE, FAILURE, LOCKED, NO, USAGE, Tap, Tool

# Every command and what its synopsis begins with.
COMMANDS = ['init', 'set', 'get', 'rm', 'txn', 'ls', 'tree', 'log', 'show', 'cat',
            'diff', 'merge-base', 'branch', 'merge', 'conflicts', 'resolve', 'head',
            'ls-refs', 'import', 'export', 'copy', 'pack', 'commit-graph',
            'verify', 'stats', 'version', 'help']

# (arguments, what standard error says)
WRONG = [
    ([], 'which command'),
    (['brnach'], "no command 'brnach', did you mean 'branch'"),
    (['gte', 'a'], "did you mean 'get'"),
    (['exp'], "did you mean 'export'"),
    (['frobnicate'], "there is no command 'frobnicate'; see"),
    (['ls', '--recursiv'], None),
    (['ls', '--recusrive'], 'no option --recusrive, did you mean --recursive'),
    (['ls', '--blue'], 'ls: there is no option --blue; see `irmin ls --help`'),
    (['ls', '-x'], 'there is no option -x'),
    (['ls', '-rx'], 'there is no option -x'),
    (['ls', '--long=3'], '--long takes no value'),
    (['ls', '--at'], '--at wants a value'),
    (['log', '-n'], '-n wants a value'),
    (['-C'], '-C wants a value'),
    (['--jsn', 'ls'], 'did you mean --json'),
    (['get'], r'something is missing: irmin get PATH \[--at REV\]'),
    (['get', 'a', 'b'], "'b' is too much: irmin get PATH"),
    (['set', 'a', '1', '--expect', '1', '--expect-absent'], 'exclude'),
    (['set', 'a', '1', '--file', 'b'], 'VALUE and --file exclude'),
    (['cat'], r'something is missing: irmin cat REV\|ID'),
    (['cat', 'a', '-t', '-s'], '-t and -s exclude each other'),
    (['ls-refs', '--head=1'], '--head takes no value'),
    (['ls-ref'], "did you mean 'ls-refs'"),
    (['commit-graph', 'read'], "'write' is all it can do, not 'read'"),
    (['commit-graph'], 'something is missing: irmin commit-graph write'),
    (['merge-base', 'a'], 'something is missing: irmin merge-base A B'),
    (['merge-base', 'a', 'b', 'c'], "'c' is too much"),
    (['merge-base', '--all', '--is-ancestor', 'a', 'b'], 'exclude each other'),
    (['verify', 'x'], "'x' is too much: irmin verify"),
    (['verfy'], "did you mean 'verify'"),
    (['pack', '--quite'], 'did you mean --quiet'),
    (['copy', 'a'], 'something is missing: irmin copy FROM TO'),
    (['copy', 'a', 'b', 'c'], "'c' is too much"),
    (['-C', 'x', 'copy', 'a', 'b'], 'FROM and TO, and no -C'),
    (['copy', '-b', 'x', 'a', 'b'], 'FROM and TO, and no -b'),
    (['help', 'revision'], "did you mean 'revisions'"),
    (['help', 'me', 'now'], "'now' is too much"),
]


def check_words(tap, tool):
    tool.init()
    for args, words in WRONG:
        if words is None:
            tool.expect(f'{args} is short for one', args, DONE, b'')
        else:
            tool.expect(f'{args}', args, USAGE, b'', '^irmin: .*' + words,
                        repo='')
    tool.expect('options before and behind', ['--json', 'ls', '-r'],
                out=b'[]\n')
    tool.expect('a value that looks like an option',
                ['set', 'a', '1', '-m', '--json'])
    tap.ok(tool.git('log', '-1', '--format=%s') == b'--json\n', 'is a value')


def check_help(tap, tool):
    tool.expect('the commands, for completion', ['--list-commands'], repo='',
                out='\n'.join(COMMANDS).encode() + b'\n')
    overview = tool.expect('help', ['help'], repo='').out.decode()
    for name in COMMANDS:
        tap.ok(re.search(rf'^  {name}  +\w', overview, re.MULTILINE),
               f'the overview names {name}')
        told = tool.expect(f'{name} --help', [name, '--help'], repo='').out
        tap.ok(told == tool.run('help', name, repo='').out and
               told == tool.run('--help', name, repo='').out and
               f'usage: irmin [-C URI|PATH] [-b BRANCH] {name}'.encode()
               in told and b'\nexample\n  irmin' in told,
               'tells usage and example, however one asks', told)
    for topic in ['exit-codes', 'revisions', 'json']:
        tool.expect(f'help {topic}', ['help', topic], repo='',
                    out=re.compile(rb'\w+'))
        tap.ok(topic in overview, 'is in the overview')
    tap.ok(all(len(line) <= 80 for name in COMMANDS for line in
               tool.run('help', name).out.decode().splitlines()),
           'no line of help is over 80 columns',
           *[line for name in COMMANDS for line in
             tool.run('help', name).out.decode().splitlines()
             if len(line) > 80])
    tool.expect('version', ['version'], repo='',
                out=re.compile(rb'^irmin \d+\.\d+\.\d+\n$'))
    tool.expect('--version', ['--version'], repo='',
                out=tool.run('version', repo='').out)
    tap.ok(json.loads(tool.run('version', '--json', repo='').out)['irmin'] in
           tool.run('version', repo='').out.decode(), 'as JSON')


def check_finding(tap, tool):
    """-C, IRMIN_URI, then as git searches."""
    work = tool.path('work')
    deep = os.path.join(work, 'x', 'y')
    tool.git('init', '-q', '-b', 'main', work, repo='.')
    os.makedirs(deep)
    tool.run('set', 'where', 'here', '-m', 'm', repo=f'git:{work}'
             '?checked_out=move')
    bare = tool.path('sp ace%41?.git')
    tool.run('init', bare, repo='')
    tool.expect('a path with odd characters', ['set', 'where', 'odd'],
                repo=bare)
    get = ['get', 'where']
    tool.expect('is that path', get, repo=bare, out=b'odd')
    tool.expect('in the work tree', get, repo='', cwd=work, out=b'here')
    tool.expect('below it', get, repo='', cwd=deep, out=b'here')
    tool.expect('in its .git', get, repo='', cwd=os.path.join(work, '.git'),
                out=b'here')
    tool.expect('in a bare one', get, repo='', cwd=bare, out=b'odd')
    tool.expect('below a bare one', get, repo='',
                cwd=os.path.join(bare, 'refs', 'heads'), out=b'odd')
    tool.expect('IRMIN_URI wins over the place', get, repo='', cwd=work,
                env={'IRMIN_URI': bare}, out=b'odd')
    tool.expect('-C wins over IRMIN_URI', get, repo=work,
                env={'IRMIN_URI': bare}, out=b'here')
    tool.expect('GIT_DIR wins over the place', get, repo='', cwd=work,
                env={'GIT_DIR': bare}, out=b'odd')
    tool.expect('a ceiling ends the search', get, repo='', cwd=deep,
                status=FAILURE, err='neither it nor a parent',
                env={'GIT_CEILING_DIRECTORIES': work})
    linked = tool.path('linked')
    tool.git('worktree', 'add', '-q', '--detach', linked, repo=work)
    tool.expect('a linked work tree, whose .git is a file', get, repo='',
                cwd=linked, out=b'here')
    tool.expect('nowhere', get, repo='', status=FAILURE,
                err='neither it nor a parent is one; name one with -C or '
                    'IRMIN_URI, or make one: irmin init PATH')
    tool.expect('-C does not search', get, repo=deep, status=FAILURE,
                err='there is no repository')
    tool.expect('a missing one is never made', ['set', 'a', '1'],
                repo=tool.path('none.git'), status=FAILURE, err='none.git')
    tap.ok(not os.path.exists(tool.path('none.git')), 'it is not')
    for uri, words in [('https://example.org/x', 'clone'),
                       ('user@host:path', 'clone'),
                       ('git:x?blue=1', 'blue'), ('lmdb:x', 'lmdb')]:
        answer = tool.run(*get, repo=uri)
        tap.ok(answer.status in (USAGE, FAILURE) and words in answer.err,
               f'{uri} is refused', answer)
    tool.expect('memory serves one command', ['set', 'a', '1'], repo='mem:')
    tool.expect('and forgets', ['get', 'a'], NO, b'', 'nothing is there',
                repo='mem:')


def check_errors(tap, tool):
    tool.init('errors.git')
    tool.run('set', 'a', '1')
    answer = tool.run('get', 'no', '--json')
    tap.ok(answer.status == NO and answer.out == b'' and
           json.loads(answer.err)['error'] ==
           {'code': 'ABSENT', 'message': 'get no: nothing is there',
            'path': 'no'}, 'a definite no as JSON', answer)
    answer = tool.run('lss', '--json')
    tap.ok(json.loads(answer.err)['error']['hint'].startswith('see '),
           'a typo as JSON, with what to do', answer)
    answer = tool.run('get', 'a\x1b[31m', '--json')
    tap.ok('\x1b' not in answer.err and
           json.loads(answer.err)['error']['path'] == 'a\x1b[31m',
           'odd bytes in it', answer)
    answer = tool.run('get', 'a\x1b[31m\n', repo=tool.repo)
    tap.ok(answer.err == 'irmin: get a\\x1b[31m\\n: nothing is there\n',
           'and in a message', answer)
    answer = tool.run('get', b'\xff')
    tap.ok('\\xff' in answer.err, 'and what is no UTF-8', answer)
    with open(os.path.join(tool.repo, 'refs/heads/bad'), 'w',
              encoding='ascii') as file:
        file.write('this is no id\n')
    answer = tool.run('-b', 'bad', 'get', 'a', '--json')
    error = json.loads(answer.err)['error']
    tap.ok(answer.status == FAILURE and error['code'] == 'ECORRUPT' and
           error['file'].endswith('refs/heads/bad'),
           'a corrupt ref names its file', answer)
    with open(os.path.join(tool.repo, 'refs/heads/main.lock'), 'w',
              encoding='ascii'):
        pass
    tool.expect('a locked ref', ['set', 'a', '2'], LOCKED, b'', 'main.lock')
    os.unlink(os.path.join(tool.repo, 'refs/heads/main.lock'))
    head = tool.git('rev-parse', 'HEAD').decode().strip()
    blob = os.path.join(tool.repo, 'objects', head[:2], head[2:])
    os.chmod(blob, 0o600)
    with open(blob, 'r+b') as file:
        file.truncate(20)
    answer = tool.run('log', '--json')
    error = json.loads(answer.err)['error']
    tap.ok(answer.status == FAILURE and error['code'] == 'ECORRUPT' and
           blob.endswith(error['file'][-30:]), 'a corrupt object its own',
           answer)
    os.unlink(blob)
    answer = tool.run('log', '--json')
    tap.ok(answer.status == FAILURE and
           json.loads(answer.err)['error']['code'] == 'EMISSING',
           'and a missing one is missing', answer)


def check_output(tap, tool):
    tool.init('output.git')
    tool.run('set', 'a', given=b'x' * 100000)
    with open('/dev/full', 'wb') as full:
        tool.expect('a full disk', ['get', 'a'], FAILURE, None,
                    'write to standard output: No space left', stdout=full)
        tool.expect('at the very end', ['ls'], FAILURE, None,
                    'No space left', stdout=full)
    done = subprocess.run(
        ['sh', '-c', '"$@" >&-', 'sh'] + tool.command(['get', 'a'], None),
        stderr=subprocess.PIPE, check=False, env=tool.env)
    tap.ok(done.returncode == FAILURE and b'standard output' in done.stderr,
           'no standard output', done)
    done = subprocess.run(
        ['sh', '-c', '"$@" >&- 2>&- <&-', 'sh'] +
        tool.command(['set', 'b', '1'], None), check=False, env=tool.env)
    tap.ok(done.returncode == DONE and tool.git('show', 'HEAD:b') == b'1',
           'a command without standard streams harms nothing', done)
    tool.git('fsck', '--strict')
    for signals in [True, False]:  # SIGPIPE by default, and ignored
        reader, writer = os.pipe()
        os.close(reader)
        answer = tool.run('get', 'a', stdout=writer, restore_signals=signals)
        os.close(writer)
        tap.ok(answer.status in (FAILURE, -13) and answer.err == '',
               'a reader that had enough is no reason to complain', answer)
    closed = subprocess.run(
        tool.command(['set', 'c'], None), stdin=os.open('/', os.O_RDONLY),
        stderr=subprocess.PIPE, check=False, env=tool.env)
    tap.ok(closed.returncode == FAILURE and
           b'read standard input: Is a directory' in closed.stderr,
           'standard input that cannot be read', closed)


def check_stats(tap, tool):
    tool.init('stats.git')
    for i in range(3):
        tool.run('set', f'a/{i}', 'x' * 10)
    told = json.loads(tool.run('stats', '--json').out)
    tap.ok(told['scheme'] == 'git' and told['hash'] == 'sha1' and
           told['location'] == os.path.realpath(tool.repo) and
           any(figure['value'] == 3 for figure in told['figures']) and
           'object_reads' in told['counters'], 'stats as JSON', told)
    tool.expect('stats as a table', ['stats'],
                out=re.compile(rb'^  *\S+  +\d+  \w+$|^\S+ +\d+  \w+',
                               re.MULTILINE))


def main():
    tap = Tap()
    with Tool(tap) as tool:
        for check in [check_words, check_help, check_finding, check_errors,
                      check_output, check_stats]:
            check(tap, tool)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
