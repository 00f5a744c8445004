"""A server that publishes a key set, with whatever troubles a test gives it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.security.tokens import written


class _Exchange(BaseHTTPRequestHandler):
    server: _Listener

    def do_GET(self) -> None:
        owner = self.server.owner
        owner.asked.append(self.path)
        owner.answer(self)

    def send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"content-length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *_: Any) -> None:
        """Nothing: what was asked is kept by the server."""


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    owner: KeyServer

    def handle_error(self, *_: Any) -> None:
        """A client that hung up, as they do that have waited long enough."""


class KeyServer:
    """Lives in a `with` block. ``keys``: what it publishes, ``answer``: how; both may be changed at any time."""

    def __init__(self, *keys: dict[str, Any], **headers: str) -> None:
        self.keys = keys
        self.headers = headers
        self.asked: list[str] = []
        self.answer: Callable[[Any], None] = self.publish
        self.go_on = threading.Event()
        self._listener = _Listener(("127.0.0.1", 0), _Exchange)
        self._listener.owner = self

    def __enter__(self) -> KeyServer:
        threading.Thread(target=self._listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.go_on.set()
        self._listener.shutdown()
        self._listener.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._listener.server_port}/jwks.json"

    # How it may answer

    def publish(self, exchange: Any) -> None:
        exchange.send(200, written({"keys": list(self.keys)}), **self.headers)

    def failing(self, status: int, body: bytes = b"", **headers: str) -> Callable[[Any], None]:
        return lambda exchange: exchange.send(status, body, **headers)

    def close(self, _: Any) -> None:
        """Without a word."""

    def hang(self, _: Any) -> None:
        """Until the test goes on, or is over."""
        self.go_on.wait(30)

    def drip(self, exchange: Any) -> None:
        exchange.send_response(200)
        exchange.send_header("content-length", "1000")
        exchange.end_headers()
        while not self.go_on.is_set():
            exchange.wfile.write(b" ")
            exchange.wfile.flush()
            time.sleep(0.05)
