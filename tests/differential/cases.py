"""The command lines that both tools run.

A case is a tool (`openstack` or `heat`, the old one), a line, and the formats in which it runs. Words in braces are replaced:
{web}, {failed} and so on are objects that `SETUP` makes once, for cases that only read. {new} is the name of a stack that
is made for one run of one tool, by `before`, and deleted after it: so both tools change stacks that are alike.
"""

FILES = {
    'web.yaml': '''heat_template_version: 2021-04-16
description: A template with everything that is shown
parameters:
  word: {type: string, default: none, description: The word to store}
  size: {type: number, default: 2}
  secret: {type: string, default: swordfish, hidden: true}
  list: {type: comma_delimited_list, default: "a,b"}
resources:
  first: {type: OS::Heat::Value, properties: {value: {get_param: word}}}
  second:
    type: OS::Heat::TestResource
    depends_on: first
    metadata: {role: "wéb", ports: [80, 443]}
    properties: {value: two}
  inner:
    type: inner.yaml
    properties: {word: {get_param: word}}
  config:
    type: OS::Heat::SoftwareConfig
    properties: {group: script, config: "echo hello"}
outputs:
  said: {description: What was said, value: {get_attr: [first, value]}}
  pair: {value: [{get_param: word}, 1, {nested: true}]}
  nothing: {value: null}
''',
    'inner.yaml': '''heat_template_version: 2021-04-16
parameters:
  word: {type: string}
resources:
  leaf: {type: OS::Heat::Value, properties: {value: {get_param: word}}}
outputs:
  word: {value: {get_attr: [leaf, value]}}
''',
    'small.yaml': '''heat_template_version: 2021-04-16
parameters:
  word: {type: string, default: none}
resources:
  thing: {type: OS::Heat::TestResource, properties: {value: {get_param: word}}}
outputs:
  said: {value: {get_param: word}}
''',
    'fail.yaml': '''heat_template_version: 2021-04-16
resources:
  bad: {type: OS::Heat::TestResource, properties: {fail: true}}
  inner:
    type: inner_fail.yaml
''',
    'inner_fail.yaml': '''heat_template_version: 2021-04-16
resources:
  deep: {type: OS::Heat::TestResource, properties: {fail: true, wait_secs: 0}}
''',
    'slow.yaml': '''heat_template_version: 2021-04-16
resources:
  slow: {type: OS::Heat::TestResource, properties: {action_wait_secs: {create: 600, update: 600}}}
''',
    'lasting.yaml': '''heat_template_version: 2021-04-16
parameters:
  word: {type: string, default: none}
resources:
  thing: {type: OS::Heat::TestResource, properties: {value: {get_param: word}, action_wait_secs: {update: 600}}}
''',
    'delay.yaml': '''heat_template_version: 2021-04-16
resources:
  delay: {type: OS::Heat::Delay, properties: {min_wait: 20, actions: [SUSPEND, RESUME]}}
''',
    'hooked.yaml': '''heat_template_version: 2021-04-16
resources:
  thing: {type: OS::Heat::TestResource}
''',
    'signal.yaml': '''heat_template_version: 2021-04-16
resources:
  handle: {type: OS::Heat::WaitConditionHandle}
''',
    'env.yaml': 'parameters: {word: from-environment}\nparameter_defaults: {size: 3}\n',
    'word.txt': 'word from a file\n',
    'bad.yaml': 'heat_template_version: [\n',
    'script.sh': '#!/bin/sh\necho "$word"\n',
    'definition.yaml': 'inputs:\n- {name: word, type: String, default: none}\noutputs:\n- {name: said}\noptions: {x: 1}\n',
    'data.json': '{"status": "SUCCESS", "data": "from a file", "id": "1"}',
    'adopt.json': '''{"action": "CREATE", "status": "COMPLETE", "name": "old", "id": "1", "environment": {"parameters": {}},
"template": {"heat_template_version": "2021-04-16", "resources": {"thing": {"type": "OS::Heat::Value", "properties": {"value": "x"}}}},
"resources": {"thing": {"action": "CREATE", "status": "COMPLETE", "name": "thing", "type": "OS::Heat::Value",
"resource_id": "r1", "resource_data": {}, "metadata": {}}}}''',
}

# Made once, by `openstack`: the name of the object, and the line whose answer has its id.
SETUP = [
    ('web', 'stack create diff-web -t web.yaml --parameter word=hi --tags one,two --wait'),
    ('failed', 'stack create diff-failed -t fail.yaml'),
    ('plain', 'stack create diff-plain -t small.yaml --wait'),
    ('snapshot', 'stack snapshot create diff-web --name first'),
    ('event', 'stack event list diff-web --resource second'),
    ('config', 'software config create diff-config --config-file script.sh --definition-file definition.yaml --group script'),
    ('config2', 'software config create diff-other'),
    ('deployment', 'software deployment create diff-deployment --config {config} --server 6ac8bd0d-0000-4000-8000-000000000001'
                   ' --signal-transport NO_SIGNAL --input-value word=hi'),
]
CLEANUP = ['stack delete -y --wait diff-web diff-failed diff-plain', 'software deployment delete {deployment}',
           'software config delete {config} {config2}']
SERVER = '6ac8bd0d-0000-4000-8000-000000000001'

SHOW = ['table', 'json', 'yaml', 'value', 'shell']
LIST = ['table', 'json', 'yaml', 'value', 'csv']
PLAIN = [None]

CASES = []


def case(tool, line, formats=PLAIN, before=(), after=(), who='demo'):
    CASES.append({'tool': tool, 'line': line, 'formats': formats, 'before': list(before), 'after': list(after), 'who': who,
                  'changes': '{new}' in line or bool(before)})


def openstack(line, formats=PLAIN, **more):
    case('openstack', line, formats, **more)


def old(line, **more):
    case('heat', line, PLAIN, **more)


NEW = ['stack create {new} -t small.yaml --wait']
DELETE = ['stack delete -y {new}']
SLOW = ['stack create {new} -t slow.yaml']
SNAPPED = NEW + ['snapshot: stack snapshot create {new} --name first']

# Stacks.
openstack('stack list', LIST)
openstack('stack list --long', LIST)
openstack('stack list --short --limit 1 --sort stack_name:desc', LIST)
openstack('stack list --tags one --sort stack_name', LIST)
openstack('stack list --tags one,three --tag-mode any -c "Stack Name" -c ID', LIST)
openstack('stack list --property name=diff-plain --nested --deleted --hidden', LIST)
openstack('stack list --all-projects')
openstack('stack list --tags nothing', LIST)
openstack('stack show diff-web', SHOW)
openstack('stack show diff-web --no-resolve-outputs', SHOW)
openstack('stack show {web} -c stack_status -c id', SHOW)
openstack('stack show diff-failed', ['json'])
openstack('stack show nothing')
openstack('stack create {new} -t slow.yaml', SHOW, after=DELETE)
openstack('stack create {new} -t web.yaml -e env.yaml --parameter word=typed --tags one,two --timeout 5 --enable-rollback'
          ' --wait', ['yaml'], after=DELETE)
openstack('stack create {new} -t small.yaml --parameter-file word=word.txt --pre-create thing', ['value'], after=DELETE)
openstack('stack create {new} -t small.yaml --wait --poll 1', ['shell'], after=DELETE)
openstack('stack create {new} -t web.yaml --dry-run', ['table', 'json', 'yaml'])
openstack('stack create {new} -t bad.yaml')
openstack('stack create {new} -t missing.yaml')
openstack('stack create {new}')
openstack('stack create diff-web -t small.yaml')
openstack('stack update {new} -t lasting.yaml --parameter word=b', SHOW,
          before=['stack create {new} -t lasting.yaml --wait'], after=DELETE)
openstack('stack update {new} --existing --parameter word=b --tags x --timeout 7 --rollback enabled --wait', ['yaml'],
          before=NEW, after=DELETE)
openstack('stack update {new} --existing --clear-parameter word --converge --wait', ['shell'], before=NEW, after=DELETE)
openstack('stack update {new} -t web.yaml --dry-run --show-nested', ['table', 'json'], before=NEW, after=DELETE)
openstack('stack update {new}', before=NEW, after=DELETE)
openstack('stack update nothing -t small.yaml')
openstack('stack delete -y {new}', before=NEW)
openstack('stack delete -y --wait {new} nothing', before=NEW)
openstack('stack adopt {new} --adopt-file adopt.json', ['json'], after=DELETE)
openstack('stack adopt {new} --adopt-file adopt.json --wait', SHOW, after=DELETE)
openstack('stack adopt {new} --adopt-file adopt.json --timeout 5 --enable-rollback', ['yaml'], after=DELETE)
openstack('stack abandon {new}', SHOW, before=NEW)
openstack('stack abandon {new} --output-file abandoned.json', before=NEW)
openstack('stack abandon nothing')
openstack('stack export diff-web', SHOW)
openstack('stack export diff-web --output-file exported.json')
openstack('stack suspend {new}', LIST, before=['stack create {new} -t delay.yaml --wait'], after=DELETE)
openstack('stack suspend --wait {new}', ['csv'], before=NEW, after=DELETE)
openstack('stack resume --wait {new}', LIST, before=NEW + ['stack suspend --wait {new}'], after=DELETE)
openstack('stack check {new}', ['json'], before=NEW, after=DELETE)
openstack('stack check --wait {new}', LIST, before=NEW, after=DELETE)
openstack('stack check nothing')
openstack('stack cancel {new}', before=NEW, after=DELETE)
openstack('stack cancel --no-rollback {new}', LIST, before=SLOW, after=DELETE)
openstack('stack template show diff-web', SHOW)
openstack('stack template show nothing')
openstack('stack environment show diff-web', SHOW)
openstack('stack file list diff-web', SHOW)
openstack('stack output list diff-web', LIST)
openstack('stack output list nothing')
openstack('stack output show diff-web said', SHOW)
openstack('stack output show diff-web pair', SHOW)
openstack('stack output show diff-web --all', SHOW)
openstack('stack output show diff-web')
openstack('stack output show diff-web nothing')
openstack('stack failures list diff-failed')
openstack('stack failures list diff-failed --long')
openstack('stack failures list diff-web')
openstack('stack failures list nothing')

# Events, hooks, resources.
openstack('stack event list diff-web', [None, 'log', *LIST])
openstack('stack event list diff-web --nested-depth 2 --limit 3', [None, 'json'])
openstack('stack event list diff-web --resource second --sort event_time:desc', ['table', 'value'])
openstack('stack event list diff-web --filter resource_action=CREATE --filter resource_status=COMPLETE --sort resource_name',
          ['table', 'csv'])
openstack('stack event list nothing')
openstack('stack event show diff-web second {event}', SHOW)
openstack('stack event show diff-web second nothing')
openstack('stack hook poll {new}', LIST, before=['stack create {new} -t hooked.yaml --pre-create thing', 'sleep 3'],
          after=DELETE)
openstack('stack hook poll diff-web')
openstack('stack hook clear {new} thing --pre-create',
          before=['stack create {new} -t hooked.yaml --pre-create thing', 'sleep 3'], after=DELETE)
openstack('stack hook clear {new} th*', before=['stack create {new} -t hooked.yaml --pre-create thing', 'sleep 3'],
          after=DELETE)
openstack('stack resource list diff-web', [*LIST, 'dot'])
openstack('stack resource list diff-web -n 2', [*LIST, 'dot'])
openstack('stack resource list diff-web --long --filter name=second', LIST)
openstack('stack resource list nothing')
openstack('stack resource show diff-web second', SHOW)
openstack('stack resource show diff-web first --with-attr value --with-attr show', ['json', 'table'])
openstack('stack resource show diff-web nothing')
openstack('stack resource metadata diff-web second', SHOW)
openstack('stack resource metadata diff-web nothing')
openstack('stack resource signal {new} handle --data-file data.json',
          before=['stack create {new} -t signal.yaml --wait'], after=DELETE)
openstack('stack resource signal {new} handle --data "{\\"a\\":1}"', before=['stack create {new} -t signal.yaml --wait'],
          after=DELETE)
openstack('stack resource signal diff-web second --data nonsense')
openstack('stack resource mark unhealthy {new} thing because', before=NEW, after=DELETE)
openstack('stack resource mark unhealthy {new} thing --reset', before=NEW, after=DELETE)

# Snapshots.
openstack('stack snapshot list diff-web', LIST)
openstack('stack snapshot show diff-web {snapshot}', SHOW)
openstack('stack snapshot show diff-web nothing')
openstack('stack snapshot create {new} --name mine', SHOW, before=NEW, after=DELETE)
openstack('stack snapshot restore {new} {snapshot}', before=SNAPPED + ['sleep 2'], after=DELETE)
openstack('stack snapshot delete -y {new} {snapshot}', before=SNAPPED + ['sleep 2'], after=DELETE)

# Orchestration.
openstack('orchestration build info', SHOW)
openstack('orchestration service list', LIST, who='admin')
openstack('orchestration service list')
openstack('orchestration template version list', LIST)
openstack('orchestration template function list heat_template_version.2021-04-16', LIST)
openstack('orchestration template function list heat_template_version.2021-04-16 --with_conditions', ['json'])
openstack('orchestration template function list nothing')
openstack('orchestration template validate -t web.yaml', SHOW)
openstack('orchestration template validate -t web.yaml -e env.yaml --show-nested --parameter word=x', ['json'])
openstack('orchestration template validate -t bad.yaml')
openstack('orchestration resource type list', LIST)
openstack('orchestration resource type list --long --filter name=OS::Heat::Value', LIST)
openstack('orchestration resource type show OS::Heat::Value', SHOW)
openstack('orchestration resource type show OS::Heat::Value --template-type hot', ['yaml', 'json'])
openstack('orchestration resource type show OS::Heat::Value --template-type CFN', ['yaml'])
openstack('orchestration resource type show Nothing')

# Software configs and deployments.
CONFIG = ['config: software config create {new}']
openstack('software config list', LIST)
openstack('software config list --limit 1', ['json'])
openstack('software config show {config}', SHOW)
openstack('software config show {config} --config-only')
openstack('software config show nothing')
openstack('software config create {new} --config-file script.sh --definition-file definition.yaml --group script',
          SHOW)
openstack('software config delete {config}', before=CONFIG)
openstack('software config delete nothing')
openstack('software deployment list', LIST)
openstack(f'software deployment list --server {SERVER} --long', LIST)
openstack('software deployment show {deployment}', SHOW)
openstack('software deployment show {deployment} --long', SHOW)
openstack('software deployment show nothing')
openstack(f'software deployment create {{new}} --config {{config}} --server {SERVER} --signal-transport NO_SIGNAL',
          SHOW, before=CONFIG)
openstack(f'software deployment metadata show {SERVER}')
openstack('software deployment output show {deployment} --all')
openstack('software deployment output show {deployment} nothing')
openstack('software deployment delete {deployment}', before=CONFIG + [
    f'deployment: software deployment create {{new}} --config {{config}} --server {SERVER} --signal-transport NO_SIGNAL'])
openstack('software deployment delete nothing')

# The old tool.
old('stack-list')
old('stack-list -s -n -a -o -l 2 -k stack_name -d desc')
old('stack-list -t one -f name=diff-web')
old('stack-show diff-web')
old('stack-show diff-web --no-resolve-outputs')
old('stack-show nothing')
old('stack-create {new} -f small.yaml -P word=b -t 5 -r', after=DELETE)
old('stack-create {new} -f small.yaml -Pf word=word.txt --tags a,b -e env.yaml --poll 1', after=DELETE)
old('stack-preview {new} -f web.yaml -P word=b;size=3')
old('stack-adopt {new} -a adopt.json -t 5 -r', after=DELETE)
old('stack-update {new} -f small.yaml -P word=b -t 5 --rollback yes', before=NEW, after=DELETE)
old('stack-update {new} -x -c word -P word=b', before=NEW, after=DELETE)
old('stack-update {new} -f web.yaml -y -n', before=NEW, after=DELETE)
old('stack-delete -y {new}', before=NEW)
old('stack-delete -y nothing')
old('stack-abandon {new}', before=NEW)
old('stack-abandon {new} -O abandoned.json', before=NEW)
old('stack-cancel-update {new}', before=NEW, after=DELETE)
old('action-suspend {new}', before=NEW, after=DELETE)
old('action-resume {new}', before=NEW + ['stack suspend --wait {new}'], after=DELETE)
old('action-check {new}', before=NEW, after=DELETE)
old('stack-snapshot {new} -n mine', before=NEW, after=DELETE)
old('snapshot-list diff-web')
old('snapshot-show diff-web {snapshot}')
old('snapshot-delete -y {new} {snapshot}', before=SNAPPED + ['sleep 2'], after=DELETE)
old('stack-restore {new} {snapshot}', before=SNAPPED + ['sleep 2'], after=DELETE)
old('output-list diff-web')
old('output-show diff-web said')
old('output-show diff-web pair')
old('output-show diff-web pair -F json')
old('output-show diff-web -a')
old('output-show diff-web said --with-detail')
old('output-show diff-web nothing')
old('template-show diff-web')
old('template-validate -f web.yaml -e env.yaml -P word=b -n')
old('template-validate -f bad.yaml')
old('resource-list diff-web')
old('resource-list diff-web -n 2 --with-detail')
old('resource-list diff-web -f name=second')
old('resource-show diff-web second')
old('resource-show diff-web first -a value')
old('resource-metadata diff-web second')
old('resource-signal {new} handle -D "{\\"a\\":1}"', before=['stack create {new} -t signal.yaml --wait'], after=DELETE)
old('resource-signal {new} handle -f data.json', before=['stack create {new} -t signal.yaml --wait'], after=DELETE)
old('resource-mark-unhealthy {new} thing because', before=NEW, after=DELETE)
old('resource-mark-unhealthy {new} thing --reset', before=NEW, after=DELETE)
old('resource-type-list')
old('resource-type-list -f name=OS::Heat::Value')
old('resource-type-show OS::Heat::Value')
old('resource-type-template OS::Heat::Value')
old('resource-type-template OS::Heat::Value -t hot -F json')
old('resource-template OS::Heat::Value -F json')
old('event-list diff-web')
old('event-list diff-web -n 2 -F log -l 3')
old('event-list diff-web -r second -f resource_status=COMPLETE')
old('event-show diff-web second {event}')
old('event diff-web second {event}')
old('hook-poll {new}', before=['stack create {new} -t hooked.yaml --pre-create thing', 'sleep 3'], after=DELETE)
old('hook-clear {new} thing --pre-create', before=['stack create {new} -t hooked.yaml --pre-create thing', 'sleep 3'],
    after=DELETE)
old('config-create {new} -c script.sh -f definition.yaml -g script')
old('config-list')
old('config-list -l 1')
old('config-show {config}')
old('config-show {config} -c')
old('config-delete {config}', before=CONFIG)
old(f'deployment-create {{new}} -c {{config}} -s {SERVER} -t NO_SIGNAL -i word=b -a CREATE', before=CONFIG)
old('deployment-list')
old(f'deployment-list -s {SERVER}')
old('deployment-show {deployment}')
old(f'deployment-metadata-show {SERVER}')
old('deployment-output-show {deployment} -a')
old('deployment-output-show {deployment} nothing')
old('deployment-delete {deployment}', before=CONFIG + [
    f'deployment: software deployment create {{new}} --config {{config}} --server {SERVER} --signal-transport NO_SIGNAL'])
old('build-info')
old('service-list')
old('service-list', who='admin')
old('template-version-list')
old('template-function-list heat_template_version.2021-04-16')
