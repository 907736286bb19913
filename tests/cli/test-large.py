#!/usr/bin/python3
"""Values that are not held whole: from files and pipes, to files, and in little
memory."""

import json
import os
import random
import subprocess
import sys

from tool import DONE, FAILURE, STALE, USAGE, Tap, Tool, is_sanitized, peak_kilobytes

LARGE = (8 << 20) + 4321  # read and written in pieces from 8 MiB on


def make_file(tool, name, seed, size=LARGE):
    """-> its path, its bytes"""
    path, value = tool.path(name), random.Random(seed).randbytes(size)
    with open(path, 'wb') as file:
        file.write(value)
    return path, value


def piped(tool, path, *args, **options):
    """Runs it with a pipe that gives the file -> its exit status"""
    with subprocess.Popen(['cat', path], stdout=subprocess.PIPE) as source:
        done = subprocess.run(tool.command(args, None), check=False,
                              stdin=source.stdout, env=tool.env, **options)
        source.stdout.close()
    return done.returncode


def check_ways(tap, tool):
    one, value = make_file(tool, 'one', 1)
    tool.expect('set from a file', ['set', 'a/b', '--file', one])
    tap.ok(tool.run('get', 'a/b').out == value and
           tool.git('cat-file', 'blob', 'HEAD:a/b') == value, 'is what it was')
    tap.ok(tool.git('log', '-1', '--format=%s') == b'set a/b\n',
           'with the usual message')
    head = tool.git('rev-parse', 'HEAD')
    tool.expect('the same again', ['set', 'a/b', '--file', one])
    tap.ok(tool.git('rev-parse', 'HEAD') == head, 'makes no commit')
    two, value = make_file(tool, 'two', 2)
    with open(two, 'rb') as file:
        file.seek(1000)
        status = subprocess.run(tool.command(['set', 'a/b'], None), check=False,
                                stdin=file, env=tool.env).returncode
    tap.ok(status == DONE and tool.run('get', 'a/b').out == value[1000:],
           'standard input that is a file, from where it stands')
    three, value = make_file(tool, 'three', 3)
    empty = tool.path('spool')
    os.makedirs(empty, exist_ok=True)
    tool.env['TMPDIR'] = empty
    tap.ok(piped(tool, three, 'set', 'a/b') == DONE and
           tool.run('get', 'a/b').out == value, 'a pipe')
    tap.ok(os.listdir(empty) == [], 'leaves nothing behind')
    tool.env['TMPDIR'] = tool.path('nowhere')
    tap.ok(piped(tool, two, 'set', 'a/b', stderr=subprocess.DEVNULL) == FAILURE
           and tool.run('get', 'a/b').out == value, 'with no place for it')
    del tool.env['TMPDIR']
    tool.expect('a small file', ['set', 'small', '--file', '/proc/self/comm'])
    tap.ok(tool.run('get', 'small').out == b'irmin\n',
           'whose size says nothing', tool.run('get', 'small'))
    tool.git('fsck', '--strict')


def check_options(tap, tool):
    path, value = make_file(tool, 'tool', 4)
    tool.expect('with a mode', ['set', 'bin/x', '--file', path, '--mode', 'exec'])
    tap.ok(tool.git('ls-tree', 'HEAD', 'bin/x').startswith(b'100755 '), 'has it')
    tool.expect('as it was', ['set', 'bin/x', '--file', path, '-m', 'm'])
    other, later = make_file(tool, 'other', 5)
    tool.expect('expecting nothing', ['set', 'bin/x', '--file', other,
                                      '--expect-absent'], STALE, b'',
                'not what was expected')
    tap.ok(tool.run('get', 'bin/x').out == value, 'is refused')
    tool.run('set', 'v', 'old')
    tool.expect('expecting what is there', ['set', 'v', '--file', other,
                                            '--expect', 'old'])
    tap.ok(tool.run('get', 'v').out == later, 'is done')
    tool.expect('expecting what was', ['set', 'v', '--file', other,
                                       '--expect', 'old'], STALE, b'', 'expected')
    told = tool.run('get', 'v', '--json')
    tap.ok(json.loads(told.out)['size'] == len(later), 'get as JSON')
    tool.expect('VALUE and FILE', ['set', 'v', '1', '--file', path], USAGE, b'',
                'exclude each other')
    tool.expect('no such file', ['set', 'v', '--file', tool.path('none')],
                FAILURE, b'', 'open .*none: No such file')
    tool.expect('a folder', ['set', 'v', '--file', tool.dir], FAILURE, b'',
                'Is a directory')
    tool.expect('a path that cannot be', ['set', 'a/.git/b', '--file', path],
                USAGE, b'', r'\.git')


def check_memory(tap, tool):
    """A value above what the library takes whole, in little memory."""
    size = 300 << 20
    path = tool.path('zeros')
    with open(path, 'wb') as file:
        file.truncate(size)
    sanitized = is_sanitized(tool)
    for args in [['set', 'huge', '--file', path], ['get', 'huge'],
                 ['cat', 'HEAD:huge'], ['set', 'bin/huge', '--file', path,
                                        '--mode', 'exec']]:
        status, peak = peak_kilobytes(tool, *args)
        tap.ok(status == DONE and (sanitized or peak < 40000),
               f'{args[0]} in little memory', status, peak)
    oid = tool.git('hash-object', path)
    tap.ok(tool.git('rev-parse', 'HEAD:huge', 'HEAD:bin/huge') == oid + oid,
           'is what git says it is')
    with open(path, 'wb') as out:
        tool.expect('it comes', ['get', 'huge'], stdout=out)
    tap.ok(tool.git('hash-object', path) == oid, 'whole, and in order')
    os.unlink(path)


def main():
    tap = Tap()
    with Tool(tap) as tool:
        for algo in ['sha1', 'sha256']:
            tool.init(f'{algo}.git', '--hash', algo)
            check_ways(tap, tool)
            check_options(tap, tool)
        check_memory(tap, tool)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
