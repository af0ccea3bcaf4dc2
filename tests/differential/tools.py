"""Runs the Python tools in forks of one process, so that their modules are imported once, and ours as a process.

As a program: reads requests as lines of JSON from stdin, and writes their results to stdout.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile


class PythonTools:
    """The Python tools, in a process of their own."""

    def __init__(self):
        self.process = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)

    def run(self, tool, words, environment, directory, text=''):
        request = {'tool': tool, 'words': words, 'environment': environment, 'directory': directory, 'text': text}
        self.process.stdin.write(json.dumps(request) + '\n')
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def run_ours(heat, tool, words, environment, directory, text=''):
    """Runs our tool. For `openstack` as well, since each of its commands has the same words."""
    done = subprocess.run([heat, *words], env=environment, cwd=directory, input=text, capture_output=True, text=True,
                          timeout=120)
    return {'code': done.returncode, 'out': done.stdout, 'err': done.stderr}


def fork(request):
    """Runs one command line in a child."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as text:
        text.write(request['text'].encode())
        text.seek(0)
        child = os.fork()
        if child == 0:
            os.dup2(text.fileno(), 0)
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            os._exit(in_child(request))
        _, status = os.waitpid(child, 0)
        out.seek(0)
        err.seek(0)
        return {'code': os.waitstatus_to_exitcode(status), 'out': out.read().decode(), 'err': err.read().decode()}


def in_child(request):
    # A tool that hangs ends.
    signal.alarm(300)
    os.environ.clear()
    os.environ.update(request['environment'])
    os.chdir(request['directory'])
    sys.argv = [request['tool'], *request['words']]
    sys.stdin = open(0)
    sys.stdout = open(1, 'w')
    sys.stderr = open(2, 'w')
    try:
        if request['tool'] == 'openstack':
            code = openstackclient.shell.main(request['words'])
        else:
            code = heatclient.shell.main(request['words'])
    except SystemExit as end:
        code = end.code
        if isinstance(code, str):
            print(code, file=sys.stderr)
            code = 1
    except BaseException as error:
        print(f'{type(error).__name__}: {error}', file=sys.stderr)
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code or 0


if __name__ == '__main__':
    import warnings

    import heatclient.osc.plugin  # noqa: F401
    import heatclient.osc.v1.stack  # noqa: F401
    import heatclient.shell
    import heatclient.v1.client  # noqa: F401
    import heatclient.v1.shell  # noqa: F401
    import keystoneauth1.identity.v3  # noqa: F401
    import openstackclient.identity.v3.project  # noqa: F401
    import openstackclient.shell

    warnings.simplefilter('ignore')
    for line in sys.stdin:
        print(json.dumps(fork(json.loads(line))), flush=True)
