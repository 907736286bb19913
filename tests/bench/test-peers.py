#!/usr/bin/python3
"""The bench programs of us and of every peer that is built here do one and the
same: who keeps git's format ends with the same ids, everybody reads the same
values, and what a program does not have it says.

    test-peers.py BUILD
"""

import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))

# pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402

BENCH = os.path.join(sys.argv[1], 'bench')
ALWAYS = ('irmin', 'git')
PEERS = [name for name in ('irmin', 'git', 'libgit2', 'lmdb', 'sqlite')
         if name in ALWAYS or os.path.exists(os.path.join(BENCH, 'bench-' + name))]
FORMAT = ('irmin', 'git', 'libgit2')  # of git

# arguments, and who lacks that
WORKLOADS = [
    ('w1 commits=130', ()),
    ('w1 commits=130 ids=each', ()),
    ('w1 commits=20 history=30', ()),
    ('w1 commits=20 history=10 preset=150', ()),
    ('w2 keys=150', ()),
    ('w3 keys=150 gets=200', ()),
    ('w3 keys=150 gets=200 via=store', ()),
    ('w3 keys=150 gets=200 hot=1', ('git',)),
    ('w3 keys=150 gets=200 packed=1', ()),
    ('w4 rounds=3 keys=500', ('lmdb', 'sqlite')),
    ('w5 entries=30 inserts=10', ()),
    ('w5 entries=30 inserts=10 ids=each', ()),
    ('tree-memory keys=150 packed=1', ('git', 'lmdb', 'sqlite')),
    ('tree-memory keys=150 packed=1 values=1', ('git', 'lmdb', 'sqlite')),
]
HOWS = {'irmin': ['sync'], 'libgit2': ['updated', 'sync', 'mempack'],
        'lmdb': ['nosync', 'sync'], 'sqlite': ['sync']}


def run(peer, arguments, folder=None):
    """-> exit code, what it printed"""
    command = [os.path.join(BENCH, 'bench-' + peer)] + arguments.split()
    with tempfile.TemporaryDirectory(prefix='irmin-bench-') as scratch:
        if folder:
            command.append('dir=' + os.path.join(scratch, 'made'))
        done = subprocess.run(command, stdin=subprocess.DEVNULL, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              encoding='utf-8')
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr


def check_same(tap, told, results):
    """results: who -> what he printed"""
    ids = {who: (one['tree'], one['commit']) for who, one in results.items()
           if who.split()[0] in FORMAT}
    tap.ok(len(set(ids.values())) == 1 and all(len(one) == 40 for one in
                                               next(iter(ids.values()))),
           f'{told}: the same ids', ids)
    if told.startswith('w3'):
        sums = {who: one['sum'] for who, one in results.items()}
        tap.ok(len(set(sums.values())) == 1, f'{told}: the same values', sums)
    keys = {who: one['sum'] for who, one in results.items() if who in PEERS[2:]
            and who not in FORMAT}
    tap.ok(len(set(keys.values())) <= 1, f'{told}: as many keys', keys)


def check_workload(tap, arguments, lacking):
    results, codes = {}, {}
    for peer in PEERS:
        codes[peer], said = run(peer, arguments, folder=True)
        if codes[peer] == 0:
            results[peer] = said
    wanted = {peer: 4 if peer in lacking else 0 for peer in PEERS}
    if tap.ok(codes == wanted, f'{arguments}: who has it', codes) and results:
        check_same(tap, arguments, results)


def check_hows(tap):
    results, failed = {}, []
    for peer in PEERS:
        for how in [''] + HOWS.get(peer, []):
            code, said = run(peer, 'w1 commits=40' + (how and f' how={how}'), True)
            if code:
                failed.append((peer, how, said))
            else:
                results[f'{peer} {how}'] = said
    tap.ok(not failed, 'every how= works', failed)
    check_same(tap, 'w1 by every how=', results)


def check_memory(tap):
    for arguments in ('w1 commits=130', 'w2 keys=150', 'w3 keys=150 gets=200',
                      'w5 entries=30 inserts=10', 'tree-memory keys=150'):
        codes, results = {}, {}
        for peer in PEERS:
            if peer == 'sqlite' and arguments.startswith('tree'):
                continue
            codes[peer], said = run(peer, arguments)
            if codes[peer] == 0:
                results[peer] = said
        tap.ok(all(code == (4 if peer in ('git', 'lmdb') else 0)
                   for peer, code in codes.items()),
               f'{arguments} in memory: who has it', codes)
        check_same(tap, f'{arguments} in memory', results)


def check_irmin(tap):
    one = run('irmin', 'w3 keys=150 gets=301 threads=1 hot=1')[1]
    two = run('irmin', 'w3 keys=150 gets=301 threads=2 hot=1')[1]
    tap.ok(one['sum'] == two['sum'] and two['operations'] == 301,
           'two threads read what one reads', one, two)
    all_kept = run('irmin', 'w1 commits=130')[1]
    some_kept = run('irmin', 'w1 commits=130 retain=10')[1]
    tap.ok(all_kept['tree'] == some_kept['tree'] and
           all_kept['commit'] != some_kept['commit'],
           'what is forgotten was never named, and the tree is the same',
           all_kept, some_kept)
    some_kept = run('irmin', 'w1 commits=130 retain=10 ids=each')[1]
    tap.ok(all_kept['commit'] == some_kept['commit'],
           'what is forgotten after it was named is still named', some_kept)
    code, said = run('irmin', 'tree-memory keys=1000')
    # 0: the allocators of sanitizers count nothing.
    tap.ok(code == 0 and (said['bytes_per_key'] == 0 or
                          16 < said['bytes_per_key'] < 10000),
           'an open tree takes bytes for each key', said)


def check_usage(tap):
    for arguments in ('', 'w9', 'w1 colour=red', 'w1 commits=many', 'w1 commits=',
                      'w1 how=magic', 'w1 ids=never', 'w3 via=', 'w3 threads=0'):
        code, said = run('irmin', arguments)
        tap.ok(code == 2 and said.count('\n') == 1, f'"{arguments}" is refused',
               code, said)


def main():
    tap = Tap()
    for arguments, lacking in WORKLOADS:
        check_workload(tap, arguments, lacking)
    check_hows(tap)
    check_memory(tap)
    check_irmin(tap)
    check_usage(tap)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
