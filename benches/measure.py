"""Time and memory of runs, for the scripts in this directory."""

import os
import subprocess
import tempfile
import time


def run(command, environment=None):
    """Wall time in ms of one run."""
    start = time.perf_counter()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - start) * 1000


def memory(command, environment=None):
    """The peak resident memory of one run in MiB, by GNU time.

    A direct child of this process would count this process's memory, too.
    """
    if not os.path.exists('/usr/bin/time'):
        return float('nan')
    with tempfile.NamedTemporaryFile('r') as report:
        subprocess.run(['/usr/bin/time', '-f', '%M', '-o', report.name, *command],
                       env=environment, stdout=subprocess.DEVNULL, check=True)
        return int(report.read()) / 1024
