"""The sandbox: started by the tool, prepared and observed through its API."""

import json
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request

from stable import suffixes

# Resources with this name may stay in progress: their stacks count as settled.
SLOW = 'slow'
EPOCH = 978307200  # 2001-01-01T00:00:00Z, where the made-up times begin
STEP = 1000  # seconds from one stack to the next


def free_port():
    """A free port of five digits, so that the widths of tables do not vary."""
    while True:
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            port = probe.getsockname()[1]
        if port >= 10000:
            return port


def stamp(seconds):
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(EPOCH + seconds))


class Cloud:
    """A running sandbox, and the known state of its stacks."""

    def __init__(self, heat):
        ports = ['--port', str(free_port()), '--orchestration-port', str(free_port())]
        self.process = subprocess.Popen(
            [heat, 'sandbox', '--stack-delay', '0', *ports], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True, env={})
        self.environment = {}
        for line in self.process.stdout:
            found = re.match(r"export (\w+)='?([^'\n]*)'?", line)
            if found:
                self.environment[found[1]] = found[2]
            if 'HEAT_SANDBOX_PID' in self.environment:
                break
        del self.environment['HEAT_SANDBOX_PID']
        self.suffixes = set()  # the random ends of resources' names
        # The id of a stack: its number, oldest first. Later stacks reuse the numbers of deleted stacks,
        # so that an additional or missing stack of one command does not affect the following commands.
        self.numbers = {}
        self.last_kept = 0     # up to here numbers are given once
        self.events = {}       # the id of an event: its made-up time
        self.counts = {}       # the id of a stack: how many of its events have a time
        self.log_in()

    def close(self):
        self.process.terminate()
        self.process.wait()

    def log_in(self):
        env = self.environment
        domain = {'name': env['OS_USER_DOMAIN_NAME']}
        body = {'auth': {
            'identity': {'methods': ['password'], 'password': {'user': {
                'name': env['OS_USERNAME'], 'password': env['OS_PASSWORD'], 'domain': domain}}},
            'scope': {'project': {'name': env['OS_PROJECT_NAME'], 'domain': domain}}}}
        request = urllib.request.Request(
            env['OS_AUTH_URL'] + '/auth/tokens', json.dumps(body).encode(),
            {'Content-Type': 'application/json'})
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self.open = direct.open
        with self.open(request) as answer:
            self.token = answer.headers['X-Subject-Token']
            token = json.load(answer)['token']
        self.endpoint = next(e['url'] for s in token['catalog'] if s['type'] == 'orchestration'
                             for e in s['endpoints'] if e['interface'] == 'public')
        self.project = token['project']['id']

    def call(self, method, path, body=None):
        request = urllib.request.Request(
            self.endpoint + path, json.dumps(body).encode() if body is not None else None,
            {'X-Auth-Token': self.token, 'Content-Type': 'application/json',
             'Accept': 'application/json'}, method=method)
        with self.open(request) as answer:
            content = answer.read()
        return json.loads(content) if content.strip().startswith(b'{') else None

    def path(self, name):
        """The path of a stack, or none."""
        for stack in self.call('GET', f'/stacks?stack_name={name}')['stacks']:
            return f"/stacks/{name}/{stack['id']}"
        return None

    def id(self, name):
        return self.path(name).rsplit('/', 1)[1]

    def create(self, name, template, **more):
        """Creates a stack of this name, in place of an existing one."""
        self.delete(name)
        self.call('POST', '/stacks', {'stack_name': name, 'template': template, **more})
        self.settle('/stacks')

    def change(self, name, template, **more):
        self.call('PUT', self.path(name), {'template': template, **more})
        self.settle(self.path(name))

    def act(self, name, action):
        self.call('POST', self.path(name) + '/actions', {action: None})
        self.settle(self.path(name))

    def delete(self, name):
        path = self.path(name)
        if path:
            self.call('DELETE', path)
            self.settle(path)

    def settle(self, path):
        """Waits until no stack is in progress, and records the new stacks and events."""
        deadline = time.monotonic() + 30
        while True:
            stacks = self.call('GET', '/stacks?show_nested=true&sort_keys=creation_time&sort_dir=asc')['stacks']
            moving = [s for s in stacks if s['stack_status'].endswith('IN_PROGRESS')]
            if all(self.is_stuck(stack) for stack in moving):
                break
            if time.monotonic() > deadline:
                raise RuntimeError(f'these stacks do not settle: {moving}')
            time.sleep(0.002)
        changed = []
        for stack in stacks:
            if stack['id'] not in self.numbers:
                others = [self.numbers.get(other['id'], 0) for other in stacks]
                self.numbers[stack['id']] = max(self.last_kept, *others) + 1
                changed.append(stack['id'])
        changed += [id for id in self.numbers if id in path]
        for id in changed:
            self.note_events(id)

    def keep_numbers(self):
        """Reserves the numbers of all stacks so far, including deleted ones. Lists are sorted by time, and
        for equal times by random ids."""
        self.last_kept = len(self.numbers)

    def is_stuck(self, stack):
        """Whether the last event belongs to a resource that stays in progress."""
        events = self.all_events(stack['id'])
        if not events:
            return False
        return events[-1]['resource_name'] == SLOW and \
            events[-1]['resource_status'].endswith('IN_PROGRESS')

    def all_events(self, id):
        try:
            found = self.call('GET', f'/stacks?id={id}&show_nested=true&show_deleted=true')['stacks']
            return self.call('GET', f"/stacks/{found[0]['stack_name']}/{id}/events?nested_depth=9&sort_dir=asc")['events']
        except (urllib.error.HTTPError, IndexError):
            return []

    def note_events(self, id):
        for event in self.all_events(id):
            if event['id'] not in self.events:
                self.counts[id] = self.counts.get(id, 0) + 1
                self.events[event['id']] = STEP * self.numbers[id] + self.counts[id]
            self.suffixes.update(suffixes(event.get('physical_resource_id') or ''))

    def retime(self, value):
        """Replaces times by artificial ones, in the order of stacks and events."""
        if isinstance(value, list):
            return [self.retime(item) for item in value]
        if not isinstance(value, dict):
            return value
        value = {key: self.retime(item) for key, item in value.items()}
        number = self.events.get(value.get('id'), 0) if 'event_time' in value else \
            STEP * self.numbers.get(value.get('id'), 0)
        for place, key in enumerate(('event_time', 'creation_time', 'updated_time', 'deletion_time')):
            if value.get(key):
                value[key] = stamp(number + place)
        for key in ('physical_resource_id', 'stack_name', 'parent_resource'):
            if isinstance(value.get(key), str):
                self.suffixes.update(suffixes(value[key]))
        return value
