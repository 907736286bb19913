#!/usr/bin/python3
"""What `make install` leaves can be used as any library: by pkg-config, from C
and C++, shared and static.

    test-install.py BUILD_DIR
"""

import glob
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
from tap import Tap, run  # noqa: E402

PROGRAM = '''
#include <irmin/irmin.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
	puts(irmin_version());
	return strcmp(irmin_version(), IRMIN_VERSION) != 0;
}
'''

# what, compiler, flags for it, flags for pkg-config
USES = [
    ('C, shared', ['cc', '-x', 'c', '-std=c11'], [], []),
    ('C++, shared', ['c++', '-x', 'c++', '-std=c++17'], [], []),
    ('C, static', ['cc', '-x', 'c', '-std=c11'], ['-static'], ['--static']),
]


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as root:
        code, said = run('meson', 'install', '--no-rebuild', '--destdir', root,
                         '-C', sys.argv[1])
        if not tap.ok(code == 0, 'meson install', said):
            return tap.done()
        described = glob.glob(f'{root}/**/irmin.pc', recursive=True)[0]
        libraries = os.path.dirname(os.path.dirname(described))
        env = dict(os.environ, LD_LIBRARY_PATH=libraries,
                   PKG_CONFIG_PATH=os.path.dirname(described))
        source, program = f'{root}/program.c', f'{root}/program'
        with open(source, 'w', encoding='utf-8') as out:
            out.write(PROGRAM)
        # Where it would be installed; here that lies below root.
        prefix = run('pkg-config', '--variable=prefix', 'irmin', env=env)[1].strip()
        for what, compiler, link, ask in USES:
            _, flags = run('pkg-config', *ask, '--cflags', '--libs', 'irmin', env=env)
            for option in ('-I', '-L'):
                flags = flags.replace(option + prefix, option + root + prefix)
            code, said = run(*compiler, *link, source, '-o', program,
                             *flags.split(), env=env)
            if tap.ok(code == 0, f'{what}: a program links', said):
                code, said = run(program, env=env)
                tap.ok(code == 0, f'{what}: it runs, with the library of its headers',
                       said)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
