#!/usr/bin/python3
"""Holds the tree to its own rules (HACKING.md); rooms.py is the table.

    lint.py [--root DIR] [--libs DIR]

One TAP check a rule. With --libs, the folder of the rooms' static libraries,
also what only compiled code tells: upward calls, globals, names. An exception
stands with its reason in tests/lint/waivers.txt, as `RULE WHERE : reason`.
"""

import argparse
import fnmatch
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
from rooms import (BANNED, BASE_ONLY, BIG_FILES_PERCENT, CLIENTS, FILE_ALARM,  # noqa: E402
                   FILE_STOP, FUNCTION_ALARM, FUNCTION_STOP, LIBC, NESTING_STOP,
                   OS_SEAM, OVERRUNS, OWNED_HEADERS, PUBLIC_LIBC, ROOMS,
                   SEAM_ONLY, WIDTH_STOP)
from tap import Tap  # noqa: E402

FOLDERS = ['include', 'lib', 'cli', 'examples', 'bindings', 'bench', 'tests',
           'scripts', 'docs', '.ci']
NOT_OURS = ['__pycache__', 'corpus']  # made, or bytes that are what they are
TEXTS = ('.c', '.h', '.in', '.py', '.build', '.md', '.sh', '.map', '.txt', '')
NOT_CODE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'',
                      re.DOTALL)


class Source:
    """One file: its path from the root, its lines, and those without
    comments and strings."""

    def __init__(self, root, path):
        self.path = path
        with open(os.path.join(root, path), encoding='utf-8',
                  errors='replace') as file:
            text = file.read()
        self.lines = text.splitlines()
        self.is_c = path.endswith(('.c', '.h', '.h.in'))
        self.code = NOT_CODE.sub(lambda m: re.sub(r'[^\n]', ' ', m[0]),
                                 text).splitlines() if self.is_c else []

    def is_in(self, folder):
        return self.path.startswith(folder + '/')

    def functions(self):
        """-> (name, number of the line of `{`, lines in the body)"""
        start = None
        for number, line in enumerate(self.code, 1):
            if line.startswith('{'):
                start = number
            elif line.startswith('}') and start:
                yield self.name_before(start), start, number - start - 1
                start = None

    def name_before(self, start):
        head = []
        for line in reversed(self.code[:start - 1]):
            if not line.strip() or line.rstrip().endswith((';', '}')):
                break
            head.insert(0, line)
        name = re.search(r'(\w+)\(', ' '.join(head))
        return name[1] if name else '?'


class Finding:
    """A rule broken: WHERE is what a waiver names, a file or file:function."""

    def __init__(self, where, line, text, alarm=False):
        self.where = where
        self.alarm = alarm
        self.text = f'{where.split(":")[0]}:{line}: {text}' if line else \
            f'{where}: {text}'


def read_tree(root):
    paths = [name for name in os.listdir(root)
             if os.path.isfile(os.path.join(root, name))]
    for folder in FOLDERS:
        for at, folders, names in os.walk(os.path.join(root, folder)):
            folders[:] = [name for name in folders if name not in NOT_OURS]
            paths += [os.path.relpath(os.path.join(at, name), root) for name in names]
    return [Source(root, path) for path in sorted(paths)
            if os.path.splitext(path)[1] in TEXTS]


def room_of(path):
    return next((room for room in ROOMS if path.startswith(room + '/')), None)


def may_stand_on(room, other):
    return other == room or any(other == lower or other.startswith(lower + '/')
                                for lower in ROOMS[room][1])


# Rules over the text: each takes one source and yields what it finds.

def rule_includes(source):
    """includes go down only, and foreign headers stay with their owners"""
    for number, line in enumerate(source.lines, 1):
        found = re.match(r'\s*#\s*include\s*(?:<([^>]+)>|"([^"]+)")', line)
        if not found or not source.is_c:
            continue
        wrong = wrong_system_include(source, found[1]) if found[1] else \
            wrong_own_include(source, found[2])
        if wrong:
            yield Finding(source.path, number, wrong)


def wrong_system_include(source, header):
    if header.startswith('irmin/'):
        return None
    for pattern, owners in OWNED_HEADERS.items():
        if fnmatch.fnmatch(header, pattern) and source.is_in('lib'):
            if not any(fnmatch.fnmatch(source.path, o) for o in owners):
                return f'<{header}> belongs to {" ".join(owners)}'
            return None
    if source.is_in('include'):
        if header[:-2] not in PUBLIC_LIBC:
            return f'<{header}> in a public header'
    elif source.is_in('lib') and header[:-2] not in LIBC:
        if not fnmatch.fnmatch(source.path, OS_SEAM):
            return f'<{header}> belongs behind the os seam'
    return None


def wrong_own_include(source, header):
    if source.is_in('include'):
        return f'"{header}": a public header includes <irmin/...> only'
    if not header.startswith(tuple(folder + '/' for folder in FOLDERS)):
        return f'"{header}" is not spelled from the root'
    room, other = room_of(source.path), room_of(header)
    if header.startswith('lib/'):
        if any(source.is_in(client) for client in CLIENTS):
            return f'"{header}": clients see the public headers only'
        if room and not may_stand_on(room, other or header):
            return f'"{header}": {room} does not stand on it'
    elif source.is_in('lib'):
        return f'"{header}": lib includes lib only'
    return None


def rule_sizes(source):
    """files and functions hold one idea"""
    if not source.is_c:
        return
    size = len(source.lines)
    if size > FILE_ALARM:
        yield Finding(source.path, 0, f'{size} lines', size <= FILE_STOP)
    for name, line, length in source.functions():
        if length > FUNCTION_ALARM:
            yield Finding(f'{source.path}:{name}', line,
                          f'{name}() has {length} lines', length <= FUNCTION_STOP)


def rule_nesting(source):
    """at most three control statements deep"""
    deep = re.compile(r'\t{%d,}(?:(?:} )?else )?(if|for|while|do|switch)\b'
                      % (NESTING_STOP + 1))
    for number, line in enumerate(source.code, 1):
        if deep.match(line):
            yield Finding(source.path, number, 'nested too deeply')


def rule_labels(source):
    """the only label is done"""
    for number, line in enumerate(source.code, 1):
        found = re.match(r'\s*(\w+):(?!:)\s*$', line) or \
            re.search(r'\bgoto\s+(\w+)', line)
        if found and found[1] not in ('done', 'default'):
            yield Finding(source.path, number, f'label {found[1]}')


def rule_words(source):
    """nothing is left open"""
    if source.is_in('tests/lint'):
        return
    for number, line in enumerate(source.lines, 1):
        found = re.search(r'\b(TODO|FIXME|XXX)\b', line)
        if found:
            yield Finding(source.path, number, found[1])


def banned_in(source):
    """the functions that this source may not call"""
    banned = set(OVERRUNS)
    if source.is_in('lib'):
        banned.update(BANNED)
        if not source.is_in('lib/core/base'):
            banned.update(BASE_ONLY)
        if not fnmatch.fnmatch(source.path, OS_SEAM):
            banned.update(SEAM_ONLY)
    return banned


def rule_banned(source):
    """nothing is called that overruns, or in lib prints, exits, evades the seams"""
    if source.is_in('tests'):
        return
    banned = banned_in(source)
    for number, line in enumerate(source.code, 1):
        for found in re.finditer(r'(?<![\w.>])(\w+)\s*\(', line):
            if found[1] in banned:
                yield Finding(source.path, number, f'{found[1]}()')


def rule_lines(source):
    """lines are not too long and end where they end"""
    for number, line in enumerate(source.lines, 1):
        if source.is_c and len(line.expandtabs(8)) > WIDTH_STOP:
            yield Finding(source.path, number, f'over {WIDTH_STOP} columns')
        if line != line.rstrip():
            yield Finding(source.path, number, 'white space at its end')


# Rules over the whole tree.

def rule_basenames(sources):
    """base names are unique"""
    seen = {}
    for source in sources:
        name = os.path.basename(source.path)
        if source.is_c and not source.is_in('include'):
            if name in seen:
                yield Finding(source.path, 0, f'{seen[name]} has that name too')
            seen[name] = source.path


def rule_share(sources):
    """most of the library lies in files of a readable size"""
    sizes = [len(s.lines) for s in sources if s.is_in('lib') and s.is_c]
    big = sum(size for size in sizes if size > FILE_ALARM)
    if big * 100 > sum(sizes) * BIG_FILES_PERCENT:
        yield Finding('lib', 0, f'{big} of {sum(sizes)} lines are in files of '
                      f'more than {FILE_ALARM}')


# Rules over the rooms' static libraries.

# A symbol of `objdump -t` (not the section itself, flagged d) in a section that
# is written to; .data.rel.ro is not.
WRITABLE = re.compile(r'\w+ .{5}[^d]. \.(t?bss|t?data)(\.(?!rel\.ro)\S*)?\t')

class Symbols:
    """What one room's library defines for others, wants from them, and keeps
    in writable memory."""

    def __init__(self, library):
        self.defined, self.wanted = set(), set()
        for line in tool_lines('nm', '-g', '-P', library):
            fields = line.split()
            if len(fields) >= 2 and len(fields[1]) == 1:
                kind = self.wanted if fields[1] in 'Uw' else self.defined
                kind.add(fields[0])
        self.writable = [
            line.split()[-1] for line in tool_lines('objdump', '-t', library)
            if WRITABLE.match(line)]


def tool_lines(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE,
                          encoding='utf-8').stdout.splitlines()


def read_libraries(folder):
    libraries = {}
    for room, (name, _) in ROOMS.items():
        library = os.path.join(folder, f'libirmin-{name}.a')
        if os.path.exists(library):
            libraries[room] = Symbols(library)
    return libraries


def rule_arrows(libraries):
    """no room calls a room that it does not stand on"""
    for room, symbols in libraries.items():
        for other, theirs in libraries.items():
            called = (symbols.wanted - symbols.defined) & theirs.defined
            if room == 'lib/ds':  # an outsider that happens to live with us
                called = {name for name in called if name.startswith('irmin__')}
            elif may_stand_on(room, other):
                continue
            for name in sorted(called):
                yield Finding(f'{room}:{name}', 0, f'{name} is defined in {other}')


def rule_names(libraries):
    """what other files can see begins with irmin_"""
    for room, symbols in libraries.items():
        for name in sorted(symbols.defined):
            if not name.startswith('irmin_'):
                yield Finding(f'{room}:{name}', 0, f'{name} has no prefix')


def rule_globals(libraries):
    """there is no global state"""
    for room, symbols in libraries.items():
        for name in sorted(symbols.writable):
            yield Finding(f'{room}:{name}', 0, f'{name} is a writable global')


SOURCE_RULES = [rule_includes, rule_sizes, rule_nesting, rule_labels, rule_words,
                rule_banned, rule_lines]
TREE_RULES = [rule_basenames, rule_share]
LIBRARY_RULES = [rule_arrows, rule_names, rule_globals]


def read_waivers(root):
    """-> {(rule, where): reason}"""
    waivers = {}
    path = os.path.join(root, 'tests', 'lint', 'waivers.txt')
    if os.path.exists(path):
        with open(path, encoding='utf-8') as lines:
            for line in lines:
                if line.strip() and not line.startswith('#'):
                    key, _, reason = line.strip().partition(' : ')
                    rule, _, where = key.partition(' ')
                    waivers[rule, where] = reason
    return waivers


def check_rule(tap, rule, findings, waivers, used):
    name = rule.__name__[len('rule_'):]
    stops = []
    for finding in findings:
        if waivers.get((name, finding.where)):
            used.add((name, finding.where))
        elif finding.alarm:
            tap.diag(f'alarm: {finding.text}')
        else:
            stops.append(finding.text)
    tap.ok(not stops, f'{name}: {rule.__doc__}', *stops)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    here = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument('--root', default=os.path.join(here, '..', '..'))
    parser.add_argument('--libs')
    args = parser.parse_args()

    tap = Tap()
    waivers, used = read_waivers(args.root), set()
    sources = read_tree(args.root)
    for rule in SOURCE_RULES:
        findings = [f for source in sources for f in rule(source)]
        check_rule(tap, rule, findings, waivers, used)
    for rule in TREE_RULES:
        check_rule(tap, rule, rule(sources), waivers, used)
    if args.libs:
        libraries = read_libraries(args.libs)
        for rule in LIBRARY_RULES:
            check_rule(tap, rule, rule(libraries), waivers, used)
        tap.ok(used == set(waivers), 'waivers: each gives a reason and is needed',
               *(f'{rule} {where}' for rule, where in set(waivers) - used))
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
