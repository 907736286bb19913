"""Where it is measured: the programs' build, and what must be told of the machine
for figures to mean anything."""

import hashlib
import json
import os
import platform
import subprocess
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, 'build-bench')
RESULTS = os.path.join(ROOT, 'bench', 'results')
MEMORY = '/dev/shm'

# SHA-1 of the machine that the goals in microseconds were set on, in GB/s.
REFERENCE_SHA1 = 1.63


class CannotMeasure(Exception):
    """Says why there is no figure: exit code 3."""


def tell(*command):
    """-> what the command said; a failure is nothing to measure past"""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          encoding='utf-8', errors='replace')
    if done.returncode:
        raise CannotMeasure(f'{" ".join(command)} failed:\n{done.stdout[-2000:]}')
    return done.stdout


def build():
    """Optimised, in a directory of its own: never what `make` made for tests."""
    if not os.path.exists(os.path.join(BUILD, 'build.ninja')):
        tell('meson', 'setup', '--buildtype=release', '-Dtests=false',
             '-Ddefault_library=both', BUILD, ROOT)
    tell('ninja', '-C', BUILD)


def file_system(folder):
    """-> its type, from the longest mount point that leads there"""
    best = ('', '?')
    with open('/proc/mounts', encoding='utf-8') as mounts:
        for line in mounts:
            _, point, kind = line.split()[:3]
            if (folder + '/').startswith(point.rstrip('/') + '/') and \
                    len(point) >= len(best[0]):
                best = (point, kind)
    return best[1]


def memory_folder():
    """-> where files are memory, or None: peers that have no other form of
    memory go there."""
    if os.access(MEMORY, os.W_OK) and file_system(MEMORY) == 'tmpfs':
        return MEMORY
    return None


def sha1_speed():
    """-> GB/s, the best of some tries: goals in microseconds are scaled by it,
    for hashing is what is left of a commit when all else is cheap."""
    data, best = bytes(1 << 20), float('inf')
    for _ in range(30):
        begun = time.perf_counter()
        hashlib.sha1(data).digest()
        best = min(best, time.perf_counter() - begun)
    return len(data) / best / 1e9


def describe():
    """What must be equal for figures of two runs to be compared."""
    versions = {name: tell('pkg-config', '--modversion', name).strip()
                for name in ('libcrypto', 'zlib')}
    return {'machine': platform.machine(), 'system': ' '.join(platform.libc_ver()),
            'compiler': tell('cc', '--version').splitlines()[0], **versions}


def peers():
    """-> the versions of who is measured beside us, as far as they are here"""
    found = {}
    for name, package in (('libgit2', 'libgit2'), ('lmdb', 'lmdb'),
                          ('sqlite', 'sqlite3')):
        done = subprocess.run(['pkg-config', '--modversion', package], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              encoding='utf-8')
        if done.returncode == 0:
            found[name] = done.stdout.strip()
    found['git'] = tell('git', '--version').split()[2]
    return found


def build_options():
    """-> how build-bench/ is built: another way makes other counts"""
    wanted = ('buildtype', 'optimization', 'debug', 'b_lto', 'b_ndebug', 'c_args')
    options = json.loads(tell('meson', 'introspect', '--buildoptions', BUILD))
    return {one['name']: one['value'] for one in options if one['name'] in wanted}
