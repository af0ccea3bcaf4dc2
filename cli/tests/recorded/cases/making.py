"""Commands that create stacks, and template validation."""

from cases.reading import RECORD_FORMATS


def create(t):
    def run(line, **more):
        """Creates the stack x, and deletes it if it was created."""
        t.run(line, **more)
        t.cloud.delete('x')
    for kind in RECORD_FORMATS:
        run(f'stack create x -t simple.json {kind}')
    for options in (
            '-t web.yaml', '-t web.yaml -e one.env', '-t web.yaml -e one.env -e two.env',
            '-t web.yaml --parameter word=a --parameter size=4', '-t web.yaml --parameter "word=a;size=4"',
            '-t web.yaml -e one.env --parameter word=wins', '-t web.yaml --parameter word=@word.txt',
            '-t web.yaml --parameter-file word=word.txt', '-t web.yaml --parameter data=@data.json',
            '-t web.yaml --parameter size=100', '-t web.yaml --parameter nothing=1',
            '-t outer.yaml', '-t files.yaml', '-t part.yaml -e types.env', '-t part.yaml',
            '-t simple.json --tags a,b', '-t simple.json --timeout 5', '-t simple.json --enable-rollback',
            '-t simple.json --pre-create r', '-t simple.json --timeout 0', '-t simple.json --timeout x',
            '-t simple.json -s container', '-t simple.json -c id -c stack_name',
            '-t simple.json --dry-run', '-t web.yaml --dry-run -f json --parameter word=dry',
            '-t outer.yaml --dry-run -f yaml', '-t broken.yaml', '-t torn.yaml', '-t empty.yaml',
            '-t unknown.yaml', '-t unknown.yaml --dry-run', '-t lost.yaml', '-t cycle.yaml', '-t none.yaml',
            '-t web.yaml -e bad.env', '-t web.yaml -e none.env', '-t web.yaml --parameter word',
            '-t http://files.example/web.yaml', '-t http://files.example/outer.yaml -e http://files.example/one.env',
            '-t http://files.example/none.yaml', '-t outer.yaml --files-root parts', '-t failing.yaml', ''):
        run(f'stack create x {options}'.strip())
    run('stack create x -t -', stdin=b'{"heat_template_version": "2021-04-16"}')
    t.lines('''
        stack create "bad name" -t simple.json
        stack create web -t simple.json
        stack create -t simple.json
        stack create x -t simple.json --nothing
        stack create x -t simple.json -f nothing
        stack create x -t simple.json -f csv
    ''')


def create_and_wait(t):
    def run(line, **more):
        t.run(line, **more)
        t.cloud.delete('x')
    run('stack create x -t web.yaml --wait')
    run('stack create x -t web.yaml --wait --poll 0.01', note='two polls in progress', progress=2)
    run('stack create x -t web.yaml --wait --poll 0.01 -q', note='two polls in progress', progress=2)
    run('stack create x -t outer.yaml --wait --poll 0.01 -f json', note='one poll in progress', progress=1)
    run('stack create x -t simple.json --wait --wait-timeout 600 -f value -c stack_status')
    run('stack create x -t failing.yaml --wait --poll 0.01')
    run('stack create x -t failing.yaml --wait --poll 0.01 -v', note='one poll in progress', progress=1)
    run('stack create x -t simple.json --wait --poll 1000 --wait-timeout 2', note='it stays in progress', progress=99)
    run('stack create x -t simple.json --wait-timeout 1')
    run('stack create x -t simple.json --wait --poll 0')
    run('stack create x -t simple.json --wait --poll 0.01', note='Ctrl-C at the fourth request', progress=99, interrupt_at=4)
    run('stack create x -t simple.json', note='Ctrl-C at the second request', interrupt_at=2)
    run('stack create x -t simple.json', note='Ctrl-C at the first request', interrupt_at=1)
    run('stack-create x -f web.yaml --poll 0.01', note='two polls in progress', progress=2)
    run('stack-create x -f failing.yaml --poll 0.01')
    run('stack-create x -f simple.json --poll')


def old_create(t):
    def run(line, **more):
        t.run(line, **more)
        t.cloud.delete('x')
    for command in ('stack-create', 'stack-preview'):
        for options in ('-f simple.json', '-f web.yaml -e one.env -P word=a -P size=4', '-f web.yaml -P "word=a;size=4"',
                        '-f web.yaml -Pf word=word.txt', '-f web.yaml --parameter-file word=word.txt',
                        '-f outer.yaml', '-f simple.json -t 5 --tags a,b -r', '-f simple.json -c 6',
                        '-u http://files.example/web.yaml', '-u nothing', '-u http://files.example/none.yaml',
                        '-o http://files.example/web.yaml', '-f simple.json -u http://files.example/web.yaml',
                        '-f broken.yaml', '-f unknown.yaml', '-f none.yaml', '-f web.yaml -P nothing=1', '',
                        '-f simple.json --pre-create r', '-f simple.json --nothing'):
            run(f'{command} x {options}'.strip())
    t.run('stack-create web -f simple.json')


def adopt(t):
    def run(line, **more):
        t.run(line, **more)
        for name in ('x', 'left'):
            t.cloud.delete(name)
    for options in (*(f'--adopt-file left.json {kind}' for kind in RECORD_FORMATS),
                    '--adopt-file left.json --wait --poll 0.01', '--adopt-file left.json --tags a --timeout 5 --enable-rollback',
                    '--adopt-file left.json -e one.env --parameter a=b', '--adopt-file left.yaml',
                    '--adopt-file scalar.json', '--adopt-file torn.yaml', '--adopt-file none.json',
                    '--adopt-file http://files.example/left.json', ''):
        run(f'stack adopt x {options}'.strip())
    run('stack adopt x --adopt-file left.json --wait --poll 0.01', note='one poll in progress', progress=1)
    for options in ('-a left.json', '-a left.json -t 5 --tags a -r', '-a none.json', '-a scalar.json', ''):
        run(f'stack-adopt x {options}'.strip())
    t.run('stack adopt web --adopt-file left.json')


def validate(t):
    command = 'orchestration template validate'
    for kind in RECORD_FORMATS:
        t.run(f'{command} -t web.yaml {kind}')
    for options in ('-t web.yaml', '-t outer.yaml --show-nested', '-t web.yaml -e one.env --parameter word=a',
                    '-t simple.json --ignore-errors 99001', '-t broken.yaml', '-t unknown.yaml', '-t torn.yaml',
                    '-t none.yaml', '-t web.yaml -c Description', '-t http://files.example/web.yaml', ''):
        t.run(f'{command} {options}'.strip())
    for options in ('-f web.yaml', '-f outer.yaml -n', '-f web.yaml -e one.env -P word=a', '-f simple.json -I 99001,1',
                    '-u http://files.example/web.yaml', '-f broken.yaml', '-f unknown.yaml', '-f none.yaml', ''):
        t.run(f'template-validate {options}'.strip())


PARTS = [('stack create', create), ('stack create and stack-create that wait', create_and_wait),
         ('stack-create, stack-preview', old_create), ('stack adopt, stack-adopt', adopt),
         ('orchestration template validate, template-validate', validate)]
