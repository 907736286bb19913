"""The fuzz targets, as the table in tests/fuzz/meson.build has them."""

import ast
import collections
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'lint'))
from rooms import ROOMS  # noqa: E402

HERE = os.path.join('tests', 'fuzz')

# A target's name, the folders whose code it is about, and its parsers: [(file,
# "FIRST..LAST" of its functions, or "" for all)]; all from the root.
Target = collections.namedtuple('Target', 'name folders parsers')


def read_table():
    """-> [Target]. meson writes lists and strings as Python does."""
    with open(os.path.join(ROOT, HERE, 'meson.build'), encoding='utf-8') as file:
        table = re.search(r'^fuzz_targets = (\[.*?^\])', file.read(),
                          re.MULTILINE | re.DOTALL)
    folders = {library: folder for folder, (library, _) in ROOMS.items()}
    targets = []
    for name, room, *parsers in ast.literal_eval(table[1]):
        parsers = [parser.partition(':')[::2] for parser in sum(parsers, [])]
        targets.append(Target(
            name, {folders[room]} | {os.path.dirname(path) for path, _ in parsers},
            parsers))
    return targets


def choose(parser, names):
    """-> the targets of these names, or all. `parser` says what is wrong."""
    table = read_table()
    unknown = set(names) - {target.name for target in table}
    if unknown:
        parser.error(f'no target {", ".join(sorted(unknown))}; there are '
                     f'{", ".join(target.name for target in table)}')
    return [target for target in table if not names or target.name in names]


def compiler():
    """-> a clang, or None"""
    return shutil.which('clang-14') or shutil.which('clang')


def build(folder, options, programs):
    """Builds programs of tests/fuzz with clang -> their paths."""
    # What meson tries out while it sets up leaves no profile behind.
    env = dict(os.environ, CC=compiler(), LLVM_PROFILE_FILE=os.devnull)
    if not os.path.exists(os.path.join(folder, 'build.ninja')):
        subprocess.run(['meson', 'setup', folder, ROOT, '-Db_lundef=false'] + options,
                       check=True, env=env)
    programs = [os.path.join(HERE, program) for program in programs]
    subprocess.run(['ninja', '-C', folder] + programs, check=True)
    return [os.path.join(folder, program) for program in programs]


def is_of(target, path):
    """Whether a change of this file may have changed what the target does."""
    return os.path.dirname(path) in target.folders or \
        path == os.path.join(HERE, f'fuzz-{target.name}.c') or \
        path.startswith(os.path.join(HERE, 'corpus', target.name, ''))
