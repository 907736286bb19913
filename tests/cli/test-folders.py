#!/usr/bin/python3
"""import and export: folders in, folders out, and never anywhere else."""

import fcntl
import filecmp
import json
import os
import random
import re
import signal
import subprocess
import sys
import termios
import time

from tool import FAILURE, NO, Tap, Tool, is_sanitized, peak_kilobytes


def fill(root, count, seed):
    """A folder with files of all sorts; -> how many files."""
    rng = random.Random(seed)
    for i in range(count):
        where = os.path.join(root, f'd{i % 7}', f'e{i % 5}')
        os.makedirs(where, exist_ok=True)
        path = os.path.join(where, f'file {i}')
        with open(path, 'wb') as file:
            file.write(rng.randbytes(rng.choice([0, 1, 100, 5000])))
        os.chmod(path, 0o755 if i % 3 == 0 else 0o644)
    for name in [b'\xff', 'ü'.encode(), b'a\tb', b'-n']:
        with open(os.path.join(os.fsencode(root), name), 'wb') as file:
            file.write(name)
    os.symlink('d0/e0', os.path.join(root, 'to-folder'))
    os.symlink('/nowhere', os.path.join(root, 'd1', 'dangling'))
    return count + 4


def facts(root):
    """Everything that git keeps of a folder, by path."""
    root = os.fsencode(root)
    found = {}
    for at, folders, names in os.walk(root):
        for name in names + [f for f in folders
                             if os.path.islink(os.path.join(at, f))]:
            path = os.path.join(at, name)
            key = os.path.relpath(path, root)
            if os.path.islink(path):
                found[key] = ('link', os.readlink(path))
            else:
                with open(path, 'rb') as file:
                    found[key] = (bool(os.stat(path).st_mode & 0o100),
                                  file.read())
    return found


def check_round_trip(tap, tool):
    tool.init()
    source, copy = tool.path('source'), tool.path('copy')
    files = fill(source, 200, 1)
    tool.expect('import', ['import', source], out=re.compile(
        rb'^imported %d files and 2 symlinks, .* kB, into main in [\d.]+ s\n$'
        % files))
    tap.ok(tool.git('rev-list', '--count', 'HEAD') == b'1\n', 'is one commit')
    tool.git('fsck', '--strict')
    tool.expect('import the same', ['import', source],
                out=re.compile(rb'^unchanged: '))
    tap.ok(tool.git('rev-list', '--count', 'HEAD') == b'1\n',
           'makes no commit')
    tool.expect('export', ['export', copy], out=re.compile(
        rb'^exported %d files and 2 symlinks, .* in [\d.]+ s\n$' % files))
    tap.ok(facts(copy) == facts(source), 'gives the same folder')
    compared = filecmp.dircmp(source, copy)
    tap.ok(not compared.diff_files and not compared.left_only and
           not compared.right_only, 'says filecmp too')
    checkout = tool.path('checkout')
    os.mkdir(checkout)
    subprocess.run(['tar', '-x', '-C', checkout], check=True,
                   input=tool.git('archive', 'HEAD'))
    tap.ok(facts(checkout) == facts(source), 'and so does git')
    tool.expect('import to a path', ['import', os.path.join(source, 'd0'),
                                     'below/here', '-m', 'part'],
                out=re.compile(rb'into main:below/here in'))
    tool.expect('export from a path',
                ['export', tool.path('part'), 'below/here'],
                out=re.compile(rb'^exported '))
    tap.ok(facts(tool.path('part')) == facts(os.path.join(source, 'd0')),
           'a part comes back')
    tool.expect('export of an earlier state',
                ['export', tool.path('earlier'), '--at', 'HEAD~1'],
                out=re.compile(rb'^exported '))
    tap.ok(facts(tool.path('earlier')) == facts(source), 'has not that part')
    done = json.loads(tool.run('import', source, 'again', '--json').out)
    tap.ok(done['files'] == files and done['symlinks'] == 2 and
           done['result'] == 'done', 'JSON of import', done)
    done = json.loads(tool.run('export', tool.path('j'), 'again', '--json').out)
    tap.ok(done['files'] == files, 'JSON of export', done)
    tool.expect('export of nothing', ['export', tool.path('n'), 'no'], NO, b'',
                'there is no such directory')
    tap.ok(not os.path.exists(tool.path('n')), 'makes no folder')


def check_memory(tap, tool):
    """A folder larger than what may be held of it."""
    tool.init('large.git')
    source = tool.path('large')
    for i in range(100):
        os.makedirs(os.path.join(source, str(i % 3)), exist_ok=True)
        with open(os.path.join(source, str(i % 3), str(i)), 'wb') as file:
            file.write(b'%d\n' % i * 300000)
    size = sum(len(value) for _, value in facts(source).values()) // 1024
    sanitized = is_sanitized(tool)
    status, peak = peak_kilobytes(tool, 'import', source)
    tap.ok(status == 0 and (sanitized or peak < 64000 < size),
           'import holds a part of a large folder', status, peak, size)
    status, peak = peak_kilobytes(tool, 'export', tool.path('large-copy'))
    tap.ok(status == 0 and (sanitized or peak < 32000),
           'export one file', status, peak)
    tap.ok(facts(tool.path('large-copy')) == facts(source),
           'and all of it comes back')
    tool.git('fsck', '--strict')


def check_many(tap, tool):
    """Many small files, and a bound of what an edit may not have stored."""
    tool.init('many.git')
    source = tool.path('many')
    for i in range(3000):
        os.makedirs(os.path.join(source, str(i % 30)), exist_ok=True)
        with open(os.path.join(source, str(i % 30), str(i)), 'wb') as file:
            file.write(b'%d\n' % i * 4000)
    repo = tool.repo
    tool.repo = f'git:{repo}?dirty_bytes=2000000'
    status, peak = peak_kilobytes(tool, 'import', source)
    tool.repo = repo
    tap.ok(status == 0 and (is_sanitized(tool) or peak < 30000),
           'import of many files holds a part of them', status, peak)
    tool.expect('export', ['export', tool.path('many-copy')])
    tap.ok(facts(tool.path('many-copy')) == facts(source),
           'and all of it comes back')
    tool.git('fsck', '--strict')


def check_left_out(tap, tool):
    tool.init('odd.git')
    source = tool.path('odd')
    os.makedirs(os.path.join(source, '.git'))
    os.makedirs(os.path.join(source, 'empty'))
    os.makedirs(os.path.join(source, 'sub'))
    os.mkfifo(os.path.join(source, 'fifo'))
    for name in ['kept', '.git/config', 'sub/.git']:
        with open(os.path.join(source, name), 'w', encoding='ascii') as file:
            file.write('x')
    answer = tool.expect('import leaves out what git cannot hold',
                         ['import', source], err="fifo is left out",
                         out=re.compile(rb'^imported 1 file, 1 byte, '))
    tap.ok('.git is left out' in answer.err and 'sub/.git' in answer.err,
           'and says so', answer.err)
    tool.expect('that is all there is', ['ls', '-r'], out=b'kept\n')
    tool.expect('an empty folder', ['import', os.path.join(source, 'empty')],
                NO, b'', 'there is no file in it')
    tool.expect('no folder', ['import', tool.path('none')], FAILURE, b'',
                'No such file')
    tool.expect('a file', ['import', os.path.join(source, 'kept')], FAILURE,
                b'', 'Not a directory')
    inside = os.path.join(source, 'state.git')
    tool.run('init', inside, repo='')
    tool.expect('the repository itself', ['import', source], repo=inside,
                out=re.compile(rb'^imported 1 file'),
                err='state.git is left out: it is the repository itself')
    refused = tool.path('refused')
    os.mkdir(refused)
    with open(os.path.join(refused, '.gitmodules'), 'wb') as file:
        file.write(b'[submodule "../x"]\n\tpath = x\n\turl = -u\n')
    os.mkdir(os.path.join(refused, 'git~1'))
    with open(os.path.join(refused, 'git~1', 'x'), 'wb') as file:
        file.write(b'x')
    before = tool.git('rev-parse', 'HEAD')
    tool.expect('a name that git refuses', ['import', refused], FAILURE, b'',
                'irmin: ')
    tap.ok(tool.git('rev-parse', 'HEAD') == before, 'changes nothing')


def check_in_the_way(tap, tool):
    tool.init('way.git')
    tool.run('set', 'a', 'new')
    tool.run('set', 'b/c', 'new')
    target = tool.path('target')
    outside = tool.path('outside')
    os.mkdir(target)
    os.mkdir(outside)
    with open(os.path.join(target, 'a'), 'w', encoding='ascii') as file:
        file.write('old')
    tool.expect('a file in the way', ['export', target], NO, b'',
                'export a: it is there already; --force replaces it')
    tap.ok(os.listdir(target) == ['a'], 'nothing was written')
    tool.expect('is replaced by force', ['export', target, '--force'],
                out=re.compile(rb'^exported 2 files'))
    tap.ok(facts(target) == {b'a': (False, b'new'), b'b/c': (False, b'new')},
           'and the rest written')
    for force in [[], ['--force']]:
        os.unlink(os.path.join(target, 'a'))
        os.mkdir(os.path.join(target, 'a'))
        tool.expect(f'a directory in the way {force}',
                    ['export', target] + force, NO, b'',
                    'directory is in the way')
        os.rmdir(os.path.join(target, 'a'))
        os.symlink('/nowhere', os.path.join(target, 'a'))
    os.unlink(os.path.join(target, 'a'))
    subprocess.run(['rm', '-r', os.path.join(target, 'b')], check=True)
    os.symlink(outside, os.path.join(target, 'b'))
    tool.expect('a symlink in the way', ['export', target], NO, b'',
                'a symlink is not followed')
    tap.ok(os.listdir(outside) == [] and os.listdir(target) == ['b'],
           'nothing was written, there or elsewhere')
    tool.expect('is replaced by force', ['export', target, '--force'],
                out=re.compile(rb'^exported 2 files'))
    tap.ok(os.listdir(outside) == [] and
           not os.path.islink(os.path.join(target, 'b')), 'and not followed')
    os.unlink(os.path.join(target, 'a'))
    os.symlink(os.path.join(outside, 'made'), os.path.join(target, 'a'))
    tool.expect('a symlink in place of a file',
                ['export', target, '--force'],
                out=re.compile(rb'^exported 2 files'))
    tap.ok(os.listdir(outside) == [] and
           not os.path.islink(os.path.join(target, 'a')),
           'is replaced, not written through')
    tool.expect('a folder that cannot be made',
                ['export', os.path.join(target, 'x', 'y')], FAILURE, b'',
                'No such file')


def write_object(tool, kind, body):
    return tool.git('hash-object', '-w', '--literally', '-t', kind, '--stdin',
                    given=body).decode().strip()


def tree_of(*entries):
    """The bytes of a tree: (mode, name, id)..."""
    return b''.join(b'%s %s\0%s' % (mode, name, bytes.fromhex(oid))
                    for mode, name, oid in entries)


def check_hostile(tap, tool):
    """Trees that no honest program writes: each is refused, nothing is written
    outside, and where the names tell, nothing at all."""
    tool.init('hostile.git')
    outside = tool.path('victim')
    os.mkdir(outside)
    blob = write_object(tool, 'blob', b'x')
    link = write_object(tool, 'blob', outside.encode())
    inner = write_object(tool, 'tree', tree_of((b'100644', b'x', blob)))
    hostile = {
        'dot-dot': [(b'40000', b'..', inner)],
        'dot': [(b'40000', b'.', inner)],
        'dot-git': [(b'40000', b'.git', inner)],
        'dot-GIT': [(b'40000', b'.GIT', inner)],
        'slash': [(b'100644', b'../victim/x', blob)],
        'absolute': [(b'100644', outside.encode() + b'/x', blob)],
        'link and folder': [(b'120000', b'a', link), (b'40000', b'a', inner)],
    }
    for name, entries in hostile.items():
        tree = write_object(tool, 'tree', tree_of(*entries))
        commit = tool.git('commit-tree', tree, '-m', name).decode().strip()
        tool.git('update-ref', 'refs/heads/bad', commit)
        for force in [[], ['--force']]:
            target = tool.path('safe')
            answer = tool.run('-b', 'bad', 'export', target, *force)
            # By force the folder takes the place of the link: no harm.
            if not (force and name == 'link and folder'):
                tap.ok(answer.status != 0 and answer.out == b'' and
                       answer.err.startswith('irmin: '),
                       f'{name} {force} is refused', answer)
            tap.ok(os.listdir(outside) == [], 'nothing is written outside')
            tap.ok(not os.path.exists(os.path.join(target, '.git')) and
                   not os.path.exists(os.path.join(target, '.GIT')),
                   'and no repository planted')
            subprocess.run(['rm', '-rf', target], check=True)


def waiting(stream):
    """How many bytes can be read from a pipe."""
    count = bytearray(4)
    fcntl.ioctl(stream, termios.FIONREAD, count)
    return int.from_bytes(count, sys.byteorder)


def check_interrupt(tap, tool):
    """^C in the middle of an import: a message, no change. The import waits for
    us in the middle, since nobody reads its remarks."""
    tool.init('stop.git')
    tool.run('set', 'kept', '1')
    before = tool.git('rev-parse', 'HEAD')
    source = tool.path('slow')
    os.mkdir(source)
    for i in range(2000):
        os.mkfifo(os.path.join(source, f'f{i}'))
    for i in range(100):
        with open(os.path.join(source, str(i)), 'w', encoding='ascii') as file:
            file.write(str(i))
    with subprocess.Popen(tool.command(['import', source], None),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=tool.env) as child:
        seen = -1
        while child.poll() is None and (waiting(child.stderr) > seen or
                                        seen < 60000):
            seen = waiting(child.stderr)
            time.sleep(0.05)
        child.send_signal(signal.SIGINT)
        _, err = child.communicate()
    tap.ok(child.returncode == FAILURE and
           re.search(rb'interrupted|cancel', err.splitlines()[-1]),
           'an import is interrupted', child.returncode, err[-300:])
    tap.ok(tool.git('rev-parse', 'HEAD') == before, 'and changed nothing')


def main():
    tap = Tap()
    with Tool(tap) as tool:
        for check in [check_round_trip, check_memory, check_many, check_left_out,
                      check_in_the_way, check_hostile, check_interrupt]:
            check(tap, tool)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
