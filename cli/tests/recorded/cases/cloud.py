"""Global options, logins, servers that are down or fail, and logs."""

import json


def fault(status, body, *headers):
    return (status, [('content-type', 'application/json'), *headers], json.dumps(body).encode())


def heat_fault(code, kind, message):
    return fault(code, {'code': code, 'title': 'Title', 'explanation': 'Explanation.',
                        'error': {'message': message, 'traceback': None, 'type': kind}})


def missing(t):
    for line in ('stack list', 'stack create x -t web.yaml', 'stack-list', 'build-info',
                 'orchestration build info', 'stack delete x', 'event-list x'):
        t.run(line, note='no variables', cloud=False)
    for name in ('OS_AUTH_URL', 'OS_USERNAME', 'OS_PASSWORD', 'OS_PROJECT_NAME',
                 'OS_USER_DOMAIN_NAME', 'OS_PROJECT_DOMAIN_NAME', 'OS_REGION_NAME'):
        t.run('stack list', note=f'without {name}', env={name: None})
    t.lines('''
        stack list --os-cloud nothing
        stack list --os-auth-type nothing
        stack list --os-auth-type v3oidcpassword
        stack list --os-auth-type v3password
        stack list --os-auth-type token
        stack list --os-auth-type none
        stack list --os-service-provider other
        stack list --os-identity-api-version 2.0
        stack list --os-orchestration-api-version 2
        stack list --os-no-client-auth
        stack list --os-auth-token x
        stack list --os-cacert none.pem
        stack list --os-cert none.pem
        stack list --os-key none.pem
        stack list --api-timeout x
        stack list --log-file none/log
    ''')


def login(t):
    token, project, endpoint = t.cloud.token, t.cloud.project, t.cloud.endpoint
    url = t.cloud.environment['OS_AUTH_URL']
    root = url.rsplit('/', 1)[0]
    t.lines(f'''
        stack list --os-password wrong
        stack-list --os-password wrong
        stack create x -t web.yaml --os-password wrong
        stack list --os-username nobody
        stack list --os-project-name nothing
        stack list --os-user-domain-name nothing
        stack list --os-project-id {project} --os-project-name ""
        stack list --os-region-name Elsewhere
        stack list --os-interface internal
        stack list --os-interface admin
        stack list --os-endpoint-type publicURL
        stack list --os-interface nothing
        stack list --os-service-type nothing
        stack list --os-service-name heat
        stack list --os-service-name nothing
        stack list --os-auth-url {root}
        stack list --os-auth-url {root}/v2.0
        stack list --os-auth-url {root}/none
        stack list --os-auth-url nothing
        stack list --os-auth-url ""
        stack list --os-auth-url {endpoint}
        stack list --os-endpoint-override {endpoint}
        stack list --heat-url {endpoint} --os-auth-token {token}
        stack list --heat-url {endpoint} --os-auth-token wrong
        stack list --heat-url {endpoint} --os-no-client-auth
        stack list --os-auth-type v3token --os-token {token}
        stack list --os-system-scope all --os-project-name ""
        stack list --os-domain-name Default --os-project-name ""
        stack list --os-trust-id nothing
        stack list --os-auth-type v3applicationcredential --os-application-credential-id x --os-application-credential-secret y
    ''')
    t.run('stack list', note='a token and HEAT_URL alone', cloud=False,
          env={'OS_AUTH_TOKEN': token, 'HEAT_URL': endpoint})
    t.run('stack-list', note='a token and HEAT_URL alone', cloud=False,
          env={'OS_AUTH_TOKEN': token, 'HEAT_URL': endpoint})


def dead(t):
    for line in ('stack list', 'stack create x -t web.yaml', 'stack delete -y web'):
        t.run(line, note='nobody listens at the auth URL', proxy=False,
              env={'OS_AUTH_URL': t.dead + '/v3'})
    for line in ('stack list', 'stack-show web', 'stack create x -t web.yaml',
                 'orchestration template validate -t web.yaml'):
        t.run(line, note='nobody listens at the URL of Heat', proxy=False,
              env={'HEAT_URL': t.dead + '/v1/p', 'OS_AUTH_TOKEN': 'x'})
    t.run('stack list', note='the proxy is down', env={'http_proxy': t.dead})
    t.run('stack list', note='no usable proxy', env={'http_proxy': 'nothing://x y'})
    t.run('stack list --heat-url https://heat.example/v1 --os-auth-token x', note='no tunnel',
          cloud=False, env={'https_proxy': t.proxy.url})


def faults(t):
    def run(line, what, pattern, times, answer):
        t.run(line, note=what, faults=[(pattern, times, answer)])
    stacks, web = r'GET .*/stacks(\?|$)', r'GET .*/stacks/web'
    again = ('retry-after', '0')
    run('stack list', '503 once', stacks, 1, fault(503, {}, again))
    run('stack list', '503 always', stacks, 99, fault(503, {'error': {'message': 'busy', 'code': 503}}, again))
    run('stack list', '429 once', stacks, 1, fault(429, {}, again))
    run('stack list', '500 always', stacks, 99, heat_fault(500, 'RemoteError', 'it broke'))
    run('stack list', '502 with HTML, once', stacks, 1, (502, [('content-type', 'text/html')], b'<h1>Bad Gateway</h1>'))
    run('stack list', '403', stacks, 99, heat_fault(403, 'Forbidden', 'not allowed'))
    run('stack list -v', '403', stacks, 99, heat_fault(403, 'Forbidden', 'not allowed'))
    run('stack list', '401 once', stacks, 1, fault(401, {'error': {'message': 'Authentication required'}}))
    run('stack list', '401 always', stacks, 99, fault(401, {'error': {'message': 'Authentication required'}}))
    run('stack list', 'a broken connection, once', stacks, 1, 'reset')
    run('stack list', 'HTML with status 200', stacks, 99, (200, [('content-type', 'text/html')], b'<h1>Hello</h1>'))
    run('stack list', 'no JSON', stacks, 99, (200, [('content-type', 'application/json')], b'{"stacks": ['))
    run('stack list', 'JSON without stacks', stacks, 99, fault(200, {'stack': []}))
    run('stack list', '300', stacks, 99, fault(300, {'versions': []}))
    run('stack list', '404 of a router', stacks, 99, fault(404, {}))
    run('stack show web', 'a fault without details', web, 99, fault(400, {'title': 'Bad Request', 'code': 400, 'explanation': 'why'}))
    run('stack show web', 'a redirect to another host', web, 99, (302, [('location', 'http://files.example/stack')], b''))
    run('stack show web', 'redirects without end', web, 99, (302, [('location', t.cloud.endpoint + '/stacks/web')], b''))
    post = r'POST .*/stacks$'
    run('stack create x -t simple.json', '409', post, 99, heat_fault(409, 'StackExists', 'The Stack (x) already exists.'))
    run('stack create x -t simple.json', '504', post, 99, (504, [('content-type', 'text/html')], b'<h1>Gateway Timeout</h1>'))
    run('stack create x -t simple.json', 'a broken connection', post, 99, 'reset')
    run('stack create x -t simple.json', '503 once', post, 1, fault(503, {}, again))
    t.cloud.delete('x')
    run('stack-create x -f simple.json', '400', post, 99, heat_fault(400, 'StackValidationFailed', 'no\n such "thing"'))
    run('stack delete -y web', '500 always', r'DELETE ', 99, heat_fault(500, 'RemoteError', 'it broke'))
    login = r'POST .*/auth/tokens'
    run('stack list', 'the login fails with 503 once', login, 1, fault(503, {}, again))
    run('stack list', 'the login fails with 500', login, 99, fault(500, {'error': {'code': 500, 'message': 'down', 'title': 'Internal'}}))
    run('stack list', 'the login answers HTML', login, 99, (200, [('content-type', 'text/html')], b'<h1>Hello</h1>'))
    run('stack list', 'the login answers without a token', login, 99, fault(201, {'token': {}}))


def logs(t):
    t.lines('''
        --debug stack list
        stack list --debug
        stack show nothing --debug
        stack show web --debug -f json -c stack_name
        stack list --debug --os-password wrong
        -d stack-list
        stack list -v
        stack list --verbose --debug
        stack show nothing -v
        stack list -q
        stack list --timing
        stack-list --timing
        stack show nothing --timing
        stack list --timing -q
        stack list --log-file log.txt --debug
        stack list --log-file log.txt
        stack list --log-file ""
    ''')
    t.run('stack list', note='HEATCLIENT_DEBUG=1', env={'HEATCLIENT_DEBUG': '1'})
    t.run('stack list --debug', note='a 503 first', faults=[(r'/stacks', 1, fault(503, {}, ('retry-after', '0')))])
    t.run('stack list --log-file log.txt', note='a 503 first', faults=[(r'/stacks', 1, fault(503, {}, ('retry-after', '0')))])


def global_options(t):
    t.lines('''
        --os-identity-api-version 3 stack list -f value -c stack_name
        stack list -f value -c stack_name --os-identity-api-version 3
        --os-compute-api-version 2.90 --os-volume-api-version=3 stack list -f value -c stack_name
        --os_region_name RegionOne stack-list
        --include-password --os-beta-command --os-profile key stack list -f value -c stack_name
        --insecure stack list -f value -c stack_name
        -k stack-list
        --verify --api-timeout 600 stack list -f value -c stack_name
        --os-default-domain default stack list -f value -c stack_name
        --os-user stack list
        --os-p stack list
        --nothing stack list
        stack list --nothing
        stack list nothing
        -v -q stack list -f value -c stack_name
    ''')


PARTS = [('missing and wrong configuration', missing), ('logins', login), ('dead servers', dead),
         ('faults of servers', faults), ('logs', logs), ('global options', global_options)]
