"""Growth: what one commit costs where there are more keys, a longer history or a
larger directory, and what memory history takes that is not kept.

A constant factor is what the table tells; a curve tells whether the cost of a
commit is that of its change. Each series goes up until its own bound, or until
one of its points takes so long that the next one would spoil the whole run; what
was left out is said.
"""

import os
import time
from dataclasses import dataclass, field

import machine
import measure
import svg
import table

POINT_SECONDS = 12    # after a longer one a series ends
WHOLE_SECONDS = 540   # after that no point is begun


@dataclass(frozen=True)
class Series:
    name: str
    program: str
    arguments: dict = field(default_factory=dict)
    most: int = 10 ** 6    # of what grows
    on_disk: bool = False
    grows_at_most: float = 0  # wanted: the last point to the first
    figure: str = ''          # in place of the curve's


@dataclass(frozen=True)
class Curve:
    key: str               # bench/results/growth-KEY.svg
    title: str
    grows: str             # the argument that grows, as a person calls it
    variable: str
    figure: str
    unit: str
    workload: str
    arguments: dict
    points: tuple
    series: tuple


THOUSANDS = (1000, 3000, 10000, 30000, 100000, 300000, 1000000)
DIRECTORIES = (100, 300, 1000, 3000, 10000, 30000, 100000)

CURVES = (
    Curve('keys', 'One commit, by the keys in the store', 'keys', 'preset',
          'cpu_us', 'CPU us a commit', 'w1', {'commits': 1000}, THOUSANDS, (
              Series('mem, ids each', 'irmin', {'ids': 'each'}),
              Series('mem, before ids', 'irmin', {'ids': 'end'}, grows_at_most=3,
                     figure='before_ids_us'),
              Series('git', 'irmin', {'ids': 'each'}, 10000, True),
              Series('libgit2 mem', 'libgit2', {'how': 'updated'}, 100000),
              Series('libgit2 loose', 'libgit2',
                     {'how': 'updated', 'compression': 1}, 10000, True))),
    Curve('history', 'One commit, by the commits before it', 'commits before',
          'history', 'cpu_us', 'CPU us a commit', 'w1', {'commits': 1000},
          THOUSANDS, (
              Series('mem, ids each', 'irmin', {'ids': 'each'}, grows_at_most=1.5),
              Series('mem, before ids', 'irmin', {'ids': 'end'}, grows_at_most=1.5,
                     figure='before_ids_us'),
              Series('git', 'irmin', {'ids': 'each'}, 10000, True, 1.5),
              Series('libgit2 mem', 'libgit2', {'how': 'updated'}, 100000),
              Series('libgit2 loose', 'libgit2',
                     {'how': 'updated', 'compression': 1}, 10000, True))),
    Curve('directory', 'One insertion, by the entries of its directory', 'entries',
          'entries', 'cpu_us', 'CPU us a commit', 'w5', {'inserts': 200},
          DIRECTORIES, (
              Series('mem, ids each', 'irmin', {'ids': 'each'}),
              Series('mem, before ids', 'irmin', {'ids': 'end'}, grows_at_most=3,
                     figure='before_ids_us'),
              Series('git', 'irmin', {'ids': 'each'}, 10000, True),
              Series('libgit2 mem', 'libgit2', {'how': 'builder'}),
              Series('libgit2 loose', 'libgit2',
                     {'how': 'builder', 'compression': 1}, 10000, True))),
    # Grown before the clock: each operation under it takes 16 bytes of its own.
    Curve('memory', 'Memory of the process, by commits made', 'commits', 'history',
          'max_rss_kb', 'MiB', 'w1', {'preset': 1000, 'commits': 1000}, THOUSANDS, (
              Series('last 100 kept', 'irmin', {'ids': 'end', 'retain': 100},
                     grows_at_most=1.25),
              Series('same, ids each', 'irmin', {'ids': 'each', 'retain': 100},
                     grows_at_most=1.25),
              Series('all kept', 'irmin', {'ids': 'end'}, 300000),
              Series('libgit2 mem', 'libgit2', {'how': 'updated'}, 30000))),
)


class Clock:
    """What is left of the whole run."""

    def __init__(self):
        self.ends = time.monotonic() + WHOLE_SECONDS

    def is_over(self):
        return time.monotonic() > self.ends


def value_of(curve, one, result):
    value = result[one.figure or curve.figure]
    return value / 1024 if curve.figure.endswith('_kb') else value


def measure_point(curve, one, amount, folder):
    """-> the median of three runs where that is cheap, and the seconds of one"""
    values, begun = [], time.monotonic()
    while len(values) < 3:
        result = measure.run_once(
            one.program, curve.workload,
            {**curve.arguments, **one.arguments, curve.variable: amount}, folder)
        values.append(value_of(curve, one, result))
        seconds = (time.monotonic() - begun) / len(values)
        if seconds > 2:
            break
    return sorted(values)[len(values) // 2], seconds


def measure_series(curve, one, folder, clock):
    """-> its points, and why there are no more of them ('' if there are not)"""
    points = []
    for amount in curve.points:
        if amount > one.most:
            return points, f'ends at {one.most:,}, to be done in time'
        if clock.is_over():
            return points, 'the time of the whole run was over'
        try:
            value, seconds = measure_point(curve, one, amount, folder)
        except (measure.NotThere, measure.Failed) as reason:
            return points, str(reason)
        points.append((amount, value))
        if seconds > POINT_SECONDS and amount != curve.points[-1]:
            return points, f'one point took {seconds:.0f} s'
    return points, ''


def grown(points):
    return points[-1][1] / points[0][1] if len(points) > 1 else None


def measure_curve(curve, folder, clock):
    results = []
    for one in curve.series:
        where = (folder if one.on_disk else None)
        points, ended = measure_series(curve, one, where, clock)
        results.append({'name': one.name, 'who': one.program, 'points': points,
                        'ended': ended, 'grew': grown(points),
                        'grows_at_most': one.grows_at_most})
    return {'key': curve.key, 'title': curve.title, 'grows': curve.grows,
            'unit': curve.unit, 'file_system': machine.file_system(folder),
            'series': results}


def text_of(curve):
    """-> the lines of one curve: a column for each series"""
    columns = [one['name'] for one in curve['series']]
    form = '{:>14}' + ' {:>16}' * len(columns)
    lines = [f'{curve["title"]}: {curve["unit"]}; files in {curve["file_system"]}',
             form.format(curve['grows'], *columns)]
    values = [dict(one['points']) for one in curve['series']]
    for amount in sorted({amount for one in values for amount in one}):
        lines.append(form.format(f'{amount:,}', *(
            table.short(one[amount]) if amount in one else '-' for one in values)))
    lines.append(form.format('last to first', *(
        table.short(one['grew']) + 'x' if one['grew'] else '-'
        for one in curve['series'])))
    for one in curve['series']:
        if one['grows_at_most'] and one['grew']:
            mark = '' if one['grew'] <= one['grows_at_most'] else '   SHORT'
            lines.append(f'  wanted of {one["name"]}: grows at most '
                         f'{one["grows_at_most"]:g}x; reached: '
                         f'{one["grew"]:.2f}x{mark}')
        if one['ended']:
            lines.append(f'  {one["name"]}: {one["ended"]}'[:table.WIDTH])
    return lines + ['']


def write_plot(curve):
    series = [svg.Series(one['name'] if one['who'] != 'irmin' else
                         'irmin ' + one['name'], one['points'],
                         one['who'] == 'irmin')
              for one in curve['series'] if one['points']]
    if not series:
        return None
    path = os.path.join(machine.RESULTS, f'growth-{curve["key"]}.svg')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(svg.plot(curve['title'], curve['grows'], curve['unit'], series))
    return path


def run(folder, keys):
    """-> all curves of these keys; prints and plots them"""
    clock, curves = Clock(), []
    os.makedirs(machine.RESULTS, exist_ok=True)
    for curve in CURVES:
        if curve.key not in keys:
            continue
        curves.append(measure_curve(curve, folder, clock))
        print('\n'.join(text_of(curves[-1])), flush=True)
        path = write_plot(curves[-1])
        if path:
            print(f'  plotted: {os.path.relpath(path)}\n', flush=True)
    return curves
