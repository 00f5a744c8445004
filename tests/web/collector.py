"""A collector of traces on a socket of this machine: takes what OTLP over HTTP brings, and decodes it."""

import gzip
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

PATIENCE = 20  # seconds
SERVER = 2  # the kind of a span, as the standard has it


class Span:
    """One span, as plain values."""

    def __init__(self, span: Any, resource: dict[str, Any]) -> None:
        self.name = span.name
        self.kind = span.kind
        self.trace, self.id, self.parent = span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex()
        self.attributes = plain(span.attributes)
        self.resource = resource
        self.failed = span.status.code == 2
        self.words = span.status.message
        self.events = len(span.events)
        self.began, self.ended = span.start_time_unix_nano, span.end_time_unix_nano


class Taking(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Collector"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bodies.append(body)
        self.server.headers.append((self.path, dict(self.headers)))
        self.server.closing.wait(self.server.seconds)
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class Collector(ThreadingHTTPServer):
    """``seconds``: before it answers. ``status``: its answer."""

    daemon_threads = True

    def __init__(self, seconds: float = 0, status: int = 200) -> None:
        super().__init__(("127.0.0.1", 0), Taking)
        self.seconds = seconds
        self.status = status
        self.bodies: list[bytes] = []
        self.headers: list[tuple[str, dict[str, str]]] = []
        self.closing = Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        """Services that stop without waiting for it."""

    def spans(self) -> list[Span]:
        return [span for body in list(self.bodies) for span in spans_of(body)]

    def awaited(self, enough: Callable[[list[Span]], bool]) -> list[Span]:
        deadline = time.monotonic() + PATIENCE
        while not enough(found := self.spans()):
            assert time.monotonic() < deadline, [span.name for span in found]
            time.sleep(0.05)
        return found

    def trace(self, trace: str) -> list[Span]:
        """The spans of a trace, once that of the call is there: it ends last."""
        spans = self.awaited(lambda spans: any((span.trace, span.kind) == (trace, SERVER) for span in spans))
        return [span for span in spans if span.trace == trace]


@contextmanager
def collecting(**manner: Any) -> Iterator[Collector]:
    with Collector(**manner) as collector:
        thread = Thread(target=collector.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield collector
        finally:
            collector.closing.set()
            collector.shutdown()
            thread.join()


def spans_of(body: bytes) -> Iterator[Span]:
    content = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
    for of_one in ExportTraceServiceRequest.FromString(content).resource_spans:
        resource = plain(of_one.resource.attributes)
        yield from (Span(span, resource) for scope in of_one.scope_spans for span in scope.spans)


def plain(attributes: Any) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}
