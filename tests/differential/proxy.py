"""An HTTP proxy that records what passes."""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

KEPT = ('content-type', 'location', 'x-openstack-request-id')


class Proxy:
    """A forward proxy for plain HTTP. `exchanges` are those since the last `clear`."""

    def __init__(self):
        self.exchanges = []
        self.server = ThreadingHTTPServer(('127.0.0.1', 0), self._handler())
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f'http://127.0.0.1:{self.server.server_port}'

    def clear(self):
        self.exchanges = []

    def _handler(proxy):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def forward(self):
                length = int(self.headers.get('content-length') or 0)
                body = self.rfile.read(length)
                parts = urlsplit(self.path)
                path = parts.path + ('?' + parts.query if parts.query else '')
                headers = {name: value for name, value in self.headers.items()
                           if name.lower() not in ('proxy-connection', 'connection', 'accept-encoding', 'keep-alive')}
                connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=100)
                connection.request(self.command, path, body, headers)
                answer = connection.getresponse()
                text = answer.read()
                connection.close()
                kept = {name.lower(): value for name, value in answer.getheaders() if name.lower() in KEPT}
                credentials = sorted(name.lower() for name in self.headers if name.lower() in
                                     ('x-auth-user', 'x-auth-key'))
                proxy.exchanges.append({
                    'method': self.command, 'url': self.path, 'body': body.decode(), 'status': answer.status,
                    'headers': kept, 'answer': text.decode(), **({'credentials': credentials} if credentials else {})})
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ('content-length', 'transfer-encoding', 'connection'):
                        self.send_header(name, value)
                self.send_header('content-length', str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = forward

            def log_message(self, *arguments):
                pass

        return Handler
