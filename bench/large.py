"""W6: a whole repository of git's, read, walked and packed, beside git and
libgit2; and values by path where git has packed 100,000. Every program is one
process, whose CPU time, user and kernel, and largest memory are counted from
outside. Without --repository there is a generated one, made once by git in
build-bench/.
"""

import io
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile

COMMITS = 26000  # of the generated one: more than 150,000 objects
GETS = KEYS = 100000

US, LIBGIT2 = 'bench-repository', 'bench-libgit2-repository'
# key of goals.py, title, contestants: mark of ours, who, how, command.
ROWS = [
    ('W6 scan', 'W6: read every object', [
        ('a', 'irmin', 'object_scan', [US, 'scan']),
        ('b', 'irmin', 'object_each, _find, ids checked', [US, 'find']),
        ('', 'git', 'cat-file --batch --unordered',
         ['git', 'cat-file', '--batch-all-objects', '--unordered', '--batch',
          '--buffer']),
        ('', 'libgit2', 'odb_foreach, odb_read', [LIBGIT2, 'scan'])]),
    ('W6 walk', 'W6: walk all commits, with a commit-graph', [
        ('a', 'irmin', 'log_next_id', [US, 'walk']),
        ('', 'git', 'rev-list HEAD', ['git', 'rev-list', 'HEAD']),
        ('', 'libgit2', 'revwalk by time', [LIBGIT2, 'walk'])]),
    ('W6 get', f'W6: {GETS:,} random gets at the head, cold handle', [
        ('a', 'irmin', 'tree_find', [US, 'get', str(GETS)]),
        ('', 'libgit2', 'by path, no checks, wide caches',
         [LIBGIT2, 'get', str(GETS)])]),
    ('W6 pack', 'W6: one pack of all', [
        ('a', 'irmin', 'repo_pack', [US, 'pack']),
        ('', 'git', 'repack -ad', ['git', 'repack', '-adq'])]),
]
KEYS_ROW = ('W6 keys', f'W6: {GETS:,} random gets of {KEYS:,} packed by git', [
    ('a', 'irmin', 'tree_find, cold handle', [US, 'get', str(GETS), str(KEYS)]),
    ('', 'libgit2', 'by path, no checks, wide caches',
     [LIBGIT2, 'get', str(GETS), str(KEYS)])])

ENVIRONMENT = {**os.environ, 'LC_ALL': 'C', 'GIT_CONFIG_NOSYSTEM': '1',
               'GIT_CONFIG_GLOBAL': os.devnull, 'GIT_NO_REPLACE_OBJECTS': '1'}


class Failed(Exception):
    pass


def run(command, cwd=None, given=None):
    done = subprocess.run(command, cwd=cwd, input=given, check=False,
                          env=ENVIRONMENT, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    if done.returncode:
        raise Failed(f'{" ".join(command)}: {done.stderr.decode()[-1000:]}')
    return done.stdout.decode(errors='replace')


# ---- the generated repository ----

def line(chance):
    return ' '.join(WORDS[int(chance.random() ** 2 * len(WORDS))]
                    for _ in range(chance.randrange(2, 10)))


WORDS = [''.join(random.Random(n).choices('etaoinshrdlu_();=', k=2 + n % 9))
         for n in range(2000)]


def write_history(out, commits, branch='main'):
    """Files of some lines in folders of three levels, of which each commit
    changes one or two, and every 20th commit merges."""
    chance = random.Random(branch)
    files = {}
    for number in range(commits):
        out.write(b'commit refs/heads/%s\nmark :%d\ncommitter Bench '
                  b'<b@example.org> %d +0000\ndata <<END\n%s\nEND\n' %
                  (branch.encode(), number + 1, 1500000000 + 600 * number, line(chance).encode()))
        if number % 20 == 19:
            out.write(b'from :%d\nmerge :%d\n' % (number, number - 9))
        for _ in range(chance.choice((1, 1, 2))):
            which = int(chance.random() ** 2 * 3000)
            path = f'part{which % 12}/module{which % 151}/file{which}.c'
            text = files.setdefault(
                path, [line(chance) for _ in range(chance.randrange(20, 200))])
            at = chance.randrange(len(text))
            text[at:at + chance.randrange(3)] = \
                [line(chance) for _ in range(chance.randrange(1, 4))]
            data = '\n'.join(text).encode()
            out.write(b'M 644 inline %s\ndata %d\n%s\n' %
                      (path.encode(), len(data), data))


def write_keys(out, keys):
    """One commit with the values of bench-clock.h."""
    out.write(b'commit refs/heads/main\ncommitter Bench <b@example.org> '
              b'1700000000 +0000\ndata 1\nx\n')
    for key in range(keys):
        out.write(b'M 644 inline d/%d/%d\ndata 16\n%016d\n' %
                  (key // 100, key % 100, key))


def generated(folder, write, amount):
    """-> a repository, made at the first time"""
    final = os.path.join(folder, f'{write.__name__[6:]}-{amount}.git')
    if os.path.exists(final):
        return final
    print(f'{final} is generated, once\n', flush=True)
    partial = tempfile.mkdtemp(prefix='generated-', dir=folder)
    run(['git', 'init', '-q', '--bare', '-b', 'main', partial])
    with subprocess.Popen(['git', '-C', partial, 'fast-import', '--quiet'],
                          env=ENVIRONMENT, stdin=subprocess.PIPE) as git:
        write(git.stdin, amount)
        git.stdin.close()
    run(['git', '-C', partial, 'repack', '-adfq'])
    run(['git', '-C', partial, 'commit-graph', 'write', '--reachable'])
    os.rename(partial, final)
    return final


# ---- the figures ----

# A process begins with the largest memory of who started it, so it is started
# by one that does nothing else, of 8 MiB. Prints what the process cost.
LAUNCHER = [sys.executable, '-I', '-S', '-c', '''
import os, sys, time
begun = time.monotonic()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
print(usage.ru_utime + usage.ru_stime, time.monotonic() - begun, usage.ru_maxrss,
      file=sys.stderr)
sys.exit(min(os.waitstatus_to_exitcode(status) & 255, 255))
''']


def run_once(command, repository):
    """-> what it cost, and what it said it did"""
    with tempfile.TemporaryFile() as said, open(os.devnull, 'r+b') as null:
        ours = command[0] != 'git'
        done = subprocess.run(LAUNCHER + command, check=False, stdin=null,
                              env={**ENVIRONMENT, 'GIT_DIR': repository},
                              stdout=said if ours else null,
                              stderr=subprocess.PIPE)
        complaint = done.stderr.decode(errors='replace')
        if done.returncode:
            raise Failed(f'{" ".join(command)}: {complaint[-1000:]}')
        said.seek(0)
        told = json.loads(said.read()) if ours else {}
    cpu, wall, peak = complaint.splitlines()[-1].split()
    return {'cpu_s': float(cpu), 'wall_s': float(wall), **told,
            'max_rss_kb': int(peak)}


def copy_of(repository, folder):
    """One that can be packed: files that are replaced, not changed, are shared."""
    copy = os.path.join(folder, 'copy.git')
    run(['cp', '-rl', repository, copy])
    for name in ('packed-refs', 'config', 'HEAD'):
        path = os.path.join(copy, name)
        if os.path.exists(path):
            shutil.copy(path, path + '.own')
            os.replace(path + '.own', path)
    for part in range(3):  # so that there is something to pack
        stream = io.BytesIO()
        write_history(stream, 100, f'bench-{part}')
        run(['git', '--git-dir', copy, 'fast-import', '--quiet'],
            given=stream.getvalue())
    return copy


def pack_mib(repository):
    folder = os.path.join(repository, 'objects', 'pack')
    return sum(os.path.getsize(os.path.join(folder, name))
               for name in os.listdir(folder) if name.endswith('.pack')) / 2 ** 20


def run_on(key, command, repository, programs, scratch):
    command = list(command)
    packs = key == 'W6 pack'
    with tempfile.TemporaryDirectory(prefix='irmin-bench-', dir=scratch) as folder:
        if packs:
            repository = copy_of(repository, folder)
        if command[0] != 'git':
            command[0] = os.path.join(programs, command[0])
            command.insert(2, repository)
        result = run_once(command, repository)
        if packs:
            result['pack_mib'] = pack_mib(repository)
            run(['git', '--git-dir', repository, 'rev-list', '--count', '--all',
                 '--objects'])
    return result


def measure_row(row, repository, programs, scratch, rounds):
    key, title, contestants = row
    present = [one for one in contestants if one[3][0] == 'git' or
               os.path.exists(os.path.join(programs, one[3][0]))]
    runs = [[] for _ in present]
    for _ in range(rounds):
        for seen, (_, _, _, command) in zip(runs, present):
            seen.append(run_on(key, command, repository, programs, scratch))
    entries = [{'mark': mark, 'who': who, 'how': how, 'runs': seen,
                **{name: statistics.median(one[name] for one in seen)
                   for name in seen[0]}}
               for seen, (mark, who, how, _) in zip(runs, present)]
    did = {(entry['operations'], entry['bytes'])
           for entry in entries if 'operations' in entry}
    return {'key': key, 'title': title, 'entries': entries,
            'same_ids': len(did) == 1, 'failed': []}


def describe(repository):
    """-> how large it is, as text: figures of another one are other figures"""
    objects = run(['git', '--git-dir', repository, 'count-objects', '-v'])
    count = sum(int(text.split()[1]) for text in objects.splitlines()
                if text.startswith(('count:', 'in-pack:')))
    return f'{count:,} objects in {pack_mib(repository):,.0f} MiB of packs'


def measure(repository, build, rounds):
    """Yields the rows: of the repository named, or of the one generated, and of
    one commit of many values."""
    repository = os.path.abspath(repository) if repository else \
        generated(build, write_history, COMMITS)
    size = describe(repository)
    programs = os.path.join(build, 'bench')
    for key, title, contestants in ROWS:
        yield measure_row((key, f'{title}; {size}', contestants), repository,
                          programs, build, rounds)
    keys = generated(build, write_keys, KEYS)
    yield measure_row(KEYS_ROW, keys, programs, build, rounds)
