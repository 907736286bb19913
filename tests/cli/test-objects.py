#!/usr/bin/python3
"""cat and ls-refs: objects and refs as git has them."""

import json
import os
import random
import sys

from tool import FAILURE, NO, USAGE, Tap, Tool

# Sizes at which buffers end, and some beside.
SIZES = [0, 1, 100, 32767, 32768, 65535, 65536, 65537, 300000]


def objects(tool):
    """-> [(id, type, size)] of all there are, loose or packed"""
    told = tool.git('cat-file', '--batch-all-objects', '--batch-check').decode()
    return [tuple(line.split()) for line in told.splitlines()]


def fill(tool, seed):
    """Objects of all types and of many sizes."""
    rng = random.Random(seed)
    for size in SIZES:
        tool.run('set', f'd/{size % 3}/{size}', given=rng.randbytes(size))
    tool.run('set', 'text', given='zwölf\n'.encode() * 30000)
    tool.git('tag', '-a', '-m', 'annotated', 'v1')
    tool.git('tag', '-a', '-m', 'of a value', 'value', 'HEAD:text')
    tool.git('tag', '-a', '-m', 'of a tag', 'v2', 'v1')
    tool.git('tag', 'light', 'HEAD~1')


def check_every_object(tap, tool):
    wrong = []
    for oid, kind, size in objects(tool):
        facts = json.loads(tool.run('cat', '--json', oid).out)
        if tool.run('cat', oid).out != tool.git('cat-file', kind, oid) or \
                facts != {'id': oid, 'type': kind, 'size': int(size)}:
            wrong.append((oid, kind, facts))
    kinds = {kind for _, kind, _ in objects(tool)}
    tap.ok(len(kinds) == 4 and not wrong, 'every object is cat as git cats it',
           kinds, *wrong)


def check_names(tap, tool):
    for name in ['HEAD', 'main', 'v1', 'v2', 'value', 'light', 'HEAD~2', 'v1~3',
                 'v1^{}', 'v2^{commit}', 'v2^{tag}', 'HEAD^{tree}', 'value^{blob}',
                 'HEAD:', 'HEAD:d', 'HEAD:d/1/1', 'v1:text', 'refs/tags/v1']:
        kind = tool.git('cat-file', '-t', name).decode().strip()
        tool.expect(f'cat {name}', ['cat', name],
                    out=tool.git('cat-file', kind, name))
        tool.expect('its type', ['cat', '-t', name], out=kind.encode() + b'\n')
        tool.expect('its size', ['cat', '--size', name],
                    out=tool.git('cat-file', '-s', name))
    facts = json.loads(tool.run('cat', '--json', 'HEAD:text').out)
    tap.ok(facts == {'id': tool.git('rev-parse', 'HEAD:text').decode().strip(),
                     'type': 'blob',
                     'size': int(tool.git('cat-file', '-s', 'HEAD:text'))},
           'as JSON', facts)
    tool.expect('the branch of the command', ['-b', 'main', 'cat', '@^{tree}'],
                out=tool.git('cat-file', 'tree', 'main^{tree}'))
    for name, words in [('nope', 'nope'), ('HEAD:nope', 'nope'),
                        ('HEAD:text/x', 'text'), ('v1^{blob}', 'not a blob'),
                        ('ab' * len(tool.git('rev-parse', 'HEAD')[1::2]), 'abab')]:
        answer = tool.run('cat', name)
        tap.ok(answer.status in (USAGE, FAILURE) and answer.out == b'' and
               words in answer.err and answer.err.startswith('irmin: '),
               f'there is no {name}', answer)
    tool.expect('type and size', ['cat', '-t', '-s', 'HEAD'], USAGE, b'',
                'exclude each other')


def check_broken(tap, tool):
    oid = tool.git('rev-parse', 'HEAD:d/1/100').decode().strip()
    path = os.path.join(tool.repo, 'objects', oid[:2], oid[2:])
    with open(path, 'rb') as file:
        whole = file.read()
    os.chmod(path, 0o644)
    for cut in [0, 5, len(whole) - 1]:
        with open(path, 'wb') as file:
            file.write(whole[:cut])
        answer = tool.run('cat', oid)
        tap.ok(answer.status == FAILURE and oid[2:] in answer.err,
               f'an object cut to {cut} bytes is named', answer)
    with open(path, 'wb') as file:
        file.write(whole)


def check_same_refs(tap, tool, name):
    for args in [[], ['--symref'], ['--heads'], ['--tags'], ['--heads', '--tags'],
                 ['--refs'], ['--refs', '--symref']]:
        tool.expect(f'{name}: ls-refs {args}', ['ls-refs'] + args,
                    out=tool.git('ls-remote', *args, '.'))
    for words in [['main'], ['v1*'], ['v?'], ['HEAD'], ['heads/*'],
                  ['refs/tags/v1'], ['a/*', 'light'], ['*'], ['v[12]']]:
        listed = tool.git('ls-remote', '.', *words)
        tool.expect(f'{name}: ls-refs {words}', ['ls-refs'] + words,
                    NO if not listed else 0, listed,
                    'there is no such ref' if not listed else '')


def check_refs(tap, tool):
    for name in ['a/b', 'a/b.c', 'a-b', 'a0', 'ünï']:
        tool.git('branch', name)
    tool.git('update-ref', 'refs/notes/x', 'HEAD~1')
    tool.git('update-ref', 'refs/odd/tree', 'HEAD^{tree}')
    tool.git('update-ref', 'refs/odd/tag', 'v2')
    tool.git('symbolic-ref', 'refs/remotes/far/HEAD', 'refs/heads/a0')
    tool.git('symbolic-ref', 'refs/remotes/far/nothing', 'refs/heads/nothing')
    check_same_refs(tap, tool, 'attached')
    tool.git('pack-refs', '--all')
    check_same_refs(tap, tool, 'packed')
    tool.git('update-ref', '--no-deref', 'HEAD', 'HEAD~1')
    tool.git('update-ref', 'refs/heads/a0', 'HEAD~1')
    check_same_refs(tap, tool, 'moved')
    listed = json.loads(tool.run('ls-refs', '--json').out)
    told = [(ref['id'], ref['name']) for ref in listed]
    peeled = {ref['name']: ref['peeled'] for ref in listed if 'peeled' in ref}
    lines = [tuple(line.split('\t')) for line in
             tool.git('ls-remote', '.').decode().splitlines()]
    tap.ok(told == [line for line in lines if not line[1].endswith('^{}')] and
           peeled == {name[:-3]: oid for oid, name in lines
                      if name.endswith('^{}')},
           'the same as JSON', listed)
    tap.ok([ref['symref'] for ref in listed if 'symref' in ref] ==
           ['refs/heads/a0'], 'with what symbolic refs name', listed)
    tool.git('symbolic-ref', 'HEAD', 'refs/heads/unborn')
    check_same_refs(tap, tool, 'unborn')
    with open(os.path.join(tool.repo, 'refs/heads/unborn'), 'w',
              encoding='ascii') as file:
        file.write('ab' * (len(lines[0][0]) // 2) + '\n')
    answer = tool.run('ls-refs')
    tap.ok(answer.status == 0 and answer.out == tool.git('ls-remote', '.') and
           answer.err ==
           'irmin: ls-refs: the object of refs/heads/unborn is missing\n',
           'a ref to nothing is listed, with a remark', answer)


def check_empty(tap, tool):
    tool.init('empty.git')
    tool.expect('no refs at all', ['ls-refs'], out=b'')
    tap.ok(tool.git('ls-remote', '.') == b'', 'git finds none either')
    tool.expect('as JSON', ['ls-refs', '--json'], out=b'[]\n')
    with open(os.path.join(tool.repo, 'HEAD'), 'w', encoding='ascii') as file:
        file.write('rubbish\n')
    tool.expect('a broken HEAD', ['ls-refs'], FAILURE, b'', 'HEAD')


def main():
    tap = Tap()
    with Tool(tap) as tool:
        for algo in ['sha1', 'sha256']:
            tool.init(f'{algo}.git', '--hash', algo)
            fill(tool, algo)
            check_every_object(tap, tool)
            check_names(tap, tool)
            check_broken(tap, tool)
            tool.git('gc', '-q', '--prune=never')
            check_every_object(tap, tool)
            check_names(tap, tool)
            check_refs(tap, tool)
        check_empty(tap, tool)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
