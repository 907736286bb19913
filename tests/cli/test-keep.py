#!/usr/bin/python3
"""verify, pack and copy: keeping a repository well, with git as the judge."""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

from tool import DONE, FAILURE, NO, USAGE, Tap, Tool

PACKED = re.compile(rb'^packed .+, into 1 pack, [\d.]+ (bytes|kB|MB), '
                    rb'in [\d.]+ s\n$')


def fill(tool, seed, count):
    """Commits with values of many sizes, tags, and what no ref leads to."""
    rng = random.Random(seed)
    source = tool.path(f'source-{seed}')
    for i in range(count):
        os.makedirs(os.path.join(source, str(i % 9)), exist_ok=True)
        with open(os.path.join(source, str(i % 9), str(i)), 'wb') as file:
            file.write(b'%d\n' % i * rng.choice([0, 1, 10, 1000]))
    tool.run('import', source, '-m', 'much')
    shutil.rmtree(source)
    for i in range(5):
        tool.run('set', f'{i}/0', str(i))
    tool.git('tag', '-a', '-m', 'annotated', 'v1')
    tool.git('hash-object', '-w', '--stdin', given=b'garbage')


def objects(tool, repo=None):
    return tool.git('cat-file', '--batch-all-objects', '--batch-check', repo=repo)


def count(tool, word):
    return int(re.search(word + r': (\d+)',
                         tool.git('count-objects', '-v').decode())[1])


def check_pack(tap, tool):
    had, refs = objects(tool), tool.git('for-each-ref')
    tool.expect('pack', ['pack'], out=PACKED)
    tap.ok(count(tool, 'count') == 0 and count(tool, 'packs') == 1,
           'leaves one pack and nothing loose', tool.git('count-objects', '-v'))
    tap.ok(objects(tool) == had and tool.git('for-each-ref') == refs,
           'with every object and ref')
    tool.git('fsck', '--strict')
    tool.expect('again', ['pack'], out=b'nothing to pack\n')
    tap.ok(json.loads(tool.run('pack', '--json').out)['result'] == 'unchanged',
           'and as JSON')
    tool.run('set', 'more', 'x')
    told = json.loads(tool.run('pack', '--json').out)
    tap.ok(told['result'] == 'done' and told['before']['loose'] == 3 and
           told['before']['packs'] == 1 and told['after']['loose'] == 0 and
           told['after']['packs'] == 1 and
           0 < told['after']['bytes'] < told['before']['bytes'] + 1000,
           'a commit more, as JSON', told)
    tool.run('set', 'more', 'y')
    tool.expect('quietly', ['pack', '--quiet'], out=b'')
    tap.ok(count(tool, 'count') == 0, 'it is done all the same')
    tool.git('fsck', '--strict')
    tool.expect('memory', ['pack'], repo='mem:', out=b'nothing to pack\n')
    tool.run('set', 'more', 'z')
    had = count(tool, 'count')
    tool.expect('a repository that is only read', ['pack'], FAILURE, b'',
                'read-only', repo=f'git:{tool.repo}?readonly=1')
    tap.ok(count(tool, 'count') == had, 'stays')


def loose(tool, name):
    """-> the id that a revision names, its file"""
    oid = tool.git('rev-parse', name).decode().strip()
    return oid, os.path.join(tool.repo, 'objects', oid[:2], oid[2:])


def spoil(path, at=None):
    """Changes one byte of a file -> what it was like"""
    with open(path, 'rb') as file:
        whole = file.read()
    at = len(whole) // 2 if at is None else at
    os.chmod(path, 0o644)
    with open(path, 'wb') as file:
        file.write(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1:])
    return whole


def restore(path, whole):
    with open(path, 'wb') as file:
        file.write(whole)


def check_sound(tap, tool, name):
    tool.expect(f'{name}: verify', ['verify'], out=re.compile(
        rb'^(warning .*\n)*no fault(, \d+ warnings?)?\n$'))
    tool.expect('quietly', ['verify', '-q'], out=re.compile(rb'^(warning .*\n)*$'))
    told = json.loads(tool.run('verify', '--json').out)
    tap.ok(told['result'] == 'sound' and told['fault_count'] == 0, 'as JSON', told)


def check_fault(tap, tool, name, pattern):
    """One that is there: told in a line, counted in the last."""
    answer = tool.expect(name, ['verify'], NO, re.compile(pattern, re.MULTILINE))
    lines = answer.out.decode().splitlines()
    faults = [line for line in lines[:-1] if not line.startswith('warning')]
    tap.ok(lines and re.match(rf'{len(faults)} faults?(, \d+ warnings?)?$',
                              lines[-1]),
           'is counted', *lines)
    quiet = tool.run('verify', '--quiet')
    tap.ok(quiet.status == NO and quiet.out.decode().splitlines() == lines[:-1],
           'is told quietly too', quiet)
    answer = tool.run('verify', '--json')
    told = json.loads(answer.out)
    tap.ok(answer.status == NO and answer.err == '' and
           told['result'] == 'faulty' and told['fault_count'] == len(faults) and
           len(told['faults']) == len(lines) - 1, 'and as JSON', answer)


def check_verify(tap, tool):
    check_sound(tap, tool, 'loose')
    oid, path = loose(tool, 'HEAD:3/0')
    whole = spoil(path)
    check_fault(tap, tool, 'a changed byte', rf'^corrupt .*{oid[2:]}'.encode())
    os.unlink(path)
    check_fault(tap, tool, 'a missing value', rf'^missing .*{oid}'.encode())
    restore(path, whole)
    with open(os.path.join(tool.repo, 'refs/heads/bad'), 'w',
              encoding='ascii') as file:
        file.write('this is no id\n')
    check_fault(tap, tool, 'a broken ref', rb'^corrupt .*refs/heads/bad')
    os.unlink(os.path.join(tool.repo, 'refs/heads/bad'))
    odd = tool.git('hash-object', '-w', '-t', 'tree', '--literally', '--stdin',
                   given=b'0100644 x\0' + bytes.fromhex(oid)).decode().strip()
    check_fault(tap, tool, 'what fsck --strict objects to',
                rf'^format .*{odd}'.encode())
    os.unlink(os.path.join(tool.repo, 'objects', odd[:2], odd[2:]))
    check_sound(tap, tool, 'mended')
    with open(os.path.join(tool.repo, 'HEAD'), 'r+', encoding='ascii') as file:
        kept = file.read()
        file.seek(0)
        file.write('rubbish')
    answer = tool.run('verify')
    tap.ok(answer.status in (NO, FAILURE) and b'no fault' not in answer.out,
           'a broken HEAD is no reason to say that all is well', answer)
    restore(os.path.join(tool.repo, 'HEAD'), kept.encode())
    tool.expect('nowhere', ['verify'], FAILURE, b'', 'none.git',
                repo=tool.path('none.git'))


def check_packed_faults(tap, tool):
    tool.run('pack', '-q')
    check_sound(tap, tool, 'packed')
    folder = os.path.join(tool.repo, 'objects', 'pack')
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if not name.endswith(('.pack', '.idx', 'multi-pack-index')):
            continue
        whole = spoil(path)
        answer = tool.run('verify')
        tap.ok(answer.status in (NO, FAILURE) and b'no fault' not in answer.out,
               f'a changed byte in {os.path.splitext(name)[1] or name}', answer)
        restore(path, whole)
    check_sound(tap, tool, 'packed, mended')


def check_copy(tap, tool, algo, what):
    to = tool.path('a copy.git')
    tool.git('branch', 'a/b')
    copy = ['copy', tool.repo, to]
    answer = tool.expect(f'copy what is {what}', copy, repo='', out=re.compile(
        rb"^copied \d+ objects, [\d.]+ (kB|MB) unpacked, and \d+ refs to .*a copy.git.* "
        rb"in [\d.]+ s\n$"))
    tap.ok(str(len(objects(tool).splitlines())).encode() in answer.out and
           objects(tool, to) == objects(tool) and
           tool.git('ls-remote', '.', repo=to) == tool.git('ls-remote', '.') and
           tool.git('config', 'core.bare', repo=to) == b'true\n',
           'is the same, and bare', answer)
    tap.ok(tool.git('symbolic-ref', 'HEAD', repo=to) ==
           tool.git('symbolic-ref', 'HEAD'), 'with its HEAD')
    tool.git('fsck', '--strict', repo=to)
    tool.expect('again', copy, repo='', out=re.compile(
        rb'^unchanged: all of \d+ objects and the refs are there already\n$'))
    told = json.loads(tool.run(*copy, '--json', repo='').out)
    tap.ok(told['result'] == 'unchanged' and told['objects'] == 0,
           'as JSON', told)
    tool.run('set', 'later', what)
    told = json.loads(tool.run(*copy, '--json', repo='').out)
    tap.ok(told['result'] == 'done' and told['objects'] == 3 and
           told['refs'] == 1 and told['present'] > 100, 'a commit more', told)
    tool.git('branch', '-D', 'a/b')
    tool.run(*copy, repo='')
    tap.ok(b'refs/heads/a/b' in tool.git('ls-remote', '.', repo=to),
           'what the source lost is kept')
    tool.expect('but not with --prune, and quietly', copy + ['--prune', '-q'],
                repo='', out=b'')
    tap.ok(tool.git('ls-remote', '.', repo=to) == tool.git('ls-remote', '.'),
           'the same again')
    other = tool.path('other.git')
    tool.run('init', other, '--hash', 'sha1' if algo == 'sha256' else 'sha256',
             repo='')
    answer = tool.run('copy', tool.repo, other, repo='')
    tap.ok(answer.status in (USAGE, FAILURE) and 'sha' in answer.err,
           'a repository of another hash', answer)
    answer = tool.run('copy', tool.repo, tool.repo, repo='')
    tap.ok(answer.status in (USAGE, FAILURE) and answer.out == b'',
           'one and the same', answer)
    tool.expect('from nowhere', ['copy', tool.path('none.git'), to], FAILURE, b'',
                'none.git', repo='')
    full = tool.path('full')
    os.mkdir(full)
    with open(os.path.join(full, 'file'), 'w', encoding='ascii'):
        pass
    answer = tool.run('copy', tool.repo, full, repo='')
    tap.ok(answer.status != DONE and os.listdir(full) == ['file'],
           'into a folder of something else', answer)
    for name in [to, other, full]:
        shutil.rmtree(name)


def check_strict(tap, tool):
    tool.init('odd.git')
    tool.run('set', 'a', '1')
    oid = tool.git('rev-parse', 'HEAD:a').decode().strip()
    odd = tool.git('hash-object', '-w', '-t', 'tree', '--literally', '--stdin',
                   given=b'0100644 x\0' + bytes.fromhex(oid)).decode().strip()
    to = tool.path('strict.git')
    answer = tool.expect('strictly', ['copy', '--strict', tool.repo, to], NO, b'',
                         odd, repo='')
    tap.ok(answer.err.count('\n') == 2, 'says what and why', answer)
    tool.expect('or not', ['copy', tool.repo, to], repo='',
                out=re.compile(rb'^copied '))
    tap.ok(objects(tool, to) == objects(tool), 'byte for byte')


def check_stopped(tap, tool):
    """Stopped at any time, it goes on."""
    to = tool.path('stopped.git')
    for number, wait in enumerate([0.01, 0.02, 0.04, 0.08, 0.12, 0.16]):
        how = [signal.SIGINT, signal.SIGKILL][number % 2]
        with subprocess.Popen(tool.command(['copy', tool.repo, to], ''),
                              stdout=subprocess.DEVNULL, env=tool.env,
                              stderr=subprocess.DEVNULL) as child:
            time.sleep(wait)
            child.send_signal(how)
            status = child.wait()
        tap.ok(status in (0, -how), f'a copy is stopped by {how.name}', status)
    told = tool.run('copy', tool.repo, to, repo='')
    tap.ok(told.status == DONE and objects(tool, to) == objects(tool) and
           tool.git('ls-remote', '.', repo=to) == tool.git('ls-remote', '.'),
           'and is whole in the end', told)
    tool.git('fsck', '--strict', repo=to)
    left = [os.path.join(at, name) for at, _, names in os.walk(to)
            for name in names if name.endswith('.lock')]
    tap.ok(not left, 'with no lock left', *left)


def check_partial(tap, tool, algo):
    tool.git('config', 'uploadpack.allowFilter', 'true')
    partial = tool.path(f'partial-{algo}.git')
    tool.git('clone', '-q', '--bare', '--filter=blob:none',
             'file://' + tool.repo, partial)
    tool.expect('what a partial clone lacks', ['get', '3/3'], FAILURE, b'',
                r"left out of this partial clone; .*'git cat-file -e",
                repo=partial)
    told = tool.run('verify', repo=partial)
    tap.ok(told.status == DONE and told.out.startswith(b'warning blob'),
           'is no fault', told)


def main():
    tap = Tap()
    with Tool(tap) as tool:
        for algo in ['sha1', 'sha256']:
            tool.init(f'{algo}.git', '--hash', algo)
            fill(tool, algo, 300)
            check_verify(tap, tool)
            check_partial(tap, tool, algo)
            check_copy(tap, tool, algo, 'loose')
            check_pack(tap, tool)
            check_packed_faults(tap, tool)
            check_copy(tap, tool, algo, 'packed')
        tool.init('many.git')
        fill(tool, 'many', 3000)
        check_stopped(tap, tool)
        check_strict(tap, tool)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
