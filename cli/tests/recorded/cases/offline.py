"""Commands that need no cloud: help, completion, packing and linting of templates, the sandbox."""

import os
import re
import signal
import time
import urllib.error
import urllib.request

from cloud import free_port

NEW = ('stack list', 'stack show', 'stack create', 'stack adopt', 'stack update', 'stack delete',
       'stack suspend', 'stack resume', 'stack check', 'stack cancel', 'stack event list',
       'stack resource list', 'stack resource show', 'stack output list', 'stack output show',
       'stack template show', 'orchestration build info', 'orchestration template validate',
       'template pack', 'template lint', 'sandbox', 'completion')
GROUPS = ('stack', 'stack event', 'stack resource', 'stack output', 'stack template',
          'orchestration', 'orchestration build', 'orchestration template', 'template')
OLD = ('stack-list', 'stack-show', 'stack-create', 'stack-preview', 'stack-adopt', 'stack-update',
       'stack-delete', 'stack-cancel-update', 'action-suspend', 'action-resume', 'action-check',
       'event-list', 'resource-list', 'resource-show', 'output-list', 'output-show',
       'template-show', 'template-validate', 'build-info')


def help_texts(t):
    def run(line):
        t.run(line, cloud=False, proxy=False)
    for line in ('', '--version', '-V', '--help', '-h', 'help', 'help help', 'help nothing',
                 'nothing', '--nothing', 'stack nothing', 'stacklist', 'stack-lists'):
        run(line)
    for command in GROUPS:
        run(f'{command} --help')
        run(command)
    for command in NEW + OLD:
        run(f'{command} --help')
        run(f'help {command}')
    for command in ('stack create', 'stack list', 'stack-update'):
        run(f'{command} -h')


def completion(t):
    def run(line):
        t.run(line, cloud=False, proxy=False)
    for shell in ('bash', 'zsh', 'fish', 'elvish', 'powershell', 'none', ''):
        run(f'completion {shell}'.strip())
    for shell in ('bash', 'zsh', 'fish'):
        for words in ('sta', '"stack "', 'stack ""', 'stack li', 'stack list --', 'stack list -f ""',
                      'stack list --format = j', 'stack-cr', 'stack-list -k ""', 'help stack ou',
                      'stack show ""', '--os-cl', 'stack create -t x --wait-t'):
            run(f'completion {shell} -- {words}')


def pack(t):
    t.lines('''
        template pack -t web.yaml
        template pack -t simple.json
        template pack -t web.yaml -e one.env -e two.env
        template pack -t web.yaml --parameter word=a --parameter "size=2;many=x,y"
        template pack -t web.yaml --parameter word=@word.txt --parameter data=@data.json
        template pack -t web.yaml --parameter word=@@at
        template pack -t web.yaml --parameter-file word=word.txt
        template pack -t outer.yaml
        template pack -t files.yaml
        template pack -t part.yaml -e types.env
        template pack -e one.env
        template pack -t web.yaml -s container -e one.env
        template pack -t outer.yaml --output packed
        template pack -t files.yaml --output packed
        template pack -t web.yaml --output parts
        template pack -t outer.yaml --files-root parts
        template pack -t outer.yaml --files-root . --no-symlinks
        template pack -t outer.yaml --no-limits
        template pack -t http://files.example/outer.yaml
        template pack -t http://files.example/none.yaml
        template pack -t http://files.example/web.yaml -e http://files.example/one.env
        template pack -t lost.yaml
        template pack -t cycle.yaml
        template pack -t broken.yaml
        template pack -t torn.yaml
        template pack -t empty.yaml
        template pack -t none.yaml
        template pack -t web.yaml -e bad.env
        template pack -t web.yaml -e none.env
        template pack -t web.yaml --parameter word
        template pack -t web.yaml --parameter word=@none.txt
        template pack -t web.yaml --parameter-file word=none.txt
        template pack -t web.yaml -t simple.json
        template pack
        template pack web.yaml
        template pack --nothing
    ''')
    web = b'heat_template_version: 2021-04-16\nparameters: {word: {type: string}}\n'
    t.run('template pack -t -', stdin=web)
    t.run('template pack -t web.yaml --parameter word=@-', stdin=b'from stdin\n')
    t.run('template pack -t - -e -', stdin=web)


def lint(t):
    t.lines('''
        template lint web.yaml
        template lint -t web.yaml
        template lint web.yaml outer.yaml files.yaml
        template lint broken.yaml
        template lint broken.yaml web.yaml -q
        template lint broken.yaml -f json
        template lint broken.yaml -f sarif
        template lint web.yaml -f json
        template lint web.yaml -f sarif
        template lint web.yaml -e one.env
        template lint web.yaml -e bad.env
        template lint -e bad.env
        template lint -e bad.env --fail-on note
        template lint broken.yaml --fail-on error
        template lint web.yaml --fail-on warning
        template lint torn.yaml
        template lint torn.yaml -f json
        template lint empty.yaml
        template lint none.yaml
        template lint lost.yaml
        template lint cycle.yaml
        template lint unknown.yaml
        template lint part.yaml -e types.env
        template lint outer.yaml --files-root parts
        template lint http://files.example/broken.yaml
        template lint
        template lint web.yaml -f xml
        template lint web.yaml --fail-on never
        template lint --nothing
    ''')
    t.run('template lint -', stdin=b'heat_template_version: 2021-04-16\nresources: {a: {type: x, tyep: y}}\n')


def sandbox(t):
    """Records only the start and the options: all other cases use the sandbox."""
    t.run('sandbox --port 70000', cloud=False)
    t.run('sandbox --stack-delay -1', cloud=False)
    t.run('sandbox --token-lifetime 0', cloud=False)
    t.run('sandbox --nothing', cloud=False)
    taken = t.proxy.url.rsplit(':', 1)[1]
    t.literals[taken] = '<port of the proxy>'
    t.run(f'sandbox --port {taken}', note='a port that is in use', cloud=False)
    t.run(f'sandbox --background --port {taken}', note='a port that is in use', cloud=False)
    ports = [str(free_port()), str(free_port())]
    t.literals |= {ports[0]: '<port 1>', ports[1]: '<port 2>'}
    line = f'sandbox --port {ports[0]} --orchestration-port {ports[1]}'
    t.run(line, note='Ctrl-C once it answers', cloud=False, interrupt_when=lambda: answered(ports[0]))
    printed = t.run(line + ' --background', cloud=False)
    os.kill(int(re.search(r'HEAT_SANDBOX_PID=(\d+)', printed)[1]), signal.SIGTERM)
    for port in (taken, *ports):
        del t.literals[port]


def answered(port):
    """Waits until a sandbox answers at the port. Then it also handles Ctrl-C."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + 60
    while True:
        try:
            return direct.open(f'http://127.0.0.1:{port}/v3').close()
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


PARTS = [('help and version', help_texts), ('completion', completion),
         ('template pack', pack), ('template lint', lint), ('sandbox', sandbox)]
