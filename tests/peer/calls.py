"""The calls of python-heatclient that `record` records: manager and method, a name, and the arguments."""

ID = '5ea5de34-0000-4000-8000-00000000000a'
WEB = 'web/' + ID
ARN = 'arn:openstack:heat::p:stacks/' + WEB
URL = 'https://templates.example/web.yaml'
TEMPLATE = {
    'heat_template_version': '2021-04-16',
    'parameters': {'size': {'type': 'number', 'default': 1}},
    'resources': {'server': {'type': 'OS::Heat::None'}},
}
# The ways to name a stack: a name, an ID, both.
STACKS = {'name': 'web', 'id': ID, 'both': WEB}
# What a caller of create, update, preview and adopt can send beside the template.
EVERYTHING = {
    'parameters': {'size': 3, 'zones': ['a', 'b'], 'flag': True, 'text': 'größe'},
    'environment': {'parameters': {'color': 'red'}, 'resource_registry': {'My::Type': 'file:///t.yaml'}},
    'files': {'file:///t.yaml': 'heat_template_version: 2021-04-16', 'file:///e.yaml': '{}'},
    'environment_files': ['file:///e.yaml'],
    'files_container': 'box',
    'tags': 'prod,blue',
    'timeout_mins': 30,
    'disable_rollback': False,
}
# What the plugin of `openstack` sends, although nothing was given.
EMPTY = {'parameters': {}, 'environment': {}, 'files': {}}
CONFIG = {
    'name': 'setup',
    'group': 'script',
    'config': '#!/bin/sh\necho größe\n',
    'inputs': [{'name': 'user', 'type': 'String', 'default': 'demo'}],
    'outputs': [{'name': 'result', 'type': 'String', 'error_output': False}],
    'options': {'deploy_timeout': 60},
}
DEPLOYMENT = {
    'config_id': 'c1',
    'server_id': 's1',
    'action': 'CREATE',
    'status': 'IN_PROGRESS',
    'status_reason': 'started',
    'input_values': {'user': 'demo'},
    'stack_user_project_id': 'q',
}
ADOPT = '{"name": "web", "template": {"heat_template_version": "2021-04-16"}, "resources": {}}'


def stack_lists():
    yield 'all', {}
    yield 'limit', {'limit': 2}
    yield 'limit-of-one-page', {'limit': 3}
    yield 'limit-of-two-pages', {'limit': 5}
    yield 'limit-beyond-the-end', {'limit': 7}
    yield 'limit-and-marker', {'limit': 2, 'marker': 'id-2'}
    yield 'marker', {'marker': 'id-2'}
    yield 'filter', {'filters': {'status': 'FAILED'}}
    yield 'filters', {'filters': {'status': 'COMPLETE', 'action': 'CREATE', 'username': 'demo'}}
    yield 'filter-of-two-values', {'filters': {'name': ['web', 'db']}}
    yield 'filter-and-limit', {'filters': {'status': 'COMPLETE'}, 'limit': 5}
    yield 'filter-to-escape', {'filters': {'name': 'a b&c=d/é?#+%41'}}
    yield 'filter-by-id', {'filters': {'id': 'id-1'}}
    yield 'tags', {'tags': 'prod'}
    yield 'two-tags', {'tags': 'prod,blue'}
    yield 'tags-any', {'tags_any': 'prod,blue'}
    yield 'not-tags', {'not_tags': 'prod,blue'}
    yield 'not-tags-any', {'not_tags_any': 'prod'}
    yield 'tags-to-escape', {'tags': 'a b,größe'}
    yield 'deleted', {'show_deleted': True}
    yield 'nested', {'show_nested': True}
    yield 'hidden', {'show_hidden': True}
    yield 'flags-that-are-off', {'show_deleted': False, 'show_nested': False, 'show_hidden': False,
                                 'global_tenant': False}
    yield 'all-projects', {'global_tenant': True}
    yield 'project', {'tenant': 'p2'}
    yield 'sorted', {'sort_keys': ['stack_name']}
    yield 'sorted-by-two-keys', {'sort_keys': ['stack_status', 'creation_time'], 'sort_dir': 'desc'}
    yield 'sorted-upwards', {'sort_dir': 'asc'}
    yield 'count', {'limit': 1, 'with_count': True}
    yield 'everything', {'filters': {'status': 'COMPLETE'}, 'limit': 4, 'marker': 'id-1', 'tags': 'prod',
                         'not_tags_any': 'old', 'show_deleted': True, 'show_nested': True,
                         'sort_keys': ['creation_time'], 'sort_dir': 'asc'}


def stacks():
    for name, args in stack_lists():
        yield 'stacks.list', name, args
    for name, stack in (STACKS | {'arn': ARN, 'space': 'odd name'}).items():
        yield 'stacks.get', name, {'stack_id': stack}
    yield 'stacks.get', 'without-outputs', {'stack_id': 'web', 'resolve_outputs': False}
    yield 'stacks.get', 'both-without-outputs', {'stack_id': WEB, 'resolve_outputs': False}
    yield 'stacks.get', 'question-mark', {'stack_id': 'odd?name'}
    yield 'stacks.get', 'hash', {'stack_id': 'odd#name'}
    yield 'stacks.get', 'percent', {'stack_id': 'odd%20name'}

    new = {'stack_name': 'web', 'template': TEMPLATE}
    yield 'stacks.create', 'template', new
    yield 'stacks.create', 'empty', new | EMPTY | {'disable_rollback': True}
    yield 'stacks.create', 'parameters', new | {'parameters': EVERYTHING['parameters']}
    yield 'stacks.create', 'rollback', new | {'disable_rollback': False}
    yield 'stacks.create', 'tags', new | {'tags': 'prod'}
    yield 'stacks.create', 'timeout', new | {'timeout_mins': 60}
    yield 'stacks.create', 'timeout-of-zero', new | {'timeout_mins': 0}
    yield 'stacks.create', 'text', {'stack_name': 'web', 'template': 'heat_template_version: 2021-04-16\n'}
    yield 'stacks.create', 'url', {'stack_name': 'web', 'template_url': URL}
    yield 'stacks.create', 'everything', new | EVERYTHING
    adopt = {'stack_name': 'web', 'adopt_stack_data': ADOPT, 'disable_rollback': True}
    yield 'stacks.create', 'adopt', adopt | EMPTY
    yield 'stacks.create', 'adopt-parameters', adopt | {'parameters': {'size': 3}, 'tags': 'prod'}
    # As `openstack stack adopt --timeout 30` calls it.
    yield 'stacks.create', 'adopt-timeout', adopt | {'timeout': 30}

    yield 'stacks.preview', 'template', new
    yield 'stacks.preview', 'empty', new | EMPTY | {'disable_rollback': True}
    yield 'stacks.preview', 'url', {'stack_name': 'web', 'template_url': URL}
    yield 'stacks.preview', 'everything', new | EVERYTHING

    put, patch = {'template': TEMPLATE}, {'existing': True}
    for name, stack in STACKS.items():
        yield 'stacks.update', name, {'stack_id': stack} | put
        yield 'stacks.update', name + '-existing', {'stack_id': stack, 'parameters': {'size': 2}} | patch
    updates = {
        'empty': put | EMPTY,
        'everything': put | EVERYTHING,
        'converge': put | {'converge': True},
        'rollback': put | {'disable_rollback': False},
        'no-rollback': put | {'disable_rollback': True},
        'tags': put | {'tags': 'a,b'},
        'timeout': put | {'timeout_mins': 90},
        'existing-everything': put | EVERYTHING | patch,
        'existing-nothing': patch,
        'existing-empty': {'template': None} | EMPTY | patch,
        'existing-clear': {'clear_parameters': ['size', 'color']} | patch,
        'existing-tags': {'tags': 'a'} | patch,
        'existing-converge': {'converge': True} | patch,
        'url': {'template_url': URL},
        'text': {'template': 'heat_template_version: 2021-04-16\n'},
        'clear-tags': put | {'tags': ''},
        'existing-clear-tags': {'tags': ''} | patch,
    }
    for name, args in updates.items():
        yield 'stacks.update', name, {'stack_id': 'web'} | args

    for name, args in {
        'put': put,
        'put-nested': put | {'show_nested': True},
        'put-everything': put | EVERYTHING,
        'put-empty': put | EMPTY,
        'put-converge': put | {'converge': True},
        'existing': {'parameters': {'size': 2}} | patch,
        'existing-nested': {'show_nested': True} | patch,
        'existing-clear': {'clear_parameters': ['size']} | patch,
    }.items():
        yield 'stacks.preview_update', name, {'stack_id': 'web'} | args
    yield 'stacks.preview_update', 'both', {'stack_id': WEB} | put
    yield 'stacks.preview_update', 'id', {'stack_id': ID} | put

    for method in ('delete', 'abandon', 'export', 'template', 'environment', 'files', 'output_list',
                   'snapshot_list'):
        for name, stack in STACKS.items():
            yield 'stacks.' + method, name, {'stack_id': stack}

    yield 'stacks.snapshot', 'name', {'stack_id': 'web'}
    yield 'stacks.snapshot', 'both', {'stack_id': WEB}
    yield 'stacks.snapshot', 'named', {'stack_id': 'web', 'name': 'before größe'}
    for method in ('snapshot_show', 'snapshot_delete', 'restore'):
        for name, stack in STACKS.items():
            yield 'stacks.' + method, name, {'stack_id': stack, 'snapshot_id': 'snap-1'}
    yield 'stacks.snapshot_show', 'question-mark', {'stack_id': 'web', 'snapshot_id': 'a?b'}

    for name, stack in STACKS.items():
        yield 'stacks.output_show', name, {'stack_id': stack, 'output_key': 'url'}
    for name, key in {'space': 'a b', 'colon': 'a:b', 'plus': 'a+b', 'slash': 'a/b', 'question-mark': 'a?b',
                      'hash': 'a#b', 'percent': 'a%2Fb', 'beyond-ascii': 'größe'}.items():
        yield 'stacks.output_show', name, {'stack_id': WEB, 'output_key': key}

    yield 'stacks.validate', 'template', {'template': TEMPLATE}
    yield 'stacks.validate', 'url', {'template_url': URL}
    yield 'stacks.validate', 'text', {'template': 'heat_template_version: 2021-04-16\n'}
    yield 'stacks.validate', 'empty', {'template': TEMPLATE} | EMPTY
    yield 'stacks.validate', 'nested', {'template': TEMPLATE, 'show_nested': True}
    yield 'stacks.validate', 'ignore-errors', {'template': TEMPLATE, 'ignore_errors': '99001,99002'}
    inputs = {key: EVERYTHING[key] for key in ('parameters', 'environment', 'files', 'environment_files',
                                               'files_container')}
    yield 'stacks.validate', 'everything', {'template': TEMPLATE, 'show_nested': True,
                                            'ignore_errors': '99001'} | inputs


def resources():
    for name, stack in STACKS.items():
        yield 'resources.list', name, {'stack_id': stack}
        yield 'resources.get', name, {'stack_id': stack, 'resource_name': 'server'}
        yield 'resources.metadata', name, {'stack_id': stack, 'resource_name': 'server'}
        yield 'resources.signal', name, {'stack_id': stack, 'resource_name': 'server'}
    for name, args in {
        'nested': {'nested_depth': 2},
        'detail': {'with_detail': True},
        'no-detail': {'with_detail': False},
        'filter': {'filters': {'type': 'OS::Heat::None'}},
        'filters': {'filters': {'status': 'COMPLETE', 'action': 'CREATE'}},
        'filter-of-two-values': {'filters': {'name': ['server', 'größe']}},
        'everything': {'filters': {'status': 'FAILED'}, 'nested_depth': 5, 'with_detail': True},
    }.items():
        yield 'resources.list', name, {'stack_id': 'web'} | args
    yield 'resources.get', 'attribute', {'stack_id': 'web', 'resource_name': 'server', 'with_attr': ['show']}
    yield 'resources.get', 'attributes', {'stack_id': WEB, 'resource_name': 'server',
                                          'with_attr': ['show', 'a b']}
    names = {'space': 'a b', 'question-mark': 'a?b', 'hash': 'a#b', 'percent': 'a%2Fb', 'colon': 'a:b',
             'slash': 'a/b', 'beyond-ascii': 'größe'}
    for name, resource in names.items():
        yield 'resources.get', name, {'stack_id': WEB, 'resource_name': resource}
    for name in ('space', 'percent'):
        resource = {'stack_id': WEB, 'resource_name': names[name]}
        yield 'resources.metadata', name, resource
        yield 'resources.signal', name, resource
        yield 'resources.mark_unhealthy', name, resource | {'mark_unhealthy': True,
                                                            'resource_status_reason': 'broken'}
    server = {'stack_id': 'web', 'resource_name': 'server'}
    yield 'resources.signal', 'data', server | {'data': {'status': 'SUCCESS', 'reason': 'größe', 'n': [1, None]}}
    yield 'resources.signal', 'empty-data', server | {'data': {}}
    for hook in ('pre-create', 'pre-update', 'post-delete'):
        yield 'resources.signal', 'unset-' + hook, server | {'data': {'unset_hook': hook}}
    yield 'resources.mark_unhealthy', 'name', server | {'mark_unhealthy': True,
                                                        'resource_status_reason': 'größe'}
    yield 'resources.mark_unhealthy', 'without-reason', server | {'mark_unhealthy': True,
                                                                  'resource_status_reason': ''}
    yield 'resources.mark_unhealthy', 'healthy', server | {'mark_unhealthy': False,
                                                           'resource_status_reason': 'repaired'}
    yield 'resources.generate_template', 'type', {'resource_name': 'OS::Heat::None'}


def resource_types():
    for name, args in {
        'all': {},
        'name': {'filters': {'name': 'OS::Heat::.*'}},
        'status': {'filters': {'support_status': 'SUPPORTED'}},
        'version': {'filters': {'version': '5.0.0'}},
        'filters': {'filters': {'name': 'OS::.*', 'support_status': 'DEPRECATED', 'version': '2'}},
        'descriptions': {'with_description': True},
        'no-descriptions': {'with_description': False},
        'everything': {'filters': {'name': 'None'}, 'with_description': True},
    }.items():
        yield 'resource_types.list', name, args
    yield 'resource_types.get', 'type', {'resource_type': 'OS::Heat::None'}
    yield 'resource_types.get', 'description', {'resource_type': 'OS::Heat::None', 'with_description': True}
    yield 'resource_types.get', 'slash', {'resource_type': 'file:///t.yaml'}
    yield 'resource_types.generate_template', 'default', {'resource_type': 'OS::Heat::None'}
    for kind in ('cfn', 'hot'):
        yield 'resource_types.generate_template', kind, {'resource_type': 'OS::Heat::None',
                                                         'template_type': kind}


def events():
    for name, stack in STACKS.items():
        yield 'events.list', name, {'stack_id': stack}
        yield 'events.list', 'resource-by-' + name, {'stack_id': stack, 'resource_name': 'server'}
        yield 'events.get', name, {'stack_id': stack, 'resource_name': 'server', 'event_id': 'id-1'}
    for name, args in {
        'limit': {'limit': 2},
        'marker': {'marker': 'id-2'},
        'limit-and-marker': {'limit': 1, 'marker': 'id-1'},
        'oldest-first': {'sort_dir': 'asc'},
        'newest-first': {'sort_dir': 'desc'},
        'sorted': {'sort_keys': ['resource_type'], 'sort_dir': 'desc'},
        'sorted-by-two-keys': {'sort_keys': ['resource_type', 'event_time'], 'sort_dir': 'asc'},
        'nested': {'nested_depth': 3},
        'filter': {'filters': {'resource_status': 'FAILED'}},
        'filters': {'filters': {'resource_action': 'CREATE', 'resource_type': 'OS::Heat::None',
                                'resource_name': 'server'}},
        'filter-of-two-values': {'filters': {'resource_status': ['FAILED', 'COMPLETE']}},
        'everything': {'filters': {'resource_status': 'COMPLETE'}, 'limit': 3, 'marker': 'id-1',
                       'sort_keys': ['event_time'], 'sort_dir': 'desc', 'nested_depth': 1},
        'resource-and-filter': {'resource_name': 'server', 'filters': {'resource_action': 'CREATE'},
                                'sort_dir': 'desc', 'limit': 2},
        'resource-to-escape': {'resource_name': 'a b'},
        'resource-with-slash': {'resource_name': 'a/b'},
    }.items():
        yield 'events.list', name, {'stack_id': 'web'} | args
    yield 'events.get', 'to-escape', {'stack_id': WEB, 'resource_name': 'a b', 'event_id': 'a?b/c'}


def others():
    for action in ('suspend', 'resume', 'check', 'cancel_update', 'cancel_without_rollback'):
        for name, stack in STACKS.items():
            yield 'actions.' + action, name, {'stack_id': stack}
    yield 'build_info.build_info', 'all', {}
    yield 'services.list', 'all', {}
    yield 'template_versions.list', 'all', {}
    version = {'template_version': 'heat_template_version.2021-04-16'}
    yield 'template_versions.get', 'version', version
    yield 'template_versions.get', 'conditions', version | {'with_condition_func': True}
    yield 'template_versions.get', 'no-conditions', version | {'with_condition_func': False}


def software():
    for name, args in {
        'all': {},
        'limit': {'limit': 2},
        'marker': {'marker': 'id-1'},
        'limit-and-marker': {'limit': 1, 'marker': 'id-1'},
        'all-projects': {'global_tenant': True},
    }.items():
        yield 'software_configs.list', name, args
    for name, config in {'id': 'c1', 'space': 'a b', 'slash': 'a/b', 'question-mark': 'a?b'}.items():
        yield 'software_configs.get', name, {'config_id': config}
        yield 'software_configs.delete', name, {'config_id': config}
    yield 'software_configs.create', 'name', {'name': 'setup'}
    yield 'software_configs.create', 'script', {'name': 'setup', 'group': 'script', 'config': 'true'}
    yield 'software_configs.create', 'everything', CONFIG

    yield 'software_deployments.list', 'all', {}
    yield 'software_deployments.list', 'server', {'server_id': 's1'}
    yield 'software_deployments.metadata', 'server', {'server_id': 's1'}
    for name, deployment in {'id': 'd1', 'slash': 'a/b', 'question-mark': 'a?b'}.items():
        yield 'software_deployments.get', name, {'deployment_id': deployment}
        yield 'software_deployments.delete', name, {'deployment_id': deployment}
    yield 'software_deployments.create', 'needed', {'config_id': 'c1', 'server_id': 's1'}
    yield 'software_deployments.create', 'plugin', {'config_id': 'c1', 'server_id': 's1', 'action': 'UPDATE',
                                                    'status': 'IN_PROGRESS'}
    yield 'software_deployments.create', 'everything', DEPLOYMENT
    yield 'software_deployments.update', 'status', {'deployment_id': 'd1', 'status': 'COMPLETE'}
    yield 'software_deployments.update', 'outputs', {
        'deployment_id': 'd1', 'status': 'FAILED', 'status_reason': 'größe',
        'output_values': {'deploy_stdout': 'x', 'deploy_status_code': 1}}
    yield 'software_deployments.update', 'config', {'deployment_id': 'd1', 'config_id': 'c2', 'action': 'UPDATE',
                                                    'input_values': {'user': 'root'}}


def calls():
    for group in (stacks, resources, resource_types, events, others, software):
        yield from group()
