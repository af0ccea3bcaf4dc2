"""The files that command lines name, and the stacks that exist before the first of them."""

import json

WEB = '''\
heat_template_version: 2021-04-16
description: a web server, more or less
parameters:
  word: {type: string, default: none, description: a word}
  size: {type: number, default: 1, constraints: [{range: {min: 1, max: 9}}]}
  secret: {type: string, default: hunter2, hidden: true}
  many: {type: comma_delimited_list, default: "a,b"}
  data: {type: json, default: {}}
resources:
  thing: {type: OS::Heat::Value, properties: {value: {get_param: word}}}
  test: {type: OS::Heat::TestResource, depends_on: thing, properties: {value: {get_param: word}}}
  none: {type: OS::Heat::None, depends_on: test}
outputs:
  said: {description: "the word, and no more", value: {get_attr: [thing, value]}}
  pair: {value: [{get_param: word}, {get_param: size}]}
  table: {description: a map, value: {word: {get_param: word}, list: {get_param: many}}}
'''

OUTER = '''\
heat_template_version: 2021-04-16
description: a stack in a stack in a stack
resources:
  middle: {type: middle.yaml, properties: {word: deep}}
outputs:
  leaf: {value: {get_attr: [middle, leaf]}}
'''

MIDDLE = '''\
heat_template_version: 2021-04-16
parameters:
  word: {type: string}
resources:
  inner: {type: parts/inner.yaml, properties: {word: {get_param: word}}}
outputs:
  leaf: {value: {get_attr: [inner, leaf]}}
'''

INNER = '''\
heat_template_version: 2021-04-16
parameters:
  word: {type: string}
resources:
  leaf: {type: OS::Heat::Value, properties: {value: {get_param: word}}}
outputs:
  leaf: {value: {get_attr: [leaf, value]}}
'''

FAILING = '''\
heat_template_version: 2021-04-16
resources:
  good: {type: OS::Heat::Value, properties: {value: 1}}
  bad: {type: OS::Heat::TestResource, depends_on: good, properties: {fail: true}}
'''

# Its updates never complete.
SLOW = '''\
heat_template_version: 2021-04-16
parameters:
  word: {type: string, default: first}
resources:
  slow:
    type: OS::Heat::TestResource
    properties: {value: {get_param: word}, action_wait_secs: {update: 100000}}
'''

FILES_TEMPLATE = '''\
heat_template_version: 2021-04-16
resources:
  text: {type: OS::Heat::Value, properties: {value: {get_file: parts/text.txt}}}
  bytes: {type: OS::Heat::Value, properties: {value: {get_file: parts/bytes.bin}}}
'''

BROKEN = '''\
heat_template_version: 2021-04-16
parameters:
  mode: {type: strnig, default: yes}
resources:
  one: {type: OS::Heat::Value, properties: {value: {get_param: moode}}}
  two: {type: OS::Heat::Value, depends_on: three, properties: {value: {get_resource: four}}}
  one: {type: OS::Heat::Value, properties: {value: 012}}
outputs:
  said: {value: {get_attr: [none, value]}}
'''

SIMPLE = {'heat_template_version': '2021-04-16', 'description': 'a small one',
          'resources': {'r': {'type': 'OS::Heat::Value', 'properties': {'value': 'x'}}},
          'outputs': {'o': {'value': {'get_attr': ['r', 'value']}}}}

ABANDONED = {
    'action': 'CREATE', 'status': 'COMPLETE', 'name': 'left', 'id': 'left-id',
    'template': SIMPLE, 'environment': {'parameters': {}}, 'files': {},
    'resources': {'r': {'name': 'r', 'type': 'OS::Heat::Value', 'action': 'CREATE',
                        'status': 'COMPLETE', 'resource_id': 'left-r', 'metadata': {},
                        'resource_data': {}}},
}

FILES = {
    'web.yaml': WEB,
    'outer.yaml': OUTER,
    'middle.yaml': MIDDLE,
    'parts/inner.yaml': INNER,
    'parts/text.txt': 'a text\n',
    'parts/bytes.bin': b'\x00\xff\xfe binary',
    'files.yaml': FILES_TEMPLATE,
    'failing.yaml': FAILING,
    'slow.yaml': SLOW,
    'simple.json': json.dumps(SIMPLE),
    'broken.yaml': BROKEN,
    'torn.yaml': 'a: [1, 2\nb: }\n',
    'empty.yaml': '',
    'unknown.yaml': 'heat_template_version: 2021-04-16\nresources:\n  r: {type: OS::Heat::Nothing}\n',
    'lost.yaml': 'heat_template_version: 2021-04-16\nresources:\n  r: {type: lost/none.yaml}\n',
    'cycle.yaml': 'heat_template_version: 2021-04-16\nresources:\n  r: {type: cycle.yaml}\n',
    'one.env': 'parameters: {word: from one, size: 2}\n',
    'two.env': 'parameters: {word: from two}\nparameter_defaults: {size: 3}\n',
    'types.env': 'resource_registry: {"My::Part": parts/inner.yaml}\n',
    'part.yaml': 'heat_template_version: 2021-04-16\nresources:\n'
                 '  r: {type: "My::Part", properties: {word: registered}}\n',
    'bad.env': 'parametres: {word: x}\n',
    'word.txt': 'a word from a file\n',
    'data.json': '{"a": [1, 2]}',
    'left.json': json.dumps(ABANDONED),
    'left.yaml': 'template: {heat_template_version: 2021-04-16}\nresources: {}\nenvironment: {}\nfiles: {}\n',
    'scalar.json': '"text"',
}

# The stacks that prepare() creates.
STACKS = ('plain', 'web', 'outer', 'failed', 'busy', 'odd')


def prepare(cloud):
    """Creates the stacks for the commands that only read. Changing commands use other stacks."""
    cloud.create('plain', SIMPLE)
    cloud.create('web', WEB, parameters={'word': 'hello'}, tags='prod,blue', timeout_mins=60)
    nested = {'file:///t/middle.yaml': MIDDLE.replace('parts/', 'file:///t/parts/'),
              'file:///t/parts/inner.yaml': INNER}
    cloud.create('outer', OUTER.replace('middle.yaml', 'file:///t/middle.yaml'), files=nested,
                 tags='prod')
    cloud.create('failed', FAILING)
    cloud.create('busy', SLOW)
    cloud.change('busy', SLOW, parameters={'word': 'second'})
    cloud.create('gone', SIMPLE)
    cloud.keep_numbers()
    cloud.delete('gone')
    cloud.create('odd', ODD, tags='a b')
    cloud.keep_numbers()


# Texts that tables, CSV and shells have to quote.
ODD = {'heat_template_version': '2021-04-16',
       'description': 'Ünïcode, "quotes", \'single\'; a | b\nsecond line 日本',
       'resources': {'r': {'type': 'OS::Heat::Value', 'properties': {'value': 'x'}}},
       'outputs': {'text': {'description': '$HOME `ls`', 'value': 'a\tb\n\x1b[31mred'},
                   'null': {'value': None}, 'number': {'value': 1.50},
                   'nested': {'value': {'b': [1, {'c': True}], 'a': 'é'}}}}
