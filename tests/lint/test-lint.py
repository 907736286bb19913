#!/usr/bin/python3
"""The lint catches what it is there to catch: each rule against a small tree
that breaks it, and against one that only comes near."""

import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'support'))
from tap import Tap, run  # noqa: E402

BODY = 'int f(void)\n{\n%s}\n'
IN_LIB, IN_SEAM = 'lib/core/store/a.c', 'lib/core/base/os-posix.c'

# rule, is it broken, file -> text
TEXT_CASES = [
    ('includes', True, {IN_LIB: '#include "lib/open/open.h"\n'}),
    ('includes', True, {'lib/core/base/a.c': '#include "lib/core/object/b.h"\n'}),
    ('includes', True, {IN_LIB: '#include "a.h"\n'}),
    ('includes', True, {IN_LIB: '#include <zlib.h>\n'}),
    ('includes', True, {IN_LIB: '#  include <unistd.h>\n'}),
    ('includes', True, {'lib/core/object/a.c': '#include <openssl/evp.h>\n'}),
    ('includes', True, {'cli/a.c': '#include "lib/core/base/vec.h"\n'}),
    ('includes', True, {'lib/ds/a.c': '#include "lib/core/base/vec.h"\n'}),
    ('includes', True, {'include/irmin/a.h': '#include <stdio.h>\n'}),
    ('includes', True, {'include/irmin/a.h': '#include "lib/core/base/vec.h"\n'}),
    ('includes', False, {
        IN_LIB: '#include "lib/core/object/b.h"\n#include <string.h>\n',
        IN_SEAM: '#include <sys/stat.h>\n#include <irmin/error.h>\n',
        'lib/core/object/hash-sha1.c': '#include <openssl/evp.h>\n',
        'lib/open/open.c': '#include "lib/backend-mem/mem.h"\n',
        'cli/a.c': '#include <unistd.h>\n#include "cli/command.h"\n',
        'tests/unit/base/test-a.c': '#include "lib/core/base/vec.h"\n'}),
    ('sizes', True, {IN_LIB: '\n' * 801}),
    ('sizes', True, {IN_LIB: BODY % ('\tx();\n' * 101)}),
    ('sizes', False, {IN_LIB: BODY % ('\tx();\n' * 100), IN_SEAM: '\n' * 800}),
    ('nesting', True, {IN_LIB: BODY % '\t\t\t\tif (x)\n\t\t\t\t\ty();\n'}),
    ('nesting', False, {IN_LIB: BODY % '\t\t\tif (x)\n\t\t\t\ty();\n'}),
    ('labels', True, {IN_LIB: BODY % '\tgoto out;\n'}),
    ('labels', True, {IN_LIB: BODY % 'out:\n\treturn 1;\n'}),
    ('labels', False, {IN_LIB: BODY % '\tgoto done;\n\tdefault:\ndone:\n'}),
    ('words', True, {IN_LIB: '/* TODO */\n'}),
    ('words', False, {IN_LIB: '/* mkdtemp("XXXXXX") */\n'}),
    ('banned', True, {IN_LIB: BODY % '\tprintf("x");\n'}),
    ('banned', True, {IN_LIB: BODY % '\tfree (x);\n'}),
    ('banned', True, {'cli/a.c': BODY % '\tstrcpy(x, y);\n'}),
    ('banned', True, {'lib/core/base/a.c': BODY % '\tx = time(NULL);\n'}),
    ('banned', False, {
        IN_LIB: BODY % '\tx->free(y); /* printf() */\n\tz("abort()");\n',
        'lib/core/base/alloc.c': BODY % '\tfree(x);\n',
        IN_SEAM: BODY % '\tclock_gettime(a, b);\n',
        'cli/a.c': BODY % '\tprintf("x");\n'}),
    ('lines', True, {IN_LIB: '/*' + 'x' * 99 + '\n'}),
    ('lines', True, {IN_LIB: '\t' * 13 + '\n'}),
    ('lines', True, {'scripts/a': 'x \n'}),
    ('lines', False, {IN_LIB: 'x' * 100 + '\n'}),
    ('basenames', True, {IN_LIB: '', 'cli/a.c': ''}),
    ('basenames', False, {'lib/core/base/a.h': '', 'include/irmin/a.h': ''}),
    ('share', True, {IN_LIB: '\n' * 601, IN_SEAM: '\n' * 600}),
    ('share', False, {IN_LIB: '\n' * 600, IN_SEAM: '\n' * 600}),
]

# rule, is it broken, room -> C
LIBRARY_CASES = [
    ('arrows', True, {'base': 'int irmin_b(void); int irmin_a(void) { return irmin_b(); }',
                      'store': 'int irmin_b(void) { return 1; }'}),
    ('arrows', True, {'store': 'int irmin_b(void); int irmin_a(void) { return irmin_b(); }',
                      'backend-mem': 'int irmin_b(void) { return 1; }'}),
    ('arrows', False, {'open': 'int irmin_b(void); int irmin_a(void) { return irmin_b(); }',
                       'store': 'int irmin_b(void) { return 1; }'}),
    ('names', True, {'base': 'int helper(void) { return 1; }'}),
    ('names', False, {'base': 'static int x(void) { return 1; } '
                              'int irmin__a(void) { return x(); }'}),
    ('globals', True, {'base': 'static int n; int irmin_a(void) { return n++; }'}),
    ('globals', True, {'base': 'static _Thread_local int n = 1; '
                               'int irmin_a(void) { return n++; }'}),
    ('globals', False, {'base': 'static const int t[] = { 1, 2 }; '
                                'static const char *const s[] = { "a", "b" }; '
                                'const char *irmin_a(int i) { return s[t[i]]; }'}),
]


def write(root, path, text):
    path = os.path.join(root, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as out:
        out.write(text)


def lint(root, *options):
    """-> the names of the broken rules, and all that was said"""
    _, said = run(os.path.join(HERE, 'lint.py'), '--root', root, *options)
    lines = [line for line in said.splitlines() if line.startswith('not ok')]
    return {line.split(' - ')[1].split(':')[0] for line in lines}, said


def build_rooms(root, rooms):
    for room, text in rooms.items():
        write(root, f'{room}.c', text)
        member = os.path.join(root, f'{room}.o')
        subprocess.run(['cc', '-fPIC', '-c', '-o', member,
                        os.path.join(root, f'{room}.c')], check=True)
        subprocess.run(['ar', 'rc', os.path.join(root, f'libirmin-{room}.a'),
                        member], check=True)


def check_cases(tap):
    for rule, broken, files in TEXT_CASES:
        with tempfile.TemporaryDirectory() as root:
            for path, text in files.items():
                write(root, path, text)
            found, said = lint(root)
        tap.ok((rule in found) == broken,
               f'{rule}: {"catches" if broken else "lets pass"} {list(files.items())}'[:110],
               said)
    for rule, broken, rooms in LIBRARY_CASES:
        with tempfile.TemporaryDirectory() as root:
            build_rooms(root, rooms)
            found, said = lint(root, '--libs', root)
        tap.ok((rule in found) == broken,
               f'{rule}: {"catches" if broken else "lets pass"} {list(rooms.items())}'[:110],
               said)


def check_waivers(tap):
    with tempfile.TemporaryDirectory() as root:
        write(root, IN_LIB, BODY % ('\tx();\n' * 101))
        write(root, 'tests/lint/waivers.txt', f'sizes {IN_LIB}:f : a table\n')
        found, said = lint(root, '--libs', root)
        tap.ok(not found, 'a waiver with a reason is heard', said)
        write(root, 'tests/lint/waivers.txt', f'sizes {IN_LIB}:f\n')
        found, said = lint(root, '--libs', root)
        tap.ok('sizes' in found, 'one without a reason is not', said)
        write(root, IN_LIB, '')
        write(root, 'tests/lint/waivers.txt', f'sizes {IN_LIB}:f : a table\n')
        found, said = lint(root, '--libs', root)
        tap.ok(found == {'waivers'}, 'one that nothing needs is an error', said)
        write(root, IN_LIB, '\n' * 700)
        write(root, IN_SEAM, '\n' * 4000)
        _, said = lint(root)
        tap.ok('# alarm: lib/core/store/a.c: 700 lines' in said, 'an alarm is told', said)


def main():
    tap = Tap()
    check_cases(tap)
    check_waivers(tap)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
