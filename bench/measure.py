"""Runs the programs of a row in turns, and makes one figure of many.

A program prints one line of JSON; exit code 4 says that it has no such workload,
and its complaint says why. One that fails spoils its row, not the whole run.
"""

import json
import os
import shutil
import signal
import statistics
import subprocess
import tempfile

import machine

NOT_THERE = 4
PATIENCE = 900  # seconds for one run of one program

# Linux counts the memory of who started a process as if it were the process's
# own largest: so it is a small shell that starts it, not this program.
SMALL_PARENT = ['/bin/sh', '-c', '"$@"; exit $?', 'sh']
ENVIRONMENT = {**os.environ, 'LC_ALL': 'C', 'GIT_CONFIG_NOSYSTEM': '1',
               'GIT_CONFIG_GLOBAL': os.devnull}


class NotThere(Exception):
    """The program, or its workload, is not there; the text says why."""


class Failed(Exception):
    """The program was there, and did not do it."""


def program(name):
    return os.path.join(machine.BUILD, 'bench', f'bench-{name}')


def command_of(name, workload, arguments):
    return [program(name), workload] + \
        [f'{key}={value}' for key, value in arguments.items()]


def communicate(command):
    """-> exit code, output, complaint. Nothing of it outlives this call."""
    with subprocess.Popen(SMALL_PARENT + command, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          encoding='utf-8', env=ENVIRONMENT,
                          start_new_session=True) as process:
        try:
            said, complaint = process.communicate(timeout=PATIENCE)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return process.returncode, said, complaint.strip()


def call(command):
    """-> what the program printed, as a dictionary"""
    name = f'{os.path.basename(command[0])} {" ".join(command[1:])}'
    if not os.path.exists(command[0]):
        raise NotThere('not built: its library is not installed')
    try:
        code, said, complaint = communicate(command)
    except subprocess.TimeoutExpired:
        raise Failed(f'{name}: not done after {PATIENCE} s') from None
    if code == NOT_THERE:
        raise NotThere(complaint.splitlines()[-1].removeprefix('bench: ')
                       if complaint else 'has no such workload')
    if code:
        raise Failed(f'{name}: exit code {code}: {complaint}')
    return json.loads(said)


def run_once(name, workload, arguments, folder=None):
    """In a scratch directory of that folder, which goes afterwards; without one,
    in memory."""
    command = command_of(name, workload, arguments)
    if folder is None:
        return call(command)
    scratch = tempfile.mkdtemp(prefix='irmin-bench-', dir=folder)
    try:
        return call(command + ['dir=' + os.path.join(scratch, 'repo.git')])
    finally:
        shutil.rmtree(scratch)


def folder_for(contestant, folder):
    """A peer that has no form without files gets files in memory."""
    if folder is None and contestant.files:
        folder = machine.memory_folder()
        if folder is None:
            raise NotThere(f'needs a tmpfs at {machine.MEMORY}')
    return folder


def median_of(runs):
    """-> the median of each figure; what is not a number, of the first run"""
    def middle(key):
        values = [one[key] for one in runs if key in one]
        if isinstance(values[0], (int, float)) and not isinstance(values[0], bool):
            return statistics.median(values)
        return values[0]
    return {key: middle(key) for key in runs[0]}


def run_rounds(row, folder, rounds):
    """Round by round, so that a noisy minute hits everybody alike.
    -> for each contestant its runs, or why there are none"""
    seen = [[] for _ in row.contestants]
    missing = {}
    for _ in range(rounds):
        for which, one in enumerate(row.contestants):
            if which in missing:
                continue
            try:
                seen[which].append(run_once(
                    one.program, row.workload, {**row.arguments, **one.arguments},
                    folder_for(one, folder)))
            except (NotThere, Failed) as reason:
                missing[which] = reason
    return seen, missing


def entry_of(contestant, runs, missing):
    entry = {'who': contestant.program, 'how': contestant.told,
             'mark': contestant.mark, 'arguments': contestant.arguments}
    if missing:
        entry['missing'] = str(missing)
        entry['failed'] = isinstance(missing, Failed)
    else:
        entry.update(median_of(runs))
        entry['cpu_us'] = entry[contestant.cpu]
        entry['runs'] = runs
    return entry


def same_ids(entries, workload=''):
    """Who keeps git's format has done the work only if all its runs ended with
    the ids of everybody else; LMDB and SQLite have none. Where values are read,
    all of them read the same."""
    keys = ['tree', 'commit'] + (['sum'] if workload == 'w3' else [])
    for key in keys:
        told = {one[key] for entry in entries for one in entry.get('runs', [])
                if one.get(key)}
        if len(told) > 1:
            return False
    return True


def measure_row(row, folder, rounds):
    """-> the row as it goes to the table and the JSON"""
    seen, missing = run_rounds(row, folder, min(rounds, row.rounds))
    entries = [entry_of(one, seen[which], missing.get(which))
               for which, one in enumerate(row.contestants)]
    result = {'key': row.key, 'title': row.title, 'workload': row.workload,
              'arguments': row.arguments, 'entries': entries,
              'same_ids': same_ids(entries, row.workload),
              'failed': [entry['missing'] for entry in entries
                         if entry.get('failed')]}
    if folder:
        result['file_system'] = machine.file_system(folder)
    return result
