"""Instruction counts against a stored baseline: they see a regression of some
per cent where clocks see only the neighbours' noise.

Counted by callgrind, below the functions that bench-irmin names measure_..., and
told per operation. A count of a program built by another compiler, libc or zlib
is another count: then there is nothing to compare (exit 3).
"""

import json
import os
import re
import shutil
import tempfile

import machine
import measure

BASELINE = os.path.join(machine.ROOT, 'bench', 'baseline.json')
TOLERANCE = 0.03

# name: workload, arguments, operations, whether it is in files
COUNTED = {
    'W1 memory, ids each': ('w1', {'commits': 500, 'ids': 'each'}, 500, False),
    'W1 memory, ids end': ('w1', {'commits': 500, 'ids': 'end'}, 500, False),
    'W1 memory, last 10 kept': ('w1', {'commits': 500, 'ids': 'end', 'retain': 10},
                                500, False),
    'W1 git': ('w1', {'commits': 100, 'ids': 'each'}, 100, True),
    'W2 memory': ('w2', {'keys': 2000}, 2000, False),
    'W3 memory, hot': ('w3', {'keys': 500, 'gets': 2000, 'hot': 1, 'via': 'tree'},
                       2000, False),
    'W3 git, loose, cold': ('w3', {'keys': 500, 'gets': 2000, 'via': 'tree'}, 2000,
                            True),
    'W3 git, packed, cold': ('w3', {'keys': 500, 'gets': 2000, 'packed': 1,
                                    'via': 'tree'}, 2000, True),
    'W3 git, packed, hot': ('w3', {'keys': 500, 'gets': 2000, 'packed': 1, 'hot': 1,
                                   'via': 'tree'}, 2000, True),
    'W5 memory, ids each': ('w5', {'entries': 1000, 'inserts': 100, 'ids': 'each'},
                            100, False),
    'W5 memory, ids end': ('w5', {'entries': 1000, 'inserts': 100, 'ids': 'end'},
                           100, False),
}


def count(workload, arguments, in_files):
    """-> instructions of the measured part alone: what fills is not counted"""
    with tempfile.TemporaryDirectory(prefix='irmin-bench-') as scratch:
        out = os.path.join(scratch, 'counts')
        command = ['valgrind', '--tool=callgrind', '--collect-atstart=no',
                   '--toggle-collect=measure_*', f'--callgrind-out-file={out}'] + \
            measure.command_of('irmin', workload, arguments)
        if in_files:
            command.append('dir=' + os.path.join(scratch, 'repo.git'))
        machine.tell(*command)
        with open(out, encoding='utf-8') as file:
            return total_of(file.read())


def total_of(text):
    """-> the sum that a callgrind file ends with"""
    found = re.search(r'^(?:summary|totals): (\d+)', text, re.MULTILINE)
    if not found or int(found[1]) == 0:
        raise machine.CannotMeasure('callgrind saw no call of measure_...')
    return int(found[1])


def identity():
    """What must be equal for counts to be comparable."""
    with open('/proc/cpuinfo', encoding='utf-8') as cpuinfo:
        avx2 = ' avx2' in cpuinfo.read()  # decides which code libcrypto and libc run
    return {**machine.describe(), 'avx2': avx2,
            'valgrind': machine.tell('valgrind', '--version').strip(),
            **machine.build_options()}


def differences(before, now):
    return [f'{key}: {before.get(key)!r}, here {value!r}'
            for key, value in now.items() if before.get(key) != value]


def verdict(before, now):
    """-> what became of a count: it grew, it shrank, is new, or is as it was"""
    if before is None:
        return 'NEW'
    if now > before * (1 + TOLERANCE):
        return 'GREW'
    return 'SHRANK' if now < before * (1 - TOLERANCE) else ''


def read_baseline():
    try:
        with open(BASELINE, encoding='utf-8') as file:
            return json.load(file)
    except FileNotFoundError:
        raise machine.CannotMeasure('there is no baseline; make one with '
                                    '--update') from None


def write_baseline(built, counts):
    with open(BASELINE, 'w', encoding='utf-8') as file:
        json.dump({'built': built, 'instructions': counts}, file, indent=1)
        file.write('\n')
    print(f'written: {os.path.relpath(BASELINE)}')


def compare(before, counts):
    """Prints each count per operation. -> whether one grew or is not known"""
    form = '{:<24} {:>13} {:>13} {:>7}  {}'
    print(form.format('instructions of one', 'baseline', 'now', 'ratio', '').rstrip())
    told = []
    for name, (now, operations) in counts.items():
        was = before.get(name)
        told.append(verdict(was, now))
        print(form.format(name, f'{was / operations:,.0f}' if was else '-',
                          f'{now / operations:,.0f}',
                          f'{now / was:.3f}' if was else '', told[-1]).rstrip())
    if 'SHRANK' in told:
        print('what shrank is held from the next --update on')
    return bool({'GREW', 'NEW'} & set(told))


def run(update):
    """-> exit code"""
    if not shutil.which('valgrind'):
        raise machine.CannotMeasure('valgrind is not installed')
    machine.build()
    built = identity()
    baseline = {} if update else read_baseline()
    differ = differences(baseline['built'], built) if baseline else []
    if differ:
        raise machine.CannotMeasure('the baseline was built differently:\n  ' +
                                    '\n  '.join(differ))
    counts = {name: (count(workload, arguments, in_files), operations)
              for name, (workload, arguments, operations, in_files)
              in COUNTED.items()}
    worse = compare(baseline.get('instructions', {}), counts)
    if update:
        write_baseline(built, {name: now for name, (now, _) in counts.items()})
        return 0
    return 1 if worse else 0
