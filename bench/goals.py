"""The one table of what we want to reach, and what was reached of it.

A goal is a ratio to the best of a kind of peers in the same run, or a bound.
Bounds in microseconds hold for the machine they were set on (machine.py); on
another one they are scaled by the speed of SHA-1.
"""

from dataclasses import dataclass

import machine

LIBGIT2, SQLITE, GIT = ('libgit2',), ('sqlite',), ('git',)
LMDB = ('lmdb nosync',)  # WRITEMAP leaves a broken file where power fails
BY = {'wall_us': ' by the clock', 'merge_us': ' in the merge alone'}
TIMES = {'cpu_us', 'wall_us', 'p50_us', 'p99_us'}  # scaled with the machine


@dataclass(frozen=True)
class Goal:
    """For the line with that mark: `times` the figure of the best of `rivals`
    (programs, perhaps with their how=, or marks of our own lines), or
    `at_most`."""
    mark: str
    rivals: tuple = ()
    times: float = 0
    stretch: float = 0
    at_most: float = 0
    figure: str = 'cpu_us'
    unit: str = 'us CPU'
    where: str = ''      # 'tmpfs', 'disk', or anywhere


# The keys are those of rows.py and large.py.
GOALS = {
    'W1 memory': [
        Goal('a', LIBGIT2, times=5, stretch=8),
        Goal('b', LMDB, times=1),
        Goal('b', at_most=2.0)],
    'W1 kept': [
        Goal('a', LMDB, times=1),
        Goal('a', at_most=2.0)],
    'W1 disk': [
        Goal('a', LIBGIT2, times=3, where='disk'),
        Goal('a', LIBGIT2, times=6, where='tmpfs'),
        Goal('a', at_most=5000, figure='p999_us', unit='us p99.9')],
    'W1 batch': [
        Goal('a', LIBGIT2, times=30)],
    'W1 power': [
        Goal('a', LIBGIT2, times=15, figure='wall_us', where='disk'),
        Goal('a', SQLITE, times=1, figure='wall_us', where='disk')],
    'W2 memory': [
        Goal('a', LIBGIT2, times=1.9, stretch=2.5)],
    'W2 disk': [
        Goal('a', LIBGIT2, times=20)],
    'W3 packed, cold': [
        Goal('a', LIBGIT2, times=1.8),
        Goal('a', at_most=2.7)],
    'W3 packed, hot': [
        Goal('a', LIBGIT2, times=3.7),
        Goal('a', at_most=1.3)],
    'cores': [
        Goal('b', ('a',), times=1.8, figure='wall_us'),
        # The same on a busy machine: threads that wait for each other's cache
        # lines take CPU time for it.
        Goal('b', ('a',), times=0.9)],
    'W4 memory': [
        Goal('a', LIBGIT2, times=50, stretch=100)],
    'W4 disk': [
        Goal('a', LIBGIT2, times=50, stretch=100),
        Goal('a', GIT, times=3, stretch=5, figure='merge_us')],
    'W5 memory, 10,000': [
        Goal('b', LIBGIT2, times=100)],
    'W5 disk, 10,000': [
        Goal('a', LIBGIT2, times=40)],
    'W6 scan': [
        Goal('a', GIT, times=2, figure='cpu_s')],
    'W6 walk': [
        Goal('a', GIT, times=2, figure='cpu_s')],
    'W6 get': [
        Goal('a', LIBGIT2, times=1.8, figure='cpu_s')],
    'W6 pack': [
        Goal('a', GIT, times=0.83, figure='cpu_s')],
    'W6 keys': [
        Goal('a', LIBGIT2, times=1.8, figure='cpu_s')],
    'bytes, memory': [
        Goal('a', at_most=100, figure='bytes_per_key', unit='bytes a key')],
    'bytes, disk': [
        Goal('a', at_most=100, figure='bytes_per_key', unit='bytes a key')],
}


def line_of(mark, entries):
    return next((one for one in entries if one['mark'] == mark), None)


def names_of(entry):
    yield entry['who']
    yield f'{entry["who"]} {entry.get("arguments", {}).get("how", "")}'
    yield entry['mark']


def best_of(rivals, figure, entries):
    """-> the rival that is hardest to beat, or None"""
    there = [one for one in entries
             if one.get(figure) and set(names_of(one)) & set(rivals)]
    return min(there, key=lambda one: one[figure], default=None)


def applies(goal, row):
    if goal.where == 'tmpfs':
        return row.get('file_system') == 'tmpfs'
    return goal.where != 'disk' or row.get('file_system') != 'tmpfs'


def judge_ratio(goal, ours, entries):
    rival = best_of(goal.rivals, goal.figure, entries)
    name = ' or '.join(goal.rivals)
    wanted = f'{goal.times:g}x {name}'
    if goal.stretch:
        wanted += f' (stretch {goal.stretch:g}x)'
    wanted += BY.get(goal.figure, '')
    if not rival:
        return wanted, None, False
    ratio = rival[goal.figure] / ours[goal.figure]
    return wanted, f'{ratio:.2f}x', ratio >= goal.times


def judge_bound(goal, ours, speed):
    scaled = goal.figure in TIMES
    bound = goal.at_most * (machine.REFERENCE_SHA1 / speed if scaled else 1)
    reached = ours.get(goal.figure)
    wanted = f'at most {bound:,.4g} {goal.unit}'
    if reached is None:
        return wanted, None, False
    return wanted, f'{reached:,.4g}', reached <= bound


def judge(key, row, speed):
    """-> for each goal of the row: mark, wanted, reached (None: there is nothing
    to compare), and whether it is met"""
    verdicts = []
    for goal in GOALS.get(key, []):
        ours = line_of(goal.mark, row['entries'])
        if not applies(goal, row) or not ours or 'missing' in ours:
            continue
        how = judge_ratio(goal, ours, row['entries']) if goal.rivals else \
            judge_bound(goal, ours, speed)
        verdicts.append(dict(zip(('mark', 'wanted', 'reached', 'met'),
                                 (goal.mark,) + how)))
    return verdicts
