"""A FHIR R4 server on a socket, with the charts of some patients and with whatever troubles a test gives it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, TypeAlias, cast
from urllib.parse import parse_qsl, urlsplit

from tests.ehr.chart import Chart, NotUnderstood, Parameters, Resource

SERVICE_TOKEN = "what-the-service-was-given"
EHR_TOKEN = "the-ehr-itself"


@dataclass(slots=True)
class Answer:
    """What the server is about to send."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/fhir+json"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of the service. ``target``: below the base; ``type``: of the resources it asks for."""

    base: str
    target: str
    type: str
    token: str


class Exchange(BaseHTTPRequestHandler):
    """One request with its answer; a fault sends something else in its place.

    ``nth``: how often this type was asked for before, ``base``: of the chart that was asked.
    """

    protocol_version = "HTTP/1.1"
    server: _Listener
    asked: Asked
    answer: Answer
    nth: int
    base: str

    def do_GET(self) -> None:
        self.server.owner.take(self, b"")

    def do_POST(self) -> None:
        self.server.owner.take(self, self.rfile.read(int(self.headers["Content-Length"])))

    def begin(self, answer: Answer, **headers: str) -> None:
        """Status and headers; the body is left to the caller."""
        self.send_response(answer.status)
        for name, value in {**answer.headers, "Content-Length": str(len(answer.body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def send(self, answer: Answer) -> None:
        self.begin(answer)
        self.wfile.write(answer.body)

    def log_message(self, format: str, *_: Any) -> None:
        """Nothing: what was asked is kept by the server."""


Fault: TypeAlias = Callable[[Exchange], None]


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    owner: FhirServer

    def handle_error(self, *_: Any) -> None:
        """A client that hung up, as clients do that have waited long enough."""


class FhirServer:
    """Serves each chart below a base of its own. Lives in a `with` block.

    Only requests that do not come from the EHR itself are recorded and troubled: those of the service.
    """

    def __init__(self, charts: Mapping[str, Chart], port: int = 0) -> None:
        self.charts = charts
        self.asked: list[Asked] = []
        self._faults: Mapping[str, Fault] = {}
        self._pages: Mapping[str, int] = {}
        self._searches: list[tuple[str, list[Resource]]] = []
        self._listener = _Listener(("127.0.0.1", port), Exchange)
        self._listener.owner = self

    def __enter__(self) -> FhirServer:
        Thread(target=self._listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown()
        self._listener.server_close()

    def base(self, chart: str) -> str:
        return f"http://127.0.0.1:{self._listener.server_port}/{chart}/r4"

    @contextmanager
    def troubled(
        self, faults: Mapping[str, Fault] | None = None, pages: Mapping[str, int] | None = None
    ) -> Iterator[list[Asked]]:
        """Faults and page sizes by resource type, for the length of the block. Yields what the service asks in it."""
        self.asked, self._faults, self._pages = [], faults or {}, pages or {}
        try:
            yield self.asked
        finally:
            self._faults, self._pages = {}, {}

    def take(self, exchange: Exchange, body: bytes) -> None:
        parts = urlsplit(exchange.path)
        _, chart, _, *rest = [*parts.path.split("/"), ""]
        parameters = parse_qsl(parts.query, keep_blank_values=True)
        token = exchange.headers.get("Authorization", "").removeprefix("Bearer ")
        exchange.base = self.base(chart)
        exchange.answer = self._answer(chart, [one for one in rest if one], parameters, token, body)
        if token == EHR_TOKEN:
            exchange.send(exchange.answer)
            return
        target = exchange.path.removeprefix(f"/{chart}/r4").lstrip("/")
        exchange.asked = Asked(exchange.base, target, self._type(rest, parameters), token)
        exchange.nth = Counter(one.type for one in self.asked)[exchange.asked.type]
        self.asked.append(exchange.asked)
        self._faults.get(exchange.asked.type, _as_it_is)(exchange)

    def _type(self, rest: list[str], parameters: Parameters) -> str:
        """Also of a further page, whose address does not tell it."""
        page = dict(parameters).get("_getpages", "")
        return self._searches[int(page)][0] if page.isdigit() else rest[0]

    def _answer(self, name: str, rest: list[str], parameters: Parameters, token: str, body: bytes) -> Answer:
        if token not in (SERVICE_TOKEN, EHR_TOKEN):
            return failure(401, "login")
        chart = self.charts[name]
        if body:
            return _written({"resourceType": "Bundle", "type": "transaction-response", "entry": _moved(chart, body)})
        if len(rest) == 2:
            found = chart.resources.get("/".join(rest))
            return _written(found) if found else failure(404, "not-found")
        asked = dict(parameters)
        if "_getpages" in asked:
            return _written(self._page(name, int(asked["_getpages"]), int(asked["_getpagesoffset"]), asked["_count"]))
        try:
            self._searches.append((rest[0], chart.search(rest[0], parameters)))
        except NotUnderstood:
            return failure(400, "not-supported")
        return _written(self._page(name, len(self._searches) - 1, 0, asked.get("_count", "50")))

    def _page(self, name: str, search: int, start: int, count: str) -> Resource:
        """At most as many resources as asked for, fewer where the server likes smaller pages."""
        kind, found = self._searches[search]
        size = min(int(count), self._pages.get(kind, 1_000))
        base = self.base(name)
        entries = [
            {"fullUrl": f"{base}/{kind}/{one['id']}", "resource": one, "search": {"mode": "match"}}
            for one in found[start : start + size]
        ]
        further = f"{base}?_getpages={search}&_getpagesoffset={start + size}&_count={count}"
        links = [{"relation": "next", "url": further}] if start + size < len(found) else []
        return {
            "resourceType": "Bundle",
            "type": "searchset",
            "total": len(found),
            **({"link": links} if links else {}),
            **({"entry": entries} if entries else {}),
        }


def failure(status: int, code: str) -> Answer:
    issue = {"severity": "error", "code": code}
    return Answer(status, json.dumps({"resourceType": "OperationOutcome", "issue": [issue]}).encode())


def _written(resource: Resource) -> Answer:
    return Answer(200, json.dumps(resource).encode())


def _moved(chart: Chart, body: bytes) -> list[Resource]:
    transaction = cast(Resource, json.loads(body))
    return [{"response": {"status": "200", "location": place}} for place in chart.apply(transaction["entry"])]


def _as_it_is(exchange: Exchange) -> None:
    exchange.send(exchange.answer)
