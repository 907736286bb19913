"""TAP for the tests that are scripts; tap.h tells the rules."""

import subprocess
import sys


class Tap:
    """Prints checks as they are made; `sys.exit(tap.done())` ends a test."""

    def __init__(self):
        self.checks = 0
        self.failures = 0

    def ok(self, held, name, *details):
        """One check; the details, each perhaps of many lines, say what is wrong."""
        self.checks += 1
        print(f'{"" if held else "not "}ok {self.checks} - {name}')
        if not held:
            self.failures += 1
            for detail in details:
                self.diag(detail)
        sys.stdout.flush()
        return held

    def skip(self, reason):
        self.checks += 1
        print(f'ok {self.checks} # SKIP {reason}', flush=True)

    def diag(self, text):
        for line in str(text).splitlines():
            print(f'# {line}')

    def done(self):
        print(f'1..{self.checks}', flush=True)
        return 1 if self.failures or not self.checks else 0


def run(*command, **options):
    """-> exit code, and all that the command said."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          encoding='utf-8', errors='replace', **options)
    return done.returncode, done.stdout
