"""W6: a whole repository of git's, read, walked and packed, beside git and
libgit2; and W3, values by path where 100,000 are packed. Every program is one
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
import tempfile
import time

COMMITS = 26000  # of the generated one: more than 150,000 objects
GETS = KEYS = 100000

US, LIBGIT2 = 'bench-repository', 'bench-libgit2-repository'
# workload: wanted ratio of the CPU time of the rival named to ours; contestants.
ROWS = [
    ('W6 scan', ('git', 1.0), [
        ('irmin', 'object_scan', [US, 'scan']),
        ('irmin', 'object_each and object_find, ids checked', [US, 'find']),
        ('git', 'cat-file --batch --unordered',
         ['git', 'cat-file', '--batch-all-objects', '--unordered', '--batch',
          '--buffer']),
        ('libgit2', 'odb_foreach and odb_read', [LIBGIT2, 'scan'])]),
    ('W6 walk', ('git', 1.0), [
        ('irmin', 'log_next_id', [US, 'walk']),
        ('git', 'rev-list HEAD', ['git', 'rev-list', 'HEAD']),
        ('libgit2', 'revwalk by time', [LIBGIT2, 'walk'])]),
    ('W6 get', ('libgit2', 1.8), [
        ('irmin', 'tree_find, cold handle', [US, 'get', str(GETS)]),
        ('libgit2', 'entry_bypath and blob_lookup', [LIBGIT2, 'get', str(GETS)])]),
    ('W6 pack', ('git', 1 / 1.2), [
        ('irmin', 'repo_pack', [US, 'pack']),
        ('git', 'repack -ad', ['git', 'repack', '-adq'])]),
]
KEYS_ROW = ('W3 get packed', ('libgit2', 1.8), [
    ('irmin', 'tree_find, cold handle', [US, 'get', str(GETS), str(KEYS)]),
    ('libgit2', 'entry_bypath and blob_lookup',
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

def run_once(command, repository):
    """-> what it cost, and what it said it did"""
    begun = time.monotonic()
    with tempfile.TemporaryFile() as said, open(os.devnull, 'r+b') as null:
        ours = command[0] != 'git'
        process = subprocess.Popen(  # pylint: disable=consider-using-with
            command, env={**ENVIRONMENT, 'GIT_DIR': repository}, stdin=null,
            stdout=said if ours else null, stderr=subprocess.PIPE)
        complaint = process.stderr.read().decode(errors='replace')
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stderr.close()
        if process.returncode:
            raise Failed(f'{" ".join(command)}: {complaint[-1000:]}')
        said.seek(0)
        told = json.loads(said.read()) if ours else {}
    return {'cpu_s': usage.ru_utime + usage.ru_stime, **told,
            'wall_s': time.monotonic() - begun, 'peak_mib': usage.ru_maxrss // 1024}


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


def run_on(title, command, repository, programs, scratch):
    command = list(command)
    packs = title.endswith(' pack')
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
    title, wanted, contestants = row
    present = [one for one in contestants if one[2][0] == 'git' or
               os.path.exists(os.path.join(programs, one[2][0]))]
    runs = [[] for _ in present]
    for _ in range(rounds):
        for seen, (_, _, command) in zip(runs, present):
            seen.append(run_on(title, command, repository, programs, scratch))
    entries = [{'who': who, 'label': label, 'runs': seen,
                **{key: statistics.median(one[key] for one in seen)
                   for key in seen[0]}}
               for seen, (who, label, _) in zip(runs, present)]
    did = {(entry['operations'], entry['bytes'])
           for entry in entries if 'operations' in entry}
    return {'title': title, 'wanted': wanted, 'entries': entries,
            'same_ids': len(did) == 1}


def print_row(row):
    title, ours = row['title'], row['entries'][0]
    rival, wanted = row['wanted']
    for entry in row['entries']:
        ratio = '' if entry is ours else f'{entry["cpu_s"] / ours["cpu_s"]:6.2f}x'
        size = f'  packs {entry["pack_mib"]:.1f} MiB' if 'pack_mib' in entry else ''
        print(f'{title:<17} {entry["who"]:<8} {entry["label"]:<37} '
              f'{entry["cpu_s"]:>9.2f} {entry["wall_s"]:>9.2f} '
              f'{entry["peak_mib"]:>9,} {ratio:>8}{size}'.rstrip())
        title = ''
        if entry['who'] == rival:
            print(f'  wanted: {wanted:.2f}x of {rival}; '
                  f'reached: {entry["cpu_s"] / ours["cpu_s"]:.2f}x')
    if not row['same_ids']:
        print('  FAILED: they did not read the same')
    print(flush=True)


def measure(repository, build, rounds):
    """-> the rows; prints them"""
    repository = os.path.abspath(repository) if repository else \
        generated(build, write_history, COMMITS)
    objects = run(['git', '--git-dir', repository, 'count-objects', '-v'])
    count = sum(int(text.split()[1]) for text in objects.splitlines()
                if text.startswith(('count:', 'in-pack:')))
    print(f'a repository of {count:,} objects in {pack_mib(repository):,.0f} MiB of '
          f'packs; medians of {rounds} runs; seconds of the whole process, and its '
          f'largest memory\n')
    print(f'{"workload":<17} {"who":<8} {"how":<37} {"CPU s":>9} {"wall s":>9} '
          f'{"peak MiB":>9} {"ratio":>8}\n')
    rows = []
    programs = os.path.join(build, 'bench')
    for row in ROWS:
        rows.append(measure_row(row, repository, programs, build, rounds))
        print_row(rows[-1])
    keys = generated(build, write_keys, KEYS)
    rows.append(measure_row(KEYS_ROW, keys, programs, build, rounds))
    print_row(rows[-1])
    return rows
