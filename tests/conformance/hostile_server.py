"""Repositories on loopback that do what they are told, also the worst: an answer is bytes, a status, or a function of the handler."""
import http.server
import socket
import threading
import time


class HostileServer:
    """answers: "/path" → what is served there; everything else is 404. asked: the paths, in order."""

    def __init__(self):
        self.answers = {}
        self.asked = []
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                server.asked.append(self.path)
                answer = server.answers.get(self.path, 404)
                try:
                    if callable(answer):
                        answer(self)
                    elif isinstance(answer, int):
                        self.send_error(answer)
                    else:
                        self.send_response(200)
                        self.send_header("Content-Length", str(len(answer)))
                        self.end_headers()
                        self.wfile.write(answer)
                except (BrokenPipeError, ConnectionResetError):
                    pass

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"

    def stop(self):
        self.http.shutdown()
        self.http.server_close()


def endless(handler):
    """Never says how long it is, and never stops."""
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b" " * 65536)


def redirect(where):
    def answer(handler):
        handler.send_response(302)
        handler.send_header("Location", where)
        handler.end_headers()
    return answer


def truncated(body):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[:len(body) // 2])
        handler.wfile.flush()
        handler.connection.shutdown(socket.SHUT_RDWR)
    return answer


def dripping(body, pause_s):
    """One byte at a time: each wait is short, the whole is not."""
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        for byte in body:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(pause_s)
    return answer
