"""Commands that change stacks. Each case starts with new stacks."""

import inputs
from cases.reading import LIST_FORMATS, RECORD_FORMATS


def update(t):
    def run(line, template=inputs.WEB, **more):
        """Updates the stack x, which is created again first."""
        parameters = {'word': 'old'} if template == inputs.WEB else {}
        t.cloud.create('x', template, parameters=parameters, tags='first', disable_rollback=True)
        t.run(line, **more)
    for kind in RECORD_FORMATS:
        run(f'stack update x -t web.yaml {kind}')
    for options in (
            '-t web.yaml -e one.env', '-t web.yaml --parameter word=new --tags a,b --timeout 7',
            '-t simple.json', '--existing', '--existing --parameter word=new', '--existing -e one.env',
            '--existing --clear-parameter word', '--existing --clear-parameter word --parameter size=3',
            '--clear-parameter word -t web.yaml', '--existing -t simple.json', '-t web.yaml --rollback enabled',
            '-t web.yaml --rollback disabled', '-t web.yaml --rollback keep', '-t web.yaml --rollback no',
            '-t web.yaml --converge', '-t web.yaml --pre-update test', '-t web.yaml --dry-run',
            '-t simple.json --dry-run -f json', '--existing --parameter word=new --dry-run -f yaml',
            '-t outer.yaml --dry-run --show-nested -f json', '-t web.yaml --show-nested', '-t broken.yaml',
            '-t unknown.yaml', '-t none.yaml', '-t web.yaml --parameter size=100', ''):
        run(f'stack update x {options}'.strip())
    run('stack update x -t web.yaml --parameter word=new --wait --poll 0.01', note='two polls in progress', progress=2)
    run('stack update x -t failing.yaml --wait --poll 0.01')
    run('stack update x -t web.yaml --wait', note='Ctrl-C at the fourth request', progress=99, interrupt_at=4)
    t.lines('''
        stack update nothing -t web.yaml
        stack update nothing --existing --dry-run
        stack update -t web.yaml
        stack update x --nothing
    ''')
    for options in (
            '-f web.yaml', '-f web.yaml -e one.env -P word=new -t 7 --tags a', '-x', '-x -P word=new', '-x -c word',
            '-f simple.json -y', '-f outer.yaml -y -n', '-f web.yaml --rollback true', '-f web.yaml --rollback off',
            '-f web.yaml --rollback maybe', '-f web.yaml --pre-update test', '-u http://files.example/web.yaml',
            '-f broken.yaml', '-f none.yaml', ''):
        run(f'stack-update x {options}'.strip())
    t.lines('''
        stack-update nothing -f web.yaml
        stack-update -f web.yaml
    ''')
    t.cloud.delete('x')


def delete(t):
    def run(line, **more):
        for name in ('x', 'y'):
            t.cloud.create(name, inputs.SIMPLE)
        t.run(line, **more)
    for line in ('stack delete x', 'stack delete -y x y', 'stack delete x nothing y', 'stack delete nothing',
                 'stack delete nothing nowhere', 'stack delete', 'stack delete x -f json', 'stack delete -y x --wait --poll 0.01',
                 'stack delete -y x y --wait --poll 0.01', 'stack delete -y x nothing --wait --poll 0.01',
                 'stack-delete x', 'stack-delete x y', 'stack-delete x nothing', 'stack-delete -y nothing', 'stack-delete'):
        run(line)
    run('stack delete x --wait --poll 0.01', note='two polls in progress', progress=2)
    run(f'stack delete x --wait --poll 0.01 -q', note='two polls in progress', progress=2)
    for answer in (b'y\n', b'n\n', b'\n', b'YES\n'):
        for command in ('stack delete x', 'stack-delete x'):
            run(command, note=f'a terminal, on which {answer} is typed', terminal=answer)
    run('stack delete -y x y', note='Ctrl-C at the fourth request', interrupt_at=4)
    for name in ('x', 'y'):
        t.cloud.delete(name)


def actions(t):
    def run(line, suspended=False, **more):
        for name in ('x', 'y'):
            t.cloud.create(name, inputs.SIMPLE)
            if suspended:
                t.cloud.act(name, 'suspend')
        t.run(line, **more)
    for action in ('suspend', 'resume', 'check'):
        suspended = action == 'resume'
        for kind in LIST_FORMATS:
            run(f'stack {action} x {kind}', suspended)
        for rest in ('x y', 'x y --wait --poll 0.01', 'x nothing', 'nothing', '', 'x -f shell', 'x -c id --nothing'):
            run(f'stack {action} {rest}'.strip(), suspended)
        run(f'stack {action} x --wait --poll 0.01', suspended, note='two polls in progress', progress=2)
        for rest in ('x', 'nothing', '', 'x y'):
            run(f'action-{action} {rest}'.strip(), suspended)
    run('stack suspend x', note='already suspended', suspended=True)
    run('stack resume x', note='not suspended')
    run('stack suspend x y', note='Ctrl-C at the third request', interrupt_at=3)
    for name in ('x', 'y'):
        t.cloud.delete(name)


def cancel(t):
    def run(line, **more):
        """Cancels the update of x, which never completes."""
        t.cloud.create('x', inputs.SLOW)
        t.cloud.change('x', inputs.SLOW, parameters={'word': 'second'})
        t.run(line, **more)
    for kind in LIST_FORMATS:
        run(f'stack cancel x --no-rollback {kind}')
    for line in ('stack cancel x', 'stack cancel x nothing', 'stack cancel nothing', 'stack cancel', 'stack cancel web',
                 'stack cancel web --no-rollback', 'stack-cancel-update x', 'stack-cancel-update nothing',
                 'stack-cancel-update web', 'stack-cancel-update'):
        run(line)
    t.cloud.delete('x')


PARTS = [('stack update, stack-update', update), ('stack delete, stack-delete', delete),
         ('stack suspend, resume and check, action-suspend, action-resume, action-check', actions),
         ('stack cancel, stack-cancel-update', cancel)]
