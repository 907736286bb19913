"""The rows of the table: which workload, and who runs it with which settings.

Ours come first, marked a and b; every peer at the best settings we know, which
the row names. The keys are those of goals.py.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Contestant:
    program: str         # bench-PROGRAM
    told: str            # how, for a reader
    arguments: dict = field(default_factory=dict)
    mark: str = ''       # of our own lines
    files: bool = False  # has no form without files
    cpu: str = 'cpu_us'  # which of its figures is shown as CPU time


@dataclass(frozen=True)
class Row:
    key: str
    part: str            # what --only names
    title: str
    workload: str
    arguments: dict
    contestants: list
    on_disk: bool = False
    rounds: int = 5      # at most: what is slow is run less often


@dataclass(frozen=True)
class Amounts:
    """How much of everything; --quick is a tenth, for a look in passing."""
    rounds: int = 5
    commits: int = 10000
    durable: int = 500     # commits that wait for the disk
    keys: int = 100000
    gets: int = 100000
    loose: int = 10000     # values in a file each
    merges: int = 200
    inserts: int = 500
    disk_inserts: int = 100
    large: int = 1000000   # keys of an open tree
    large_packed: int = 100000


QUICK = Amounts(rounds=3, commits=2000, durable=100, keys=10000, gets=20000,
                loose=2000, merges=20, inserts=50, disk_inserts=20, large=100000,
                large_packed=10000)

WIDE = 256 << 20  # libgit2's caches, by default

PARTS = ('W1', 'W2', 'W3', 'W4', 'W5', 'W6', 'cores', 'memory')


def ours(mark, told, **arguments):
    return Contestant('irmin', told, arguments, mark)


def late(told='store_set'):
    """Ids that nobody asked for yet, and what it costs when somebody does: the
    newest id needs those of all commits before it."""
    return [Contestant('irmin', f'{told}, before any id is asked', {'ids': 'end'},
                       'b', cpu='before_ids_us'),
            ours('c', f'{told}, all ids at the end', ids='end')]


def libgit2(told, **arguments):
    return Contestant('libgit2', told, arguments)


def git(told, **arguments):
    return Contestant('git', told, arguments)


def lmdb(told, **arguments):
    return Contestant('lmdb', told, arguments, files=True)


def sqlite(told, **arguments):
    return Contestant('sqlite', told, arguments)


def w1(amounts):
    work = {'commits': amounts.commits}
    text = f'{amounts.commits:,} commits of one value'
    return [
        Row('W1 memory', 'W1', f'W1 in memory: {text}', 'w1', work, [
            ours('a', 'store_set, every id asked for', ids='each'),
            *late(),
            libgit2('mempack, builders kept, no checks', how='builder'),
            libgit2('mempack, tree_create_updated', how='updated'),
            lmdb('tmpfs, NOSYNC; no history', how='nosync'),
            lmdb('tmpfs, and WRITEMAP; no history'),
            sqlite('in memory; no history')]),
        Row('W1 kept', 'W1', f'W1 in memory, the last 100 commits kept: {text}', 'w1',
            work, [
                Contestant('irmin', 'store_set, no id is asked',
                           {'ids': 'end', 'retain': 100}, 'a', cpu='before_ids_us'),
                lmdb('tmpfs, NOSYNC; no history', how='nosync'),
                lmdb('tmpfs, and WRITEMAP; no history'),
                sqlite('in memory; no history')]),
        Row('W1 disk', 'W1', f'W1 in files: {text}, seen by git on return', 'w1',
            work, [
                ours('a', 'store_set', ids='each'),
                libgit2('loose, builders kept, level 1', how='builder',
                        compression=1),
                libgit2('loose, builders kept, default', how='builder'),
                libgit2('loose, create_updated, level 1', how='updated',
                        compression=1),
                lmdb('NOSYNC, WRITEMAP; no history'),
                sqlite('WAL, OFF; no history')],
            on_disk=True, rounds=3),
        Row('W1 batch', 'W1', f'W1 in files: {text}, seen by git within 1,000 '
            'commits', 'w1', work, [
                ours('a', 'store_set, seen on return', ids='end'),
                libgit2('mempack, a pack every 1,000', how='mempack'),
                git('fast-import, seen at the end')],
            on_disk=True, rounds=3),
        Row('W1 power', 'W1', f'W1 in files: {amounts.durable:,} commits that '
            'survive loss of power', 'w1', {'commits': amounts.durable}, [
                ours('a', 'store_set, level=power', ids='each', how='sync'),
                libgit2('loose, builders kept, fsync', how='sync',
                        compression=1),
                lmdb('synced; no history', how='sync'),
                sqlite('WAL, FULL; no history', how='sync')],
            on_disk=True, rounds=3),
    ]


def w2(amounts):
    work = {'keys': amounts.keys}
    text = f'{amounts.keys:,} values in one commit, per value'
    return [
        Row('W2 memory', 'W2', f'W2 in memory: {text}', 'w2', work, [
            ours('a', 'txn_set, txn_commit, its id'),
            libgit2('mempack, builders kept, no checks', how='builder'),
            lmdb('tmpfs, WRITEMAP, one transaction'),
            sqlite('in memory, one transaction')]),
        Row('W2 disk', 'W2', f'W2 in files: {text}', 'w2', work, [
            ours('a', 'txn_set, txn_commit'),
            libgit2('mempack, then one pack', how='mempack'),
            git('fast-import'),
            lmdb('NOSYNC, WRITEMAP, one transaction'),
            sqlite('WAL, OFF, one transaction')],
            on_disk=True, rounds=3),
    ]


def w3(amounts):
    text = f'{amounts.gets:,} random gets of {amounts.keys:,}'
    work = {'keys': amounts.keys, 'gets': amounts.gets}
    loose = {'keys': amounts.loose, 'gets': amounts.gets}
    return [
        Row('W3 memory', 'W3', f'W3 in memory: {text}', 'w3', {**work, 'hot': 1}, [
            ours('a', 'tree_find', via='tree'),
            ours('b', 'store_find', via='store'),
            libgit2('by path, no checks, wide caches'),
            lmdb('tmpfs, one transaction'),
            sqlite('in memory, prepared')]),
        Row('W3 loose', 'W3', f'W3 in files, loose, cold handle: {amounts.gets:,} '
            f'random gets of {amounts.loose:,}', 'w3', loose, [
                ours('a', 'tree_find', via='tree'),
                libgit2('by path, no checks')],
            on_disk=True, rounds=3),
        Row('W3 packed, cold', 'W3', f'W3 in files, packed, cold handle: {text}',
            'w3', {**work, 'packed': 1}, [
                ours('a', 'tree_find', via='tree'),
                libgit2('by path, no checks, wide caches'),
                git('cat-file --batch'),
                lmdb('one transaction'),
                sqlite('WAL, prepared')],
            on_disk=True, rounds=3),
        Row('W3 packed, hot', 'W3', f'W3 in files, packed, hot: {text}', 'w3',
            {**work, 'packed': 1, 'hot': 1}, [
                ours('a', 'tree_find, caches of 256 MiB', via='tree', cache=WIDE),
                ours('b', 'store_find, caches of 256 MiB', via='store', cache=WIDE),
                ours('', 'tree_find, default: of 16 MiB', via='tree'),
                libgit2('by path, no checks, wide caches'),
                lmdb('one transaction'),
                sqlite('WAL, prepared')],
            on_disk=True, rounds=3),
    ]


def w4(amounts):
    text = f'{amounts.merges:,} times fork, 5 sets on each side, merge'
    work = {'rounds': amounts.merges}
    return [
        Row('W4 memory', 'W4', f'W4 in memory: {text}', 'w4', work, [
            ours('a', 'store_merge'),
            libgit2('mempack, merge_trees')], rounds=3),
        Row('W4 disk', 'W4', f'W4 in files: {text}', 'w4', work, [
            ours('a', 'store_merge'),
            libgit2('loose, merge_trees, level 1', compression=1),
            git('merge-tree --stdin')], on_disk=True, rounds=3),
    ]


def w5_at(entries, amounts):
    text = f'insertion into a directory of {entries:,}, one commit each'
    work = {'entries': entries}
    return [
        Row(f'W5 memory, {entries:,}', 'W5', f'W5 in memory: {text}', 'w5',
            {**work, 'inserts': amounts.inserts}, [
                ours('a', 'store_set, every id asked for', ids='each'),
                *late(),
                libgit2('mempack, builders kept, no checks', how='builder'),
                libgit2('mempack, tree_create_updated', how='updated')],
            rounds=3),
        Row(f'W5 disk, {entries:,}', 'W5', f'W5 in files: {text}', 'w5',
            {**work, 'inserts': amounts.disk_inserts}, [
                ours('a', 'store_set', ids='each'),
                libgit2('loose, builders kept, level 1', how='builder',
                        compression=1),
                git('fast-import')],
            on_disk=True, rounds=3),
    ]


def w5(amounts):
    return [row for entries in (1000, 5000, 10000)
            for row in w5_at(entries, amounts)]


def cores(amounts):
    return [
        Row('cores', 'cores', f'Hot reads on two cores: {amounts.gets * 10:,} random '
            f'gets of {amounts.keys:,} in memory', 'w3',
            {'keys': amounts.keys, 'gets': amounts.gets * 10, 'hot': 1,
             'via': 'tree'}, [
                 ours('a', 'tree_find, one thread', threads=1),
                 ours('b', 'tree_find, two threads', threads=2)]),
    ]


def memory(amounts):
    text = f'An open tree of {amounts.large:,} keys'
    work = {'keys': amounts.large}
    return [
        Row('bytes, memory', 'memory', f'{text}, in memory', 'tree-memory', work, [
            ours('a', 'nodes, names and values')], rounds=1),
        Row('bytes, disk', 'memory', f'An open tree of {amounts.large_packed:,} '
            'keys, read from one pack', 'tree-memory',
            {'keys': amounts.large_packed, 'packed': 1}, [
                ours('a', 'nodes and names'),
                ours('b', 'with the values', values=1)], on_disk=True, rounds=1),
    ]


def rows_of(parts, amounts):
    """-> the rows of these parts (W6 has its own way: large.py)"""
    makers = {'W1': w1, 'W2': w2, 'W3': w3, 'W4': w4, 'W5': w5, 'cores': cores,
              'memory': memory}
    return [row for part, make in makers.items() if part in parts
            for row in make(amounts)]
