#!/usr/bin/python3
"""What bench/run says is what was measured: who did other work is found out,
figures are the medians they are called, goals are judged by them, and the table
and the plots show them.

    test-bench.py BENCH-FOLDER BUILD
"""

import os
import sys
import tempfile
import xml.etree.ElementTree

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
BENCH = os.path.abspath(sys.argv[1])
sys.path[:0] = [os.path.join(HERE, '..', 'support'), BENCH]

# pylint: disable=wrong-import-position
import check  # noqa: E402
import goals  # noqa: E402
import growth  # noqa: E402
import large  # noqa: E402
import machine  # noqa: E402
import measure  # noqa: E402
import rows  # noqa: E402
import svg  # noqa: E402
import table  # noqa: E402
from tap import Tap, run  # noqa: E402

SVG = '{http://www.w3.org/2000/svg}'


def a_row(contestants, **arguments):
    return rows.Row('W1 memory', 'W1', 'W1: a test', 'w1', arguments, contestants)


def ours(mark, **arguments):
    return rows.ours(mark, f'line {mark}', **arguments)


def check_programs(tap, folder):
    """The library's own program, in memory and in files."""
    row = measure.measure_row(a_row([ours('a', ids='each'), ours('b', ids='end')],
                                    commits=30), None, 2)
    tap.ok(row['same_ids'] and not row['failed'] and len(row['entries']) == 2,
           'ids asked for early and late are the same ids', row)
    entry = row['entries'][0]
    tap.ok(entry['operations'] == 30 and len(entry['runs']) == 2 and
           len(entry['tree']) == 40 and entry['cpu_us'] > 0,
           'a program tells what it did', entry)
    row = measure.measure_row(a_row(rows.late(), commits=30), None, 1)
    tap.ok(row['same_ids'] and row['entries'][0]['cpu_us'] ==
           row['entries'][0]['before_ids_us'],
           'what commits cost before ids are asked for is a line of its own', row)
    row = measure.measure_row(a_row([ours('a', commits=30), ours('b', commits=31)]),
                              None, 1)
    tap.ok(not row['same_ids'], 'other ids are found out', row)
    tap.ok(any('FAILED' in line for line in table.text_of(row, [])),
           'and told in the table')
    row = measure.measure_row(a_row([ours('a', commits=5)]), folder, 1)
    tap.ok('file_system' in row and not row['failed'] and not os.listdir(folder),
           'files are made in the folder given, and removed', row,
           os.listdir(folder))


def check_refusals(tap, folder):
    """Programs that cannot, will not or do not, made here."""
    at = os.path.join(folder, 'bench')
    os.mkdir(at)
    for name, body in (('cannot', 'echo "bench: no merging yet" >&2; exit 4'),
                       ('fails', 'echo broken >&2; exit 3')):
        path = os.path.join(at, f'bench-{name}')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(f'#!/bin/sh\n{body}\n')
        os.chmod(path, 0o755)
    before, machine.BUILD = machine.BUILD, folder
    row = measure.measure_row(a_row([rows.Contestant(name, name) for name in
                                     ('cannot', 'absent', 'fails')]), None, 1)
    machine.BUILD = before
    missing = [entry['missing'] for entry in row['entries']]
    tap.ok(missing[0] == 'no merging yet' and 'not built' in missing[1],
           'exit code 4 and no program are gaps with a reason', missing)
    tap.ok(len(row['failed']) == 1 and 'exit code 3: broken' in row['failed'][0],
           'any other code fails the row', row['failed'])
    text = table.text_of(row, [])
    tap.ok(any('-  no merging yet' in line for line in text) and
           any('-  failed' in line for line in text) and
           any('FAILED' in line for line in text), 'the table says so', text)


def entry(who, mark='', **figures):
    return {'who': who, 'how': 'x', 'mark': mark, **figures}


def check_medians(tap):
    runs = [{'cpu_us': one, 'tree': 'x'} for one in (9, 1, 2)]
    tap.ok(measure.median_of(runs) == {'cpu_us': 2, 'tree': 'x'},
           'the figure of runs is their median')
    tap.ok(measure.same_ids([{'runs': [{'tree': 't', 'commit': 'c'}]},
                             {'runs': [{'tree': '', 'commit': ''}]}, {}]),
           'who has no ids is not compared')
    tap.ok(not measure.same_ids([{'runs': [{'tree': 't', 'commit': 'c'},
                                           {'tree': 't', 'commit': 'd'}]}]),
           'one that ends differently from run to run fails')
    sums = [{'runs': [{'sum': one}]} for one in 'ab']
    tap.ok(measure.same_ids(sums, 'w1') and not measure.same_ids(sums, 'w3'),
           'who reads other values fails')


def check_goals(tap):
    entries = [entry('irmin', 'a', cpu_us=10, wall_us=10),
               entry('irmin', 'b', cpu_us=2.5, wall_us=5),
               entry('libgit2', cpu_us=60), entry('libgit2', cpu_us=40),
               entry('lmdb', cpu_us=2, arguments={'how': 'nosync'}),
               entry('lmdb', cpu_us=1)]
    at = machine.REFERENCE_SHA1
    told = goals.judge('W1 memory', {'entries': entries}, at)
    tap.ok([one['reached'] for one in told] == ['4.00x', '0.80x', '2.5'] and
           not any(one['met'] for one in told),
           'a goal is judged by the best rival', told)
    told = goals.judge('W1 memory', {'entries': entries}, at / 2)
    tap.ok(told[2]['met'] and 'at most 4 us' in told[2]['wanted'],
           'a bound in microseconds is scaled to a slower machine', told)
    told = goals.judge('cores', {'entries': entries[:2]}, at)
    tap.ok(told[0]['met'] and told[0]['reached'] == '2.00x',
           'two cores are judged by the clock', told)
    for kind, factor in (('ext4', '3x'), ('tmpfs', '6x')):
        told = goals.judge('W1 disk', {'entries': entries, 'file_system': kind}, at)
        tap.ok(told[0]['wanted'].startswith(factor), f'the goal for {kind}', told)
    told = goals.judge('W2 disk', {'entries': entries[:1]}, at)
    tap.ok(told[0]['reached'] is None and not told[0]['met'],
           'without a rival nothing is reached', told)


def check_rows(tap):
    every = rows.rows_of(rows.PARTS, rows.Amounts())
    keys = [row.key for row in every] + \
        [key for key, _, _ in large.ROWS + [large.KEYS_ROW]]
    tap.ok(len(keys) == len(set(keys)) and set(goals.GOALS) <= set(keys),
           'every goal is that of a row', set(goals.GOALS) - set(keys))
    wide = [one.told for row in every for one in row.contestants
            if len(one.told) > 33]
    for row in every:
        result = {'title': row.title, 'same_ids': True, 'failed': [],
                  'file_system': 'tmpfs',
                  'entries': [entry(one.program, one.mark, cpu_us=123456.7,
                                    p50_us=0.01, p99_us=99999, p999_us=1e8,
                                    max_rss_kb=9e6) | {'how': one.told}
                              for one in row.contestants]}
        verdicts = goals.judge(row.key, result, machine.REFERENCE_SHA1)
        wide += [line for line in table.text_of(result, verdicts)
                 if len(line) > table.WIDTH]
    tap.ok(not wide, 'the table fits into its columns', *wide)


def check_table(tap):
    told = [table.short(one) for one in (0.0333, 0.333, 7.361, 23.14, 176.4, 13204, 2.5e6)]
    tap.ok(told == ['0.033', '0.33', '7.36', '23.1', '176', '13,204', '2.5M'],
           'figures have three digits', told)
    result = {'title': 'W1: x', 'same_ids': True, 'failed': [], 'entries': [
        entry('irmin', 'a', cpu_us=10), entry('irmin', 'b', cpu_us=2),
        entry('libgit2', cpu_us=40)]}
    text = table.text_of(result, [])
    tap.ok(text[4].split()[-2:] == ['4.00x', '20.0x'] and
           text[3].split()[-1] == '0.20x', 'ratios are the peer to each of ours',
           *text)
    goal = {'mark': 'a', 'wanted': '5x libgit2', 'reached': '4.00x', 'met': False}
    text = table.summary([{'key': 'W1 disk', 'file_system': 'ext4', 'goals': [goal]},
                          {'key': 'W2 memory', 'goals': [goal | {'met': True}]}])
    tap.ok(text == ['1 of 2 goals reached', '  short: W1 disk (ext4): wanted of a '
                    '5x libgit2; reached 4.00x'],
           'what falls short is told at the end', *text)


def check_counts(tap):
    told = [check.verdict(*one) for one in ((1000, 1029), (1000, 1031), (1000, 971),
                                            (1000, 969), (None, 1))]
    tap.ok(told == ['', 'GREW', '', 'SHRANK', 'NEW'], 'counts are judged', told)
    tap.ok(check.total_of('x\nsummary: 1234\n') == 1234, 'a sum is read')
    try:
        check.total_of('summary: 0\n')
        tap.ok(False, 'nothing counted is no count')
    except machine.CannotMeasure:
        tap.ok(True, 'nothing counted is no count')
    tap.ok(check.differences({'zlib': '1', 'avx2': True}, {'zlib': '2', 'avx2': True})
           == ["zlib: '1', here '2'"], 'another build is named')


def parsed(series):
    text = svg.plot('a < b', 'keys', 'us', series)
    return xml.etree.ElementTree.fromstring(text), text


def check_plots(tap):
    series = [svg.Series('ours & more', [(1000, 2), (10 ** 6, 2.5)]),
              svg.Series('peer', [(1000, 40), (100000, 900)], False)]
    root, text = parsed(series)
    words = [one.text for one in root.iter(f'{SVG}text')]
    tap.ok({'a < b', 'keys', 'us', 'ours & more', 'peer', '1k', '1M', '100'}
           <= set(words), 'titles, labels, ticks and legend are there', words)
    tap.ok(words.index('peer') < words.index('ours & more'),
           'the legend stands as the lines do', words)
    lines = [one for one in root.iter(f'{SVG}path') if 'line' in one.get('class')]
    tap.ok([one.get('class') for one in lines[:2]] == ['line', 'line peer'],
           'peers are dashed')
    left, right = svg.LEFT, svg.WIDTH - svg.RIGHT
    tap.ok(lines[0].get('d').startswith(f'M{left:.1f} ') and
           f'L{right:.1f} ' in lines[0].get('d'), 'a line goes from end to end',
           lines[0].get('d'))
    axis = svg.Axis([1, 100], 0, 100)
    tap.ok(abs(axis.at(10) - 50) < 1e-9 and axis.named() == [1, 10, 100],
           'the axis is logarithmic', axis.named())
    tap.ok('prefers-color-scheme: dark' in text, 'there are colours for dark pages')
    for values in ([5], [0.3, 0.4], [1000, 1000]):
        axis = svg.Axis(values, 0, 100)
        tap.ok(all(0 <= axis.at(one) <= 100 for one in values),
               f'an axis for {values}', axis.ticks)
    tap.ok([svg.label(one) for one in (0.5, 20, 1000, 2e6)] ==
           ['0.5', '20', '1k', '2M'], 'labels are short')


def check_growth(tap, folder):
    curve = growth.Curve('x', 'X', 'keys', 'preset', 'cpu_us', 'us', 'w1',
                         {'commits': 20}, (10, 20, 40), (
                             growth.Series('ours', 'irmin', {}, grows_at_most=0.001),
                             growth.Series('capped', 'irmin', {}, 20),
                             growth.Series('nobody', 'absent')))
    told = growth.measure_curve(curve, folder, growth.Clock())
    counts = [len(one['points']) for one in told['series']]
    tap.ok(counts == [3, 2, 0], 'a series goes up to its bound', told)
    text = '\n'.join(growth.text_of(told))
    tap.ok('capped: ends at 20' in text and 'nobody: not built' in text and
           'SHORT' in text and 'last to first' in text,
           'what was left out or grew too much is said', text)
    clock = growth.Clock()
    clock.ends = 0
    told = growth.measure_curve(curve, folder, clock)
    tap.ok(not told['series'][0]['points'] and 'time' in told['series'][0]['ended'],
           'nothing is begun after the end', told)
    tap.ok(growth.value_of(growth.CURVES[3], growth.CURVES[3].series[0],
                           {'max_rss_kb': 2048}) == 2,
           'memory is told in MiB')


def check_options(tap):
    program = os.path.join(BENCH, 'run')
    for options, said in ((['--only', 'W9'], 'W1, W2'),
                          (['--growth', '--only', 'W1'], 'keys, history'),
                          (['--nonsense'], '--only'), (['--rounds', '0'], 'at least'),
                          (['--update'], '--check'),
                          (['--dir', '/nowhere'], 'no such')):
        code, text = run(program, *options)
        tap.ok(code == 2 and said in text, f'{" ".join(options)} is refused: {said}',
               text)
    code, text = run(program, '--help')
    tap.ok(code == 0 and 'latest.json' in text, '--help is the manual', text)


def main():
    tap = Tap()
    machine.BUILD = sys.argv[2]
    with tempfile.TemporaryDirectory() as folder:
        check_programs(tap, folder)
        check_growth(tap, folder)
        check_refusals(tap, folder)
    check_medians(tap)
    check_goals(tap)
    check_rows(tap)
    check_table(tap)
    check_counts(tap)
    check_plots(tap)
    check_options(tap)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
