"""What stands between a vehicle and its cloud in these tests.

HostileServer    speaks TLS as the cloud (an attacker who stole its certificate), forwards to the real one, and replaces answers.
HostileWire      knows no key: passes TCP bytes on and flips some.
"""
import http.client
import http.server
import socket
import socketserver
import ssl
import threading


class HostileServer:
    """`replace(path, body) -> body`, called for every answer of status 200 or 206; `made` holds whole files by path."""

    def __init__(self, pki, vin, upstream_port, replace):
        self.replace = replace
        self.made = {}
        self.served = []  # (path, status)
        upstream_tls = ssl.create_default_context(cafile=str(pki / "ca" / "ca.crt"))
        upstream_tls.load_cert_chain(pki / "vehicles" / vin / "vehicle.crt", pki / "vehicles" / vin / "vehicle.key")
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                if self.path in outer.made:
                    return self.answer(200, outer.made[self.path], {})
                upstream = http.client.HTTPSConnection("localhost", upstream_port, context=upstream_tls, timeout=20)
                passed = {name: value for name, value in self.headers.items() if name.lower() in ("range", "if-range", "accept")}
                upstream.request("GET", self.path, headers=passed)
                answer = upstream.getresponse()
                body = answer.read()
                upstream.close()
                if answer.status in (200, 206):
                    body = outer.replace(self.path, body)
                self.pass_on(answer, body)

            def forward_body(self):
                """Questions with a body (the time, a manifest) pass unchanged."""
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                upstream = http.client.HTTPSConnection("localhost", upstream_port, context=upstream_tls, timeout=20)
                upstream.request(self.command, self.path, body, {"Content-Type": self.headers.get("Content-Type", "")})
                answer = upstream.getresponse()
                body = answer.read()
                upstream.close()
                self.pass_on(answer, body)

            do_POST = do_PUT = forward_body

            def pass_on(self, answer, body):
                kept = ("Content-Type", "Content-Range", "ETag", "Accept-Ranges")
                self.answer(answer.status, body, {name: answer.getheader(name) for name in kept if answer.getheader(name)})

            def answer(self, status, body, headers):
                outer.served.append((self.path, status))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.minimum_version = ssl.TLSVersion.TLSv1_3
        tls.load_cert_chain(pki / "server" / "server.crt", pki / "server" / "server.key")
        self.server.socket = tls.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class HostileWire:
    """Flips one byte of the first `connections` streams from the cloud, `after` bytes into each; then it is honest."""

    def __init__(self, upstream_port, connections, after):
        self.flips_left = connections
        self.flipped = 0
        self.after = after
        self.lock = threading.Lock()
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                try:
                    upstream = socket.create_connection(("127.0.0.1", upstream_port))
                except OSError:
                    return
                other_way = threading.Thread(target=pump, args=(self.request, upstream, None), daemon=True)
                other_way.start()
                with outer.lock:
                    flip = outer.flips_left > 0
                    outer.flips_left -= flip
                pump(upstream, self.request, outer if flip else None)

        def pump(source, sink, hostile):
            passed = 0
            try:
                while data := source.recv(16384):
                    if hostile and passed <= hostile.after < passed + len(data):
                        data = bytearray(data)
                        data[hostile.after - passed] ^= 0x01
                        hostile.flipped += 1
                    passed += len(data)
                    sink.sendall(data)
            except OSError:
                pass
            for end in (source, sink):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
