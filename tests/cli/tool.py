"""What the tests of the tool share: a scratch folder, a repository in it, and
running `irmin` and git there.

    tool = Tool(tap)            the program is IRMIN_TOOL, or the first argument
    tool.init()                 a repository, which -C names from then on
    tool.run('get', 'a')        -> Answer(status, out, err): out is bytes
    tool.expect('name', ['get', 'a'], status=0, out=b'1')
"""

import collections
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
from tap import Tap  # noqa: E402,F401

Answer = collections.namedtuple('Answer', 'status out err')

# Exit statuses, by the words of `irmin help exit-codes`.
DONE, NO, USAGE, FAILURE, CONFLICT, STALE, LOCKED = range(7)


class Tool:
    def __init__(self, tap):
        self.tap = tap
        self.program = os.path.abspath(
            os.environ.get('IRMIN_TOOL') or sys.argv[1])
        self.dir = tempfile.mkdtemp(prefix='irmin-cli-')
        self.repo = None
        self.env = {
            'PATH': os.environ['PATH'],
            'HOME': self.dir,
            'LC_ALL': 'C.UTF-8',
            'TZ': 'UTC',
            'TERM': 'xterm',
            'GIT_CONFIG_NOSYSTEM': '1',
            'GIT_AUTHOR_NAME': 'Ann', 'GIT_AUTHOR_EMAIL': 'ann@example.org',
            'GIT_COMMITTER_NAME': 'Carl',
            'GIT_COMMITTER_EMAIL': 'carl@example.org',
            'GIT_CEILING_DIRECTORIES': os.path.dirname(self.dir),
        }
        for name in os.environ:
            if name.startswith(('ASAN_', 'UBSAN_', 'LSAN_', 'TSAN_')):
                self.env[name] = os.environ[name]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, *steps):
        return os.path.join(self.dir, *steps)

    def init(self, name='state.git', *options):
        """Makes a repository; it is the one used from then on."""
        self.repo = self.path(name)
        return self.run('init', *options, repo=self.repo)

    def command(self, args, repo):
        repo = self.repo if repo is None else repo
        where = ['-C', repo] if repo else []
        return [self.program] + where + list(args)

    def run(self, *args, repo=None, given=b'', cwd=None, env=None, **options):
        """Runs it; repo='' leaves -C out, env adds variables (None: takes one
        away)."""
        environment = dict(self.env, **(env or {}))
        environment = {k: v for k, v in environment.items() if v is not None}
        done = subprocess.run(self.command(args, repo), input=given,
                              stdout=options.pop('stdout', subprocess.PIPE),
                              stderr=subprocess.PIPE, check=False,
                              cwd=cwd or self.dir, env=environment, **options)
        return Answer(done.returncode, done.stdout,
                      done.stderr.decode('utf-8', 'replace'))

    def git(self, *args, given=b'', repo=None):
        """What git says, which must succeed."""
        done = subprocess.run(['git', '-C', repo or self.repo] + list(args),
                              input=given, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False, env=self.env)
        if done.returncode:
            raise RuntimeError(f'git {args}: {done.stderr.decode()}')
        return done.stdout

    def expect(self, name, args, status=DONE, out=None, err='', **options):
        """One check: the status; `out`, bytes that are equal or a compiled
        pattern that is found; `err`, a pattern that is found, '' for
        silence."""
        answer = self.run(*args, **options)
        wrong = []
        if answer.status != status:
            wrong.append(f'status {answer.status}, not {status}')
        if isinstance(out, bytes) and answer.out != out:
            wrong.append(f'not {out!r}')
        elif isinstance(out, re.Pattern) and not out.search(answer.out):
            wrong.append(f'not {out.pattern!r}')
        if not err and answer.err:
            wrong.append('something on standard error')
        elif err and not re.search(err, answer.err):
            wrong.append(f'standard error is not {err!r}')
        self.tap.ok(not wrong, name, *wrong, f'out: {answer.out!r}',
                    f'err: {answer.err}')
        return answer


# A process begins with the memory of the one it comes from, which must be small.
MEASURE = """
import os, sys
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=[
    (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
_, status, usage = os.wait4(child, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss)
"""


def is_sanitized(tool):
    """Whether the program has a sanitizer in it, which takes memory."""
    with open(tool.program, 'rb') as file:
        return re.search(rb'__[at]san_init', file.read()) is not None


def peak_kilobytes(tool, *args):
    """-> exit status, and the most memory the program had."""
    done = subprocess.run(
        [sys.executable, '-S', '-c', MEASURE] + tool.command(args, None),
        env=tool.env, stdout=subprocess.PIPE, check=True)
    return tuple(int(word) for word in done.stdout.split())
