"""A forward proxy for plain http that records each request and can change responses.

It makes runs independent of timing: it answers a request for a change only after the change is
complete, and it replaces times by artificial ones. A case may request faults, stacks that
seem to be in progress, and a Ctrl-C at a request.
"""

import http.client
import http.server
import json
import os
import re
import socket
import threading
import urllib.parse

FILES_HOST = 'files.example'
HOP_BY_HOP = {'connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'te', 'upgrade'}
STACK_PATH = re.compile(r'/v1/[^/]+/stacks/[^/]+/[^/?]+(\?|$)')


class Script:
    """The behaviour of the proxy during one case."""

    def __init__(self, faults=(), progress=0, interrupt_at=None, interrupt=None):
        # [regular expression on 'METHOD URL', how often, what: see Handler.fail]
        self.faults = [list(fault) for fault in faults]
        self.progress = progress
        self.interrupt_at = interrupt_at
        self.interrupt = interrupt
        self.requests = []
        self.over = threading.Event()
        self.lock = threading.Lock()

    def note(self, request):
        """Records the request, and returns its number."""
        with self.lock:
            self.requests.append(request)
            return len(self.requests)

    def fault(self, line):
        """The fault for a request line, if there is one."""
        with self.lock:
            for fault in self.faults:
                if fault[1] > 0 and re.search(fault[0], line):
                    fault[1] -= 1
                    return fault[2]
        return None

    def in_progress(self):
        """Whether to report a stack as in progress."""
        with self.lock:
            self.progress -= 1
            return self.progress >= 0


class Proxy:
    """The server, for all cases; each case has its own script."""

    def __init__(self, cloud, files):
        self.cloud = cloud
        self.files = files
        self.script = Script()
        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        self.server.proxy = self
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return 'http://127.0.0.1:%d' % self.server.server_port

    def begin(self, script):
        self.script = script

    def end(self):
        """Ends the case, and returns the requests that were seen."""
        self.script.over.set()
        requests, self.script = self.script.requests, Script()
        return requests

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    timeout = 60
    # Write head and body at once, without delay.
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def answer(self):
        length = int(self.headers.get('Content-Length') or 0)
        body = self.rfile.read(length)
        if 'chunked' in self.headers.get('Transfer-Encoding', ''):
            body = self.read_chunks()
        proxy = self.server.proxy
        script = proxy.script
        number = script.note({'method': self.command, 'url': self.path, 'body': body,
                              'headers': [(k.lower(), v) for k, v in self.headers.items()]})
        if script.interrupt_at == number:
            script.interrupt()
            script.over.wait(60)
            self.close_connection = True
            return
        fault = script.fault(f'{self.command} {self.path}')
        if fault:
            self.fail(fault)
        elif urllib.parse.urlsplit(self.path).hostname == FILES_HOST:
            self.serve_file(proxy.files)
        else:
            self.forward(proxy, script, body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def do_CONNECT(self):
        script = self.server.proxy.script
        script.note({'method': 'CONNECT', 'url': self.path, 'body': b'', 'headers': []})
        self.send(502, [('content-type', 'text/plain')], b'no tunnels here')

    def read_chunks(self):
        body = b''
        while size := int(self.rfile.readline().split(b';')[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def fail(self, fault):
        """`'reset'` breaks the connection; else it is (status, headers, body)."""
        if fault == 'reset':
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send(*fault)

    def serve_file(self, files):
        path = urllib.parse.urlsplit(self.path).path.lstrip('/')
        try:
            with open(os.path.join(files, path), 'rb') as file:
                self.send(200, [('content-type', 'text/plain')], file.read())
        except OSError:
            self.send(404, [('content-type', 'text/plain')], b'there is no such file')

    def forward(self, proxy, script, body):
        parts = urllib.parse.urlsplit(self.path)
        headers = {key: value for key, value in self.headers.items()
                   if key.lower() not in HOP_BY_HOP | {'accept-encoding'}}
        connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=60)
        target = parts.path + (f'?{parts.query}' if parts.query else '')
        try:
            connection.request(self.command, target, body or None, headers)
            answer = connection.getresponse()
            content = answer.read()
        except OSError as error:
            self.send(502, [('content-type', 'text/plain')], f'no server: {type(error).__name__}'.encode())
            return
        finally:
            connection.close()
        if self.command not in ('GET', 'HEAD'):
            proxy.cloud.settle(parts.path)
        headers = [(key, value) for key, value in answer.getheaders()
                   if key.lower() not in HOP_BY_HOP | {'content-length', 'date'}]
        if 'json' in (answer.getheader('content-type') or '') and content:
            content = self.change(proxy, script, parts, content)
        self.send(answer.status, headers, content)

    def change(self, proxy, script, parts, content):
        document = proxy.cloud.retime(json.loads(content))
        if self.command == 'GET' and STACK_PATH.match(parts.path) and 'stack' in document \
                and script.in_progress():
            stack = document['stack']
            stack['stack_status'] = stack['stack_status'].split('_')[0] + '_IN_PROGRESS'
        return json.dumps(document).encode()

    def send(self, status, headers, body):
        self.send_response_only(status)
        for key, value in headers:
            self.send_header(key, value)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(body)
        self.wfile.flush()
