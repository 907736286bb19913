#!/usr/bin/python3
"""The harness tells what it sees, and the runner believes nothing better.

    test-harness.py SAMPLE      (the program made of sample.c)
"""

import importlib.machinery
import importlib.util
import os
import re
import subprocess
import sys

from tap import Tap

RUNNER = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'run')


def load_runner():
    sys.dont_write_bytecode = True
    loader = importlib.machinery.SourceFileLoader('runner', RUNNER)
    runner = importlib.util.module_from_spec(
        importlib.util.spec_from_loader('runner', loader))
    loader.exec_module(runner)
    return runner


def run_sample(sample, mode):
    """-> the entry that meson would log"""
    done = subprocess.run([sample, mode], stdin=subprocess.DEVNULL, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          encoding='utf-8')
    return {'name': 'libirmin:unit / room/sample', 'duration': 0.1,
            'result': 'OK', 'returncode': done.returncode,
            'stdout': done.stdout, 'stderr': done.stderr}


# mode: passed, failed, skipped, and what the first failure says
EXPECTED = {
    'pass': (12, 0, 0, None),
    'files': (5, 0, 0, None),
    'fail': (0, 9, 0, 'not ok 1 - ok'),
    'threads': (4000, 0, 0, None),
    'skip': (0, 0, 1, None),
    'skip-all': (0, 0, 1, None),
    'crash': (1, 1, 0, 'killed by signal 6'),
    'no-plan': (1, 1, 0, 'no plan'),
    'bail': (0, 1, 0, 'exit code 1, Bail out! broken: reason'),
    'bad-exit': (1, 1, 0, 'exit code 3'),
}


def main():
    tap, runner, sample = Tap(), load_runner(), sys.argv[1]
    entries = {mode: run_sample(sample, mode) for mode in EXPECTED}
    for mode, (passed, failed, skipped, first) in EXPECTED.items():
        seen = runner.judge(entries[mode])
        counts = (seen.passed, len(seen.failures), len(seen.skips))
        tap.ok(counts == (passed, failed, skipped), f'{mode}: counted',
               f'{counts}', entries[mode]['stdout'][:4000])
        if first:
            text = seen.failures[0][0] if seen.failures else ''
            tap.ok(text.startswith(first), f'{mode}: told as "{first}"', text)

    failing = entries['fail']['stdout']
    for told in ('got : 1', 'want: 2', r'"a\x0a" (2 bytes)', 'want: NULL',
                 'differ from byte 2', 'EIO (-21)', '"moved"', 'sample.c:'):
        tap.ok(told in failing, f'a failed check tells {told}', failing)
    scratch = re.search(r'# scratch: (\S+)', entries['files']['stdout'])[1]
    tap.ok(not os.path.exists(scratch), 'the scratch directory is gone at exit')

    entry = dict(entries['pass'], result='TIMEOUT', returncode=-15)
    tap.ok(runner.judge(entry).failures[0][0].startswith('ran out of time'),
           'a program out of time has failed')
    entry = dict(entries['pass'], stdout='1..3\nok 1 - a\nok 2 - b\n')
    tap.ok(runner.judge(entry).failures[0][0] == '3 checks planned, 2 made',
           'a plan that is not kept is a failure')
    outcome = runner.judge(entries['skip'])
    runner.refuse_unexpected_skips([outcome], False)
    tap.ok(len(outcome.failures) == 1 and not outcome.skips,
           'a skip that nobody expects is a failure')
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
