"""Commands that only read, in every format."""

LIST_FORMATS = ('-f table', '-f json', '-f yaml', '-f csv', '-f value')
RECORD_FORMATS = ('-f table', '-f json', '-f yaml', '-f shell', '-f value')


def formats(t, command, kinds, columns):
    """A command in each format, with the options that all formats share."""
    one, two = columns
    for kind in kinds:
        t.run(f'{command} {kind}')
    for options in (f'-c {one}', f'-f json -c {two} -c {one}', f'-f value -c {one} -c {two}',
                    f'-f json --noindent -c {one}', '-c nothing', f'--max-width 30 -c {one} -c {two}',
                    '-f nothing', '--format', '--print-empty -f table'):
        t.run(f'{command} {options}')
    if '-f csv' in kinds:
        for options in (f'-f csv --quote all -c {one}', f'-f csv --quote minimal -c {one}',
                        f'-f csv --quote none -c {one} -c {two}', f'--sort-column {two} -c {one} -c {two}',
                        f'--sort-column {two} --sort-descending -c {one} -c {two}',
                        '--sort-column nothing', '-f shell'):
            t.run(f'{command} {options}')
    else:
        for options in (f'-f shell --prefix p_ -c {one}', '-f csv'):
            t.run(f'{command} {options}')


def stack_list(t):
    formats(t, 'stack list', LIST_FORMATS, ('"Stack Name"', '"Stack Status"'))
    ids = {name: t.cloud.id(name) for name in ('web', 'busy')}
    t.lines(f'''
        stack list --short
        stack list --long
        stack list --short --long
        stack list --nested
        stack list --nested --long -f json
        stack list --deleted
        stack list --deleted --long -f csv
        stack list --hidden
        stack list --all-projects
        stack list --all-projects -f json
        stack list --property stack_name=web
        stack list --property name=web --property status=COMPLETE
        stack list --property stack_name=nothing
        stack list --property stack_name=nothing --print-empty
        stack list --property stack_name=nothing -f json
        stack list --property stack_name=nothing -f csv
        stack list --property stack_name
        stack list --tags prod
        stack list --tags prod,blue
        stack list --tags prod,blue --tag-mode any
        stack list --tags prod,blue --tag-mode not
        stack list --tags prod,blue --tag-mode not-any
        stack list --tags prod --tag-mode none
        stack list --tag-mode any
        stack list --tags ""
        stack list --limit 2
        stack list --limit 0
        stack list --limit -1
        stack list --limit x
        stack list --limit 2 --marker {ids['busy']}
        stack list --marker nothing
        stack list --sort stack_name
        stack list --sort stack_name:desc
        stack list --sort "Stack Name:desc"
        stack list --sort stack_status,stack_name:asc
        stack list --sort creation_time:asc --sort stack_name
        stack list --sort nothing
        stack list --sort stack_name:up
        stack list --project demo
        stack list --project nothing
        stack list --project demo --project-domain Default
        stack list --project demo --project-domain nothing
        stack list --fit-width
    ''')
    t.run('stack list -c "Stack Name" -c "Stack Status" -c "Creation Time"', note='CLIFF_MAX_TERM_WIDTH=40',
          env={'CLIFF_MAX_TERM_WIDTH': '40'})


def old_stack_list(t):
    t.lines(f'''
        stack-list
        stack-list -s
        stack-list -n
        stack-list -a
        stack-list -o
        stack-list -g
        stack-list -f stack_name=web
        stack-list -f "stack_name=web;status=COMPLETE"
        stack-list -f stack_name=nothing
        stack-list -f nothing
        stack-list -t prod
        stack-list --tags-any prod,blue
        stack-list --not-tags prod,blue
        stack-list --not-tags-any prod,blue
        stack-list -l 2
        stack-list -l 2 -m {t.cloud.id('busy')}
        stack-list -k stack_name
        stack-list -k "stack_name;creation_time" -d asc
        stack-list -k nothing
        stack-list -d up
        stack-list --limit x
        stack-list --nothing
    ''')


def stack_show(t):
    formats(t, 'stack show web', RECORD_FORMATS, ('stack_name', 'stack_status'))
    t.lines(f'''
        stack show odd
        stack show odd -f json
        stack show odd -f yaml
        stack show odd -f shell
        stack show odd -f value
        stack show failed
        stack show busy
        stack show WEB -f value -c stack_name
        stack show {t.cloud.id('web')} -f value -c stack_name
        stack show web/{t.cloud.id('web')} -f value -c stack_name
        stack show 00000000-0000-4000-8000-000000000000
        stack show web --no-resolve-outputs -f json
        stack show outer -f json
        stack show gone
        stack show nothing
        stack show ""
        stack show "a b/c"
        stack show
        stack show web plain
        stack-show web
        stack-show odd
        stack-show web --no-resolve-outputs
        stack-show nothing
        stack-show
    ''')


def events(t):
    first = t.cloud.all_events(t.cloud.id('web'))[1]['id']
    formats(t, 'stack event list web', ('-f log', *LIST_FORMATS), ('resource_name', 'resource_status'))
    t.lines(f'''
        stack event list outer
        stack event list outer --nested-depth 1
        stack event list outer -n 5
        stack event list outer -n 5 -f table
        stack event list outer -n 0
        stack event list outer -n x
        stack event list web --resource thing
        stack event list web --resource nothing
        stack event list web --resource ""
        stack event list outer --resource middle -n 2
        stack event list web --filter resource_status=COMPLETE
        stack event list web --filter resource_name=thing --filter resource_action=CREATE -f json
        stack event list web --limit 2
        stack event list web --marker {first}
        stack event list web --limit 1 --marker {first}
        stack event list web --marker nothing
        stack event list web --sort event_time:desc
        stack event list web --sort resource_name
        stack event list web --sort :desc
        stack event list web --sort nothing
        stack event list failed
        stack event list nothing
        stack event list web --follow -f json
        stack event list nothing --follow
        stack event list
        event-list web
        event-list outer -n 5
        event-list outer -n 5 -F log
        event-list web -F log
        event-list web -r thing
        event-list web -r nothing
        event-list web -r thing -n 1
        event-list web -f "resource_status=COMPLETE;resource_name=thing"
        event-list web -l 2 -m {first}
        event-list web -F json
        event-list nothing
        event-list
    ''')
    t.run('stack event list web --follow', note='Ctrl-C at the fourth request', interrupt_at=4)
    t.run('stack event list outer --follow -n 3', note='Ctrl-C at the fourth request', interrupt_at=4)
    t.run(f'stack event list web --follow --marker {first}', note='Ctrl-C at the third request', interrupt_at=3)


def resources(t):
    formats(t, 'stack resource list web', LIST_FORMATS, ('resource_name', 'resource_status'))
    t.lines('''
        stack resource list web --long
        stack resource list web --long -f json
        stack resource list outer
        stack resource list outer -n 1
        stack resource list outer -n 5
        stack resource list outer -n 5 --long
        stack resource list web --filter name=thing
        stack resource list web --filter type=OS::Heat::Value --filter status=COMPLETE -f value
        stack resource list web --filter name=nothing
        stack resource list web --filter nothing
        stack resource list failed
        stack resource list nothing
        stack resource list
        resource-list web
        resource-list outer -n 5
        resource-list web --with-detail
        resource-list web -f "name=thing;status=COMPLETE"
        resource-list failed
        resource-list nothing
    ''')
    formats(t, 'stack resource show web test', RECORD_FORMATS, ('resource_name', 'resource_status'))
    t.lines('''
        stack resource show web test -a output
        stack resource show web test -a output -a nothing -f json
        stack resource show outer middle
        stack resource show failed bad
        stack resource show web nothing
        stack resource show nothing test
        stack resource show web
        resource-show web test
        resource-show web test -a output
        resource-show outer middle
        resource-show web nothing
        resource-show nothing test
        resource-show web
    ''')


def outputs(t):
    formats(t, 'stack output list web', LIST_FORMATS, ('output_key', 'description'))
    t.lines('''
        stack output list odd
        stack output list failed
        stack output list nothing
        output-list web
        output-list failed
        output-list nothing
    ''')
    formats(t, 'stack output show web said', RECORD_FORMATS, ('output_key', 'output_value'))
    t.lines('''
        stack output show web table
        stack output show web pair -f value -c output_value
        stack output show web table -f shell
        stack output show odd text
        stack output show odd text -f json
        stack output show odd null
        stack output show odd number
        stack output show odd nested -f yaml
        stack output show web --all
        stack output show web --all -f json
        stack output show odd -a -f yaml
        stack output show failed --all
        stack output show web said --all
        stack output show web nothing
        stack output show nothing said
        stack output show nothing --all
        stack output show web
        output-show web said
        output-show web table
        output-show web table -F json
        output-show odd text
        output-show odd null
        output-show odd nested
        output-show web said --with-detail
        output-show web -a
        output-show web -a -F json
        output-show web -a --with-detail
        output-show web
        output-show web nothing
        output-show nothing said
    ''')


def templates(t):
    for kind in RECORD_FORMATS:
        t.run(f'stack template show web {kind}')
    t.lines('''
        stack template show web
        stack template show plain -f json -c resources
        stack template show odd
        stack template show nothing
        stack template show
        template-show web
        template-show odd
        template-show nothing
    ''')


def build(t):
    formats(t, 'orchestration build info', RECORD_FORMATS, ('api', 'engine'))
    t.run('build-info')
    t.run('build-info web')


PARTS = [('stack list', stack_list), ('stack-list', old_stack_list),
         ('stack show, stack-show', stack_show), ('stack event list, event-list', events),
         ('stack resource list and show, resource-list, resource-show', resources),
         ('stack output list and show, output-list, output-show', outputs),
         ('stack template show, template-show', templates),
         ('orchestration build info, build-info', build)]
