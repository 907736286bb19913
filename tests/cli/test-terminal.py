#!/usr/bin/python3
"""What people see: escapes, colours, the last newline, progress. The program
gets a terminal of its own."""

import errno
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

from tool import Tap, Tool


def on_terminal(tool, *args, repo=None, given=None, env=None,
                streams=('stdout',), columns=0):
    """-> (status, what a terminal shows, what standard error says). The streams
    named go to the terminal, which does not say its width if that is 0."""
    screen, line = pty.openpty()
    fcntl.ioctl(line, termios.TIOCSWINSZ, struct.pack('HHHH', 0, columns, 0, 0))
    to = {name: line for name in streams}
    child = subprocess.Popen(
        tool.command(args, repo), stdin=given or subprocess.DEVNULL,
        stdout=to.get('stdout', subprocess.PIPE),
        stderr=to.get('stderr', subprocess.PIPE),
        env=dict(tool.env, **(env or {})))
    os.close(line)
    shown = b''
    while True:
        try:
            piece = os.read(screen, 65536)
        except OSError as error:  # how Linux says that the other end is closed
            if error.errno != errno.EIO:
                raise
            break
        if not piece:
            break
        shown += piece
    os.close(screen)
    _, err = child.communicate()
    return child.returncode, shown.replace(b'\r\n', b'\n'), err


def check_get(tap, tool):
    for value, shown in [(b'plain', b'plain\n'), (b'ended\n', b'ended\n'),
                         (b'', b''), (b'two\nlines', b'two\nlines\n'),
                         (b'\x1b[31mred\x07', b'\\x1b[31mred\\x07\n'),
                         (b'tab\there', b'tab     here\n'),
                         (b'\xff\xc3', b'\\xff\\xc3\n'),
                         ('ü'.encode(), 'ü\n'.encode()),
                         (b'c1 \xc2\x9b31m', b'c1 \\xc2\\x9b31m\n'),
                         ('\u202eabc'.encode(), b'\\xe2\\x80\\xaeabc\n')]:
        tool.run('set', 'v', given=value)
        status, screen, _ = on_terminal(tool, 'get', 'v')
        screen = screen.replace(b'\t', b'     ')
        tap.ok(status == 0 and screen == shown, f'get of {value!r}', screen)
        tap.ok(tool.run('get', 'v').out == value, 'is exact elsewhere')


def check_large(tap, tool):
    """A value that is written in pieces, which end in the middle of characters
    and of what is none."""
    piece = 'aüb\u20acc\U0001f600'.encode() + b'\xff\xe2\x82\n'
    value = b'x' + piece * ((8 << 20) // len(piece) + 1) + b'\xf0\x9f'
    tool.run('set', 'large', given=value)
    shown = value.replace(b'\xff\xe2\x82\n', b'\\xff\\xe2\\x82\n')
    shown = shown[:-2] + b'\\xf0\\x9f\n'
    status, screen, _ = on_terminal(tool, 'get', 'large')
    tap.ok(status == 0 and screen == shown, 'get of much, in pieces',
           len(screen), len(shown))
    tap.ok(tool.run('get', 'large').out == value and
           tool.run('cat', 'HEAD:large').out == value, 'is exact elsewhere')


def check_colors(tap, tool):
    tool.run('set', 'v', '1')
    tool.run('set', 'v', '2')
    for args in [['log'], ['show'], ['diff'], ['branch'], ['help'],
                 ['log', '--oneline']]:
        _, screen, _ = on_terminal(tool, *args)
        tap.ok(b'\x1b[' in screen, f'{args} has colours', screen)
        plain = re.sub(rb'\x1b\[\d*m', b'', screen)
        for env in [{'NO_COLOR': '1'}, {'TERM': 'dumb'}]:
            _, screen, _ = on_terminal(tool, *args, env=env)
            tap.ok(screen == plain, f'and none with {env}', screen)
        tap.ok(b'\x1b' not in tool.run(*args).out, 'nor where nobody looks')
    _, screen, _ = on_terminal(tool, 'log', env={'NO_COLOR': ''})
    tap.ok(b'\x1b[' in screen, 'an empty NO_COLOR does not count')


def check_narrow(tap, tool):
    """Tables on a terminal: the last column is broken between words, beside the
    others where there is room, else below them."""
    message = 'what was done here takes many words ' + 'w' * 70 + ' in all'
    tool.run('set', 'narrow', '1', '-m', message)
    words = message.split()
    plain = {'NO_COLOR': '1'}
    wide = tool.run('branch').out
    for columns, indent in [(60, 21), (45, 21), (44, 4), (20, 4), (3, 4)]:
        _, screen, _ = on_terminal(tool, 'branch', env=plain, columns=columns)
        rows = screen.decode().split('\n')[:-1]
        below = rows[1:]
        tap.ok(' '.join(screen.decode().split()) ==
               ' '.join(wide.decode().split()),
               f'{columns} columns: nothing is lost', screen)
        tap.ok(below and all(row[:indent] == ' ' * indent and
                             row[indent] != ' ' for row in below) and
               all(len(row) <= max(columns, 1) or len(row.split()) == 1
                   for row in below) and
               all(len(row) + 1 + len(after.split()[0]) > columns
                   for row, after in zip(below, below[1:])),
               'and lines are as long as they fit', screen)
    _, screen, _ = on_terminal(tool, 'branch', env=plain,
                               columns=21 + len(message))
    tap.ok(screen == wide and len(words) > 5, 'one line, where it fits', screen)
    _, screen, _ = on_terminal(tool, 'branch', env=plain)
    tap.ok(screen == wide, 'or nobody knows', screen)
    tool.run('rm', 'narrow')


def check_names(tap, tool):
    tool.run('set', 'esc\x1b[2J/x', '1', '-m', 'bad \x1b]0;title\x07 message')
    for args in [['ls'], ['tree'], ['log'], ['log', '--oneline'], ['show'],
                 ['diff'], ['branch']]:
        _, screen, _ = on_terminal(tool, *args, env={'NO_COLOR': '1'})
        tap.ok(b'\x1b' not in screen and b'\x07' not in screen,
               f'{args} lets no escape through', screen)
    _, screen, _ = on_terminal(tool, 'log', '-n1', env={'NO_COLOR': '1'})
    tap.ok(b'bad \\x1b]0;title\\x07 message' in screen, 'but shows it', screen)
    tap.ok(b'\x1b]0;title' in tool.run('log', '-n1').out,
           'and gives it raw elsewhere, as git does')


def check_decorations(tap, tool):
    tool.git('tag', '-a', '-m', 't', 'v1')
    tool.git('tag', 'v0', 'HEAD')
    tool.git('branch', 'other')
    _, screen, _ = on_terminal(tool, 'log', '-n1', env={'NO_COLOR': '1'})
    first = screen.splitlines()[0]
    tap.ok(re.search(rb'^commit \w{40} \(HEAD -> main, other, tag: v0, '
                     rb'tag: v1\)$', first), 'log names what points there',
           first)
    tap.ok(b'(' not in tool.run('log', '-n1').out.splitlines()[0],
           'not where nobody looks')


def check_progress(tap, tool):
    """A folder that takes a while: a line that is gone in the end."""
    source = tool.path('many')
    os.mkdir(source)
    for i in range(6000):
        with open(os.path.join(source, str(i)), 'w', encoding='ascii') as file:
            file.write(str(i) * 200)
    status, screen, _ = on_terminal(tool, 'import', source, 'many',
                                    streams=('stdout', 'stderr'))
    tap.ok(status == 0 and b'imported 6000 files' in screen,
           'import on a terminal', screen[-200:])
    tap.ok(b'importing' not in screen or b'\r\x1b[K' in screen,
           'takes its progress away', screen[-200:])
    status, screen, _ = on_terminal(tool, 'export', tool.path('out'), 'many',
                                    streams=('stdout', 'stderr'))
    tap.ok(status == 0 and b'exported 6000 files' in screen and
           (b'exporting' not in screen or b'\r\x1b[K' in screen),
           'and so does export', screen[-200:])
    answer = tool.run('import', source, 'many')
    tap.ok(answer.err == '', 'none where nobody looks', answer)
    at_once = {'GIT_PROGRESS_DELAY': '0'}
    for args, last in [(['verify'], b'no fault\n'),
                       (['copy', tool.repo, tool.path('copy.git')],
                        b'copied [^\\n]* s\n'),
                       (['pack'], b'packed [^\\n]* s\n')]:
        repo = '' if args[0] == 'copy' else None
        status, screen, _ = on_terminal(tool, *args, repo=repo, env=at_once,
                                        streams=('stdout', 'stderr'))
        pieces = screen.split(b'\r')
        shown = [piece for piece in pieces if
                 piece.startswith(args[0].encode() + b': ')]
        tap.ok(status == 0 and shown and
               all(piece.endswith(b'\x1b[K') for piece in shown) and
               re.fullmatch(b'\x1b\\[K' + last, pieces[-1]),
               f'{args[0]} tells how far it is, and takes that away', screen)
        for env, streams in [({'TERM': 'dumb'}, ('stdout', 'stderr')),
                             ({}, ('stdout',))]:
            _, screen, err = on_terminal(tool, *args, repo=repo,
                                         env=dict(at_once, **env),
                                         streams=streams)
            tap.ok(args[0].encode() + b': ' not in screen and not err,
                   f'but not with {env} {streams}', screen, err)


def check_conflicts(tap, tool):
    """Conflicts on a terminal that is narrow, with paths that mean harm."""
    tool.init('conflicts.git')
    path = 'esc\x1b[2J/x'
    tool.run('set', path, '1')
    tool.run('branch', 'dev')
    tool.run('set', path, '2\x07')
    tool.run('-b', 'dev', 'set', path, '3')
    plain = {'NO_COLOR': '1'}
    status, screen, _ = on_terminal(tool, 'merge', 'dev', env=plain,
                                    streams=('stdout', 'stderr'), columns=43)
    lines = screen.decode().split('\n')
    tap.ok(status == 4 and b'\x1b' not in screen and
           lines[0].split() == ['esc\\x1b[2J/x', 'content'] and
           lines[1] == '    both sides changed it',
           'conflicts are a table that fits', screen)
    for args in [['conflicts'], ['conflicts', path]]:
        _, screen, _ = on_terminal(tool, *args, env=plain)
        tap.ok(b'\x1b' not in screen and b'\x07' not in screen,
               f'{args} lets no escape through', screen)
        _, screen, _ = on_terminal(tool, *args)
        tap.ok(b'\x1b[' in screen, 'and has colours', screen)


def main():
    tap = Tap()
    with Tool(tap) as tool:
        tool.init()
        for check in [check_get, check_large, check_colors, check_narrow,
                      check_names, check_decorations, check_progress,
                      check_conflicts]:
            check(tap, tool)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
