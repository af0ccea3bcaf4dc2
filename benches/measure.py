"""Time and memory of whole runs, for the scripts beside this file."""

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
    """The largest resident memory of one run in MiB, by GNU time.

    A child of this process itself would be charged with this process's memory.
    """
    if not os.path.exists('/usr/bin/time'):
        return float('nan')
    with tempfile.NamedTemporaryFile('r') as report:
        subprocess.run(['/usr/bin/time', '-f', '%M', '-o', report.name, *command],
                       env=environment, stdout=subprocess.DEVNULL, check=True)
        return int(report.read()) / 1024
