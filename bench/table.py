"""Prints rows for a person, in 100 columns: all of it is in the JSON."""

WIDTH = 100
HEAD = ('  {:<8} {:<33} {:>8} {:>8} {:>8} {:>8} {:>5} {:>6} {:>6}')
# What is shown of single operations, and of whole processes (W6).
OPERATIONS = (('CPU us', 'cpu_us'), ('p50 us', 'p50_us'), ('p99 us', 'p99_us'),
              ('p99.9', 'p999_us'))
PROCESSES = (('CPU s', 'cpu_s'), ('wall s', 'wall_s'), ('packs', 'pack_mib'),
             ('', 'none'))


def short(value):
    """-> a figure in at most 7 characters, of three digits that count"""
    for bound, digits in ((0.1, 3), (10, 2), (100, 1)):
        if abs(value) < bound:
            return f'{value:.{digits}f}'
    return f'{value:,.0f}' if value < 1e6 else f'{value / 1e6:,.1f}M'


def columns_of(row):
    whole = any('cpu_s' in entry for entry in row['entries'])
    return PROCESSES if whole else OPERATIONS


def ratio_to(entry, mark, row):
    """-> how often our line with that mark goes into this entry, as text"""
    entries, figure = row['entries'], columns_of(row)[0][1]
    ours = next((one for one in entries if one['mark'] == mark), None)
    if not ours or ours is entry or not ours.get(figure) or not entry.get(figure):
        return ''
    return short(entry[figure] / ours[figure]) + 'x'


def head(row):
    marks = {entry['mark'] for entry in row['entries']}
    ratios = ['to ' + mark if mark in marks and len(row['entries']) > 1 else ''
              for mark in 'ab']
    return HEAD.format('', '', *(name for name, _ in columns_of(row)), 'MiB', *ratios)


def line(entry, row):
    mark = entry['mark'] or ' '
    if 'missing' in entry:
        why = 'failed, as told below' if entry['failed'] else entry['missing']
        return f'{mark} {entry["who"]:<8} {entry["how"]:<33} {"-":>8}  {why}'[:WIDTH]
    figures = [short(entry[key]) if entry.get(key) else ''
               for _, key in columns_of(row)]
    peak = entry.get('max_rss_kb')
    text = HEAD.format(
        entry['who'], entry['how'], *figures, f'{peak / 1024:,.0f}' if peak else '',
        *(ratio_to(entry, which, row) for which in 'ab'))
    return mark + text[1:]


def verdict_lines(verdicts):
    for one in verdicts:
        reached = one['reached'] or 'nothing to compare with'
        short_of = '' if one['met'] or not one['reached'] else '   SHORT'
        yield f'  wanted of {one["mark"]}: {one["wanted"]}; ' \
              f'reached: {reached}{short_of}'


def at(row):
    return f' ({row["file_system"]})' if 'file_system' in row else ''


def text_of(row, verdicts):
    """-> the lines of one row"""
    lines = [row['title'] + at(row), head(row)]
    lines += [line(entry, row) for entry in row['entries']]
    lines += verdict_lines(verdicts)
    if not row['same_ids']:
        lines.append('  FAILED: they did not end with the same')
    lines += [f'  FAILED: {reason}' for reason in row['failed']]
    return [one.rstrip() for one in lines] + ['']


def summary(rows):
    """-> what falls short, in one place: the end of the run is what is read"""
    verdicts = [(row['key'] + at(row), one) for row in rows for one in row['goals']]
    met = sum(one['met'] for _, one in verdicts)
    lines = [f'{met} of {len(verdicts)} goals reached']
    for title, one in verdicts:
        if not one['met']:
            lines.append(f'  short: {title}: wanted of {one["mark"]} '
                         f'{one["wanted"]}; reached {one["reached"] or "-"}')
    return lines
