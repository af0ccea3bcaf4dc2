"""Runs `openstack` and openstacksdk on configurations, in processes of their own. For `record` and `explore`."""

import importlib
import json
import os
import subprocess
import sys
import tempfile
import warnings

import openstack.config
import openstack.config.loader
import openstackclient.shell
from osc_lib.cli import client_config  # noqa: F401

warnings.simplefilter('ignore')

# What is not compared: settings of the Python tools themselves.
LEFT_OUT = ('additional_user_agent', 'beta_command', 'deferred_help', 'timing', 'verbose_level')


def flags(options):
    for name, value in options.items():
        if value is True:
            yield '--' + name
        else:
            yield from ('--os-' + name.replace('_', '-'), value)


def sdk(options):
    """What openstacksdk makes of the configuration."""
    options = dict(options)
    cloud = options.pop('cloud', None)
    try:
        region = openstack.config.OpenStackConfig().get_one(cloud, **options)
        verify, cert = region.get_requests_verify_args()
        return {
            'auth_type': region.config['auth_type'], 'auth': region.config['auth'],
            'region_name': region.get_region_name('orchestration'), 'interface': region.get_interface('orchestration'),
            'verify': verify, 'cert': cert, 'endpoint': region.get_endpoint('orchestration'),
            'service_type': region.get_service_type('orchestration'),
            'service_name': region.get_service_name('orchestration'), 'api_timeout': region.config.get('api_timeout'),
        }
    except Exception as error:
        return {'error': f'{type(error).__name__}: {error}'.split('\n')[0][:200]}


def in_child(folder, env, work):
    """The standard output and error of `work` in a process of its own, in this folder and with this environment.

    A fork spares the two seconds that the imports take. The module that knows where files are is loaded anew.
    """
    out, err = (os.path.join(folder, name) for name in ('.out', '.err'))
    child = os.fork()
    if not child:
        os.environ.clear()
        os.environ.update(env)
        os.chdir(folder)
        for number, path in ((1, out), (2, err)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        sys.stdout, sys.stderr = os.fdopen(1, 'w'), os.fdopen(2, 'w')
        importlib.reload(openstack.config.loader)
        try:
            work()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)
    os.waitpid(child, 0)
    texts = []
    for path in (out, err):
        with open(path) as file:
            texts.append(file.read().replace(folder, '$DIR'))
        os.remove(path)
    return texts


def run(given, tool=None):
    """The case with the results of the Python tools, and of `heat` if its path is given."""
    with tempfile.TemporaryDirectory() as folder:
        folder = os.path.realpath(folder)
        os.makedirs(os.path.join(folder, 'home'))
        for path, text in given['files'].items():
            path = os.path.join(folder, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'w') as file:
                file.write(text)

        def place(text):
            return text.replace('$DIR', folder) if isinstance(text, str) else text

        env = {'PATH': os.environ['PATH'], 'HOME': folder + '/home', 'LC_ALL': 'C.UTF-8'}
        env.update((name, place(value)) for name, value in given['variables'].items())
        options = {name: place(value) for name, value in given['options'].items()}
        line = [*flags(options), 'configuration', 'show', '-f', 'json', '--unmask']
        out, err = in_child(folder, env, lambda: openstackclient.shell.main(line))
        try:
            shown = {key: value for key, value in json.loads(out).items() if key not in LEFT_OUT}
        except ValueError:
            # Nothing, or half of it: JSON has no dates.
            shown = {'error': err.strip().split('\n')[-1][:200]}
        result = {**given, 'openstack': shown}
        if tool:
            ran = subprocess.run([tool, *line], cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
            error = {'error': ran.stderr.replace(folder, '$DIR').strip()}
            result['heat'] = error if ran.returncode else json.loads(ran.stdout.replace(folder, '$DIR'))
        else:
            out, err = in_child(folder, env, lambda: print(json.dumps(sdk(options))))
            result['sdk'] = json.loads(out)
        return result
