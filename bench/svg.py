"""Log-log plots as SVG, from the standard library alone.

One picture for a light and a dark page: it brings its own paper, and changes its
colours with the reader's preference. Ours are whole lines, peers are dashed, and
each series has a mark of its own, so that nothing hangs on colour.
"""

import math
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 880, 440
LEFT, RIGHT, TOP, BOTTOM = 76, 236, 52, 58

#         light      dark
COLOURS = (('#0b5fc0', '#6cb1ff'), ('#1a7f37', '#56d364'), ('#8250df', '#c297ff'),
           ('#c4500a', '#ff9e5e'), ('#a8325e', '#ff8fb1'), ('#6e6200', '#e3cf4a'))

STYLE = '''
text { font: 14px system-ui, "DejaVu Sans", sans-serif; fill: #24292f }
.title { font-size: 17px; font-weight: 600 }
.paper { fill: #ffffff }
.grid { stroke: #d0d7de; stroke-width: 1 }
.faint { stroke: #eaeef2; stroke-width: 1 }
.axis { stroke: #57606a; stroke-width: 1.5; fill: none }
.line { stroke: currentColor; stroke-width: 2.5; fill: none }
.peer { stroke-dasharray: 7 5 }
.dot { fill: currentColor }
'''
DARK = '''
text { fill: #e6edf3 }
.paper { fill: #0d1117 }
.grid { stroke: #3d444d }
.faint { stroke: #21262d }
.axis { stroke: #9198a1 }
'''


@dataclass(frozen=True)
class Series:
    name: str
    points: list        # of (x, y), both above zero
    ours: bool = True


def label(value):
    """-> 1000 as 1k, 0.5 as 0.5"""
    for unit, size in (('M', 1e6), ('k', 1e3)):
        if value >= size:
            return f'{value / size:g}{unit}'
    return f'{value:g}'


def steps(low, high):
    """-> the round numbers 1, 2, 5 times a power of ten around low..high"""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    every = [factor * 10.0 ** power for power in range(first, last + 1)
             for factor in (1, 2, 5)]
    below = max((one for one in every if one <= low * (1 + 1e-9)), default=every[0])
    above = min((one for one in every if one >= high * (1 - 1e-9)),
                default=every[-1])
    return [one for one in every if below <= one <= above]


def is_decade(value):
    return abs(math.log10(value) - round(math.log10(value))) < 1e-9


class Axis:
    """From numbers to places: logarithmic, on round ends."""

    def __init__(self, values, start, end):
        ticks = steps(min(values), max(values))
        if len(ticks) == 1:  # a single value in the middle of its decade
            ticks = [ticks[0] / 2, ticks[0], ticks[0] * 2]
        self.ticks, self.start, self.end = ticks, start, end

    def at(self, value):
        low, high = math.log10(self.ticks[0]), math.log10(self.ticks[-1])
        part = (math.log10(value) - low) / (high - low)
        return self.start + part * (self.end - self.start)

    def named(self):
        """Decades only, where there are enough of them."""
        decades = [one for one in self.ticks if is_decade(one)]
        return decades if len(decades) > 2 else self.ticks


def grid(across, upward):
    parts = []
    for axis, is_across in ((across, True), (upward, False)):
        for tick in axis.ticks:
            place = f'{axis.at(tick):.1f}'
            kind = 'grid' if tick in axis.named() else 'faint'
            ends = (place, TOP, place, HEIGHT - BOTTOM) if is_across else \
                (LEFT, place, WIDTH - RIGHT, place)
            parts.append('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>'
                         .format(kind, *ends))
    return parts


def tick_labels(across, upward):
    parts = [f'<text x="{across.at(one):.1f}" y="{HEIGHT - BOTTOM + 20}" '
             f'text-anchor="middle">{label(one)}</text>' for one in across.named()]
    return parts + [
        f'<text x="{LEFT - 9}" y="{upward.at(one) + 5:.1f}" '
        f'text-anchor="end">{label(one)}</text>' for one in upward.named()]


def words(title, x_label, y_label):
    middle = (TOP + HEIGHT - BOTTOM) / 2
    return [f'<text class="title" x="{LEFT}" y="30">{escape(title)}</text>',
            f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 14}" '
            f'text-anchor="middle">{escape(x_label)}</text>',
            f'<text transform="translate(20 {middle}) rotate(-90)" '
            f'text-anchor="middle">{escape(y_label)}</text>']


SHAPES = ('M{l} {y}a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0',
          'M{l} {t}h9v9h-9z', 'M{x} {t}l5.5 9.5h-11z', 'M{x} {t}l5 5l-5 5l-5 -5z',
          'M{x} {b}l5.5 -9.5h-11z', 'M{l} {y}h3v-4.5h3v4.5h3v3h-3v3h-3v-3h-3z')


def dot(number, x, y):
    places = {'x': x, 'y': y, 'l': x - 4.5, 't': y - 5, 'b': y + 5}
    path = SHAPES[number % len(SHAPES)].format(
        **{key: f'{value:.1f}' for key, value in places.items()})
    return f'<path class="dot" d="{path}"/>'


def drawn(number, one, across, upward):
    places = [(across.at(x), upward.at(y)) for x, y in one.points]
    path = 'M' + 'L'.join(f'{x:.1f} {y:.1f}' for x, y in places)
    kind = 'line' if one.ours else 'line peer'
    return [f'<g class="s{number % len(COLOURS)}">',
            f'<path class="{kind}" d="{path}"/>',
            *(dot(number, x, y) for x, y in places), '</g>']


def legend(series):
    """In the order of the last values, as the lines stand on the right."""
    order = sorted(enumerate(series), key=lambda one: -one[1].points[-1][1])
    left, parts = WIDTH - RIGHT + 18, []
    for place, (number, one) in enumerate(order):
        y = TOP + 12 + 24 * place
        kind = 'line' if one.ours else 'line peer'
        parts += [f'<g class="s{number % len(COLOURS)}">',
                  f'<path class="{kind}" d="M{left} {y}h34"/>',
                  dot(number, left + 17, y), '</g>',
                  f'<text x="{left + 42}" y="{y + 5}">{escape(one.name)}</text>']
    return parts


def style():
    light, dark = (''.join(f'.s{number} {{ color: {pair[which]} }}\n'
                           for number, pair in enumerate(COLOURS))
                   for which in (0, 1))
    return f'<style>{STYLE}{light}@media (prefers-color-scheme: dark) {{' \
           f'{DARK}{dark}}}\n</style>'


def plot(title, x_label, y_label, series):
    """-> the whole picture as text"""
    across = Axis([x for one in series for x, _ in one.points], LEFT, WIDTH - RIGHT)
    upward = Axis([y for one in series for _, y in one.points], HEIGHT - BOTTOM, TOP)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
             f'height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">',
             f'<title>{escape(title)}</title>', style(),
             f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}" rx="6"/>',
             *grid(across, upward),
             f'<path class="axis" d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}'
             f'H{WIDTH - RIGHT}"/>',
             *tick_labels(across, upward), *words(title, x_label, y_label)]
    for number, one in enumerate(series):
        parts += drawn(number, one, across, upward)
    return '\n'.join(parts + legend(series) + ['</svg>', ''])
