#!/usr/bin/python3
"""Merge bases on a synthetic history, beside git's.

    bench/bases.py BUILD [COMMITS]

A trunk, up to 20 topics that are merged into it, a release branch that forked
early; with git's commit-graph. Prints the CPU time of whole processes, least and
median of 31 runs."""

import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile

RUNS = 31
PAIRS = [('main', 'release'), ('main', 'root'), ('main', 'topic')]


class History:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.stream = []
        self.time = 1000000000
        self.commits = 0

    def add(self, *parents):
        self.commits += 1
        self.time += self.random.randint(1, 600)
        self.stream.append(f'commit refs/heads/x\nmark :{self.commits}\n'
                           f'committer A <a@b> {self.time} +0000\n'
                           f'data 0\n')
        for word, parent in zip(['from', 'merge'], parents):
            self.stream.append(f'{word} :{parent}\n')
        self.stream.append(f'M 100644 inline {self.commits % 100}\n'
                           f'data <<.\n{self.commits}\n.\n\n')
        return self.commits

    def name(self, branch, commit):
        self.stream.append(f'reset refs/heads/{branch}\nfrom :{commit}\n\n')

    def grow(self, commits):
        """-> the heads, by name."""
        main = root = self.add()
        release, topics = None, []
        while self.commits < commits:
            dice = self.random.random()
            if dice < 0.3 or not topics:
                main = self.add(main)
            if dice < 0.4 and len(topics) < 20:
                topics.append(self.add(main))
            elif dice < 0.85 and topics:
                i = self.random.randrange(len(topics))
                topics[i] = self.add(topics[i])
            elif topics:
                i = self.random.randrange(len(topics))
                main = self.add(main, topics.pop(i))
            if release is None and self.commits > 200:
                release = main
            if release and self.random.random() < 0.2:
                release = self.add(release)
        return {'main': main, 'root': root, 'release': release,
                'topic': topics[0]}


def make(path, commits):
    history = History(5)
    for branch, commit in history.grow(commits).items():
        history.name(branch, commit)
    subprocess.run(['git', 'init', '-q', '--bare', path], check=True)
    subprocess.run(['git', '-C', path, 'fast-import', '--quiet', '--force'],
                   input=''.join(history.stream).encode(), check=True)
    subprocess.run(['git', '-C', path, 'commit-graph', 'write', '--reachable'],
                   check=True)


def children_ms():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (usage.ru_utime + usage.ru_stime) * 1000


def measure(command):
    """-> what it says, least and median CPU time."""
    times = []
    for _ in range(RUNS):
        before = children_ms()
        said = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
        times.append(children_ms() - before)
    return said, min(times), statistics.median(times)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    tool = os.path.join(sys.argv[1], 'cli', 'irmin')
    commits = int(sys.argv[2]) if len(sys.argv) == 3 else 25000
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, 'history.git')
        make(path, commits)
        for pair in PAIRS:
            ask = ['-C', path, 'merge-base', '--all', *pair]
            ours, least, median = measure([tool] + ask)
            gits, git_least, git_median = measure(['git'] + ask)
            if ours != gits:
                sys.exit(f'{pair}: {ours!r} and not {gits!r}')
            print(f'{" ".join(pair):14} irmin {least:5.1f} {median:5.1f} ms   '
                  f'git {git_least:5.1f} {git_median:5.1f} ms   '
                  f'{least / git_least:.2f} times')


if __name__ == '__main__':
    main()
