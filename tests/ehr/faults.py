"""What FHIR servers do in the field instead of answering."""

from __future__ import annotations

import gzip
import json
import socket
import struct
import time
from dataclasses import replace
from typing import Any

from tests.ehr.chart import Resource
from tests.ehr.fhir_server import Answer, Exchange, Fault, failure


def slow(seconds: float) -> Fault:
    def fault(exchange: Exchange) -> None:
        time.sleep(seconds)
        exchange.send(exchange.answer)

    return fault


def drip(exchange: Exchange) -> None:
    """A byte now and then: no pause is long, the whole takes for ever."""
    exchange.begin(exchange.answer)
    for position in range(len(exchange.answer.body)):
        exchange.wfile.write(exchange.answer.body[position : position + 1])
        exchange.wfile.flush()
        time.sleep(0.1)


def status(code: int, **headers: str) -> Fault:
    answer = failure(code, "exception")
    answer.headers |= {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda exchange: exchange.send(answer)


def once(fault: Fault) -> Fault:
    """Then it answers."""
    return lambda exchange: exchange.send(exchange.answer) if exchange.nth else fault(exchange)


def reset(exchange: Exchange) -> None:
    """The connection ends without a word."""
    exchange.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    exchange.connection.close()
    exchange.close_connection = True


def body_cut_off(exchange: Exchange) -> None:
    """Half of what was announced, then the connection ends."""
    exchange.begin(exchange.answer)
    exchange.wfile.write(exchange.answer.body[: len(exchange.answer.body) // 2])
    exchange.close_connection = True


def json_cut_off(exchange: Exchange) -> None:
    exchange.send(replace(exchange.answer, body=exchange.answer.body[: len(exchange.answer.body) // 2]))


def _in_its_place(body: bytes, kind: str = "application/fhir+json") -> Fault:
    return lambda exchange: exchange.send(Answer(200, body, {"Content-Type": kind}))


html = _in_its_place(b"<html><body>Please log in</body></html>", "text/html")
nothing = _in_its_place(b"")
another_type = _in_its_place(b'{"resourceType": "Coverage", "id": "c1", "status": "active"}')
no_resource = _in_its_place(b'[{"resourceType": "Bundle"}]')
outcome = _in_its_place(failure(200, "exception").body)


def gzipped(exchange: Exchange) -> None:
    headers = {**exchange.answer.headers, "Content-Encoding": "gzip"}
    exchange.send(Answer(exchange.answer.status, gzip.compress(exchange.answer.body), headers))


def redirected(address: str) -> Fault:
    """``{base}`` in an address is that of the chart."""
    return lambda exchange: status(302, Location=address.format(base=exchange.base))(exchange)


def _changed(exchange: Exchange, **members: Any) -> Resource:
    return {**json.loads(exchange.answer.body), **members}


def _next(exchange: Exchange, address: str) -> None:
    further = _changed(exchange, link=[{"relation": "next", "url": address}])
    exchange.send(replace(exchange.answer, body=json.dumps(further).encode()))


def loop(exchange: Exchange) -> None:
    """The next page is this page."""
    _next(exchange, f"{exchange.base}/{exchange.asked.target}")


def leads_to(address: str) -> Fault:
    """The next page is said to be somewhere else; ``{base}`` in an address is that of the chart."""
    return lambda exchange: _next(exchange, address.format(base=exchange.base))


def garbage(exchange: Exchange) -> None:
    """Resources that are none, between those that are."""
    kind = exchange.asked.type
    wrong: list[Any] = [None, 7, "x", {}, {"resource": None}, {"resource": []}, {"resource": {"resourceType": 7}}]
    wrong += [{"resource": {"resourceType": kind, "id": 5, "code": "x", "status": [], "subject": 3}}]
    entries = json.loads(exchange.answer.body).get("entry", [])
    mixed = _changed(exchange, entry=[*wrong, *entries, *wrong])
    exchange.send(replace(exchange.answer, body=json.dumps(mixed).encode()))
