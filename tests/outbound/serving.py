"""A small HTTP server on a real socket, with the faults that other people's servers have."""

import gzip
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network

from cds.outbound import Outbound, Policy
from cds.outbound.connecting import system_resolver

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
GZIP = {"Content-Encoding": "gzip"}

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Server"

    def setup(self):
        super().setup()
        self.server.connections += 1

    def do_GET(self):
        self.server.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        self.server.answer(self)

    def send(self, status: int, body: bytes, headers: Mapping[str, str]):
        """In one piece: two would wait for each other."""
        lines = [f"HTTP/1.1 {status} x", f"Content-Length: {len(body)}", *(f"{k}: {v}" for k, v in headers.items())]
        self.wfile.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    """``asked``: path and headers of each request."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, answer: Answer, host: str = "127.0.0.1", tls=None):
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, 0), Handler)
        self.answer = answer
        self.connections = 0
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.closing = threading.Event()
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def handle_error(self, *_):
        """Clients that go away are what is tested."""


@contextmanager
def serving(answer: Answer, host: str = "127.0.0.1", tls=None) -> Iterator[Server]:
    with Server(answer, host, tls) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()


@contextmanager
def outbound(private=LOOPBACK, ca_file=None, resolve=system_resolver) -> Iterator[Outbound]:
    opened = Outbound(Policy(tuple(private), ca_file), resolve=resolve)
    try:
        yield opened
    finally:
        opened.close()


class Names:
    """A resolver that knows a few names and remembers what it was asked."""

    def __init__(self, known: Mapping[str, list[str]]):
        self.known = dict(known)
        self.asked: list[str] = []

    def __call__(self, name: str) -> list[str]:
        self.asked.append(name)
        if name not in self.known:
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        return self.known[name]


# -- what a server answers


def says(body: bytes | str | dict, status: int = 200, **headers: str) -> Answer:
    content = json.dumps(body).encode() if isinstance(body, dict) else body.encode() if isinstance(body, str) else body
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda asked: asked.send(status, content, named)


def by_path(answers: Mapping[str, Answer]) -> Answer:
    """By the path with its query; what is not listed is not found."""
    return lambda asked: answers.get(asked.path, says("no such thing", 404))(asked)


def one_after_the_other(*answers: Answer) -> Answer:
    """The last one again and again."""
    left = list(answers)

    def answer(asked: Handler):
        (left.pop(0) if len(left) > 1 else left[0])(asked)

    return answer


def hangs(asked: Handler):
    asked.server.closing.wait()


def drips(asked: Handler):
    """The beginning of a right answer, and then a byte now and then for ever."""
    asked.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while not asked.server.closing.wait(0.05):
        asked.wfile.write(b" ")


def drips_headers(asked: Handler):
    asked.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while not asked.server.closing.wait(0.05):
        asked.wfile.write(b"X-More: yes\r\n")


def breaks_off(asked: Handler):
    """Announces more than it sends."""
    asked.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"resourceType":"Bundle"')
    asked.close_connection = True


def hangs_up(asked: Handler):
    """A reset instead of an answer."""
    asked.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    asked.connection.close()
    asked.close_connection = True


def goes_away(asked: Handler):
    """Closes the connection politely, without an answer."""
    asked.close_connection = True


def babbles(asked: Handler):
    asked.wfile.write(b"220 mail.test ESMTP\r\n\r\n")
    asked.close_connection = True


def endless(asked: Handler):
    """A body without end, as fast as it is taken."""
    asked.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not asked.server.closing.is_set():
        asked.wfile.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")


def slowly(answer: Answer, seconds: float) -> Answer:
    def later(asked: Handler):
        time.sleep(seconds)
        answer(asked)

    return later


def bomb(size: int) -> bytes:
    return gzip.compress(bytes(size))
