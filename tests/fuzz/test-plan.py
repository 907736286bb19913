#!/usr/bin/python3
"""The table of fuzz targets is whole, and time is shared as it should be."""

import glob
import os
import subprocess
import sys

from targets import HERE, ROOT, is_of, read_table

sys.path.insert(0, os.path.join(ROOT, 'tests', 'support'))
from tap import Tap  # noqa: E402


def plan(*args):
    """-> [(seconds, name)] as tests/fuzz/run tells it"""
    env = {name: value for name, value in os.environ.items() if name != 'BASE'}
    told = subprocess.run([os.path.join(ROOT, HERE, 'run'), '--plan', *args],
                          check=True, stdout=subprocess.PIPE, env=env,
                          encoding='utf-8').stdout
    return [(int(line.split()[0]), line.split()[2]) for line in told.splitlines()]


def main():
    tap = Tap()
    table = read_table()
    names = [target.name for target in table]
    sources = sorted(os.path.basename(path)[len('fuzz-'):-len('.c')] for path in
                     glob.glob(os.path.join(ROOT, HERE, 'fuzz-*.c')))
    tap.ok(names == sources, 'every target is in the table, in order', names, sources)
    for target in table:
        missing = [path for path, _ in target.parsers
                   if not os.path.exists(os.path.join(ROOT, path))]
        tap.ok(target.parsers and not missing, f'{target.name} has its parsers',
               *missing)
        tap.ok(os.listdir(os.path.join(ROOT, HERE, 'corpus', target.name)),
               'and seeds')
    by_name = {target.name: target for target in table}
    tap.ok(is_of(by_name['tree'], 'lib/core/object/tree-codec.c') and
           is_of(by_name['tree'], 'lib/core/object/object.h') and
           is_of(by_name['tree'], 'tests/fuzz/corpus/tree/x') and
           not is_of(by_name['tree'], 'tests/fuzz/corpus/tree-x/y') and
           not is_of(by_name['tree'], 'lib/pack/pack.c') and
           not is_of(by_name['tree'], 'README.md'), 'a target is of its room')
    tap.ok(plan('--seconds', '7', 'tag', 'uri') == [(7, 'tag'), (7, 'uri')],
           'seconds for each')
    shared = plan('--share', '120')
    seconds = [share for share, _ in shared]
    tap.ok(sorted(name for _, name in shared) == sorted(names) and
           seconds == sorted(seconds, reverse=True) and seconds[-1] >= 1 and
           sum(seconds) <= 120 * min(os.cpu_count(), len(names)),
           'a share for each', *shared)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
