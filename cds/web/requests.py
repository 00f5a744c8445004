"""What happens around every request: an id, the trace it is part of, the security headers, one line in the log."""

from __future__ import annotations

import re
from time import perf_counter
from typing import TYPE_CHECKING
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request

from cds.web import current
from cds.web.body import REFUSED, refuse
from cds.web.trace import continued

if TYPE_CHECKING:
    from cds.web.spans import CallSpan

_LOG = structlog.get_logger("cds")
_TRACED = frozenset({"services.call", "feedback.take"})
_ID = re.compile(r"[A-Za-z0-9._\-]{8,64}")
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

LOGGED = frozenset(
    {"service", "hook", "client", "refused", "recorded"}
    | {"cards", "critical", "warning", "info", "unanswered", "foreign", "unreadable", "remarks"}
    | {"quieted", "folded", "read", "feedback"}
)
"""What a page may add to the line of its request: names of our own and counts, nothing about a patient."""


def register(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_finish)


def note(**values: object) -> None:
    """Adds to the log line of this request. What is not listed is left out: a line too short does no harm."""
    g.noted.update({name: value for name, value in values.items() if name in LOGGED})


def _begin() -> None:
    """A caller's own id is taken over, so that its log and ours can be laid side by side."""
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _ID.fullmatch(given) else str(uuid4())
    g.trace = continued(request.headers.get("traceparent", ""))
    g.span = _span()
    g.laps = None
    g.began = perf_counter()
    g.noted = {}
    refuse(REFUSED)


def _span() -> CallSpan | None:
    """For hook calls and what became of their cards, where traces are sent; the trace of the request is then its."""
    spans = current.connections().spans
    if spans is None or request.url_rule is None or request.endpoint not in _TRACED or request.method != "POST":
        return None
    span = spans.begin(request.method, request.url_rule.rule, g.trace)
    g.trace = span.trace
    return span


def _finish(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-ID"] = g.request_id
    traced = {"trace": g.trace.id, "span": g.trace.span} if g.trace else {}
    if g.trace:
        response.headers["traceparent"] = g.trace.header
    seconds = perf_counter() - g.began
    route = request.url_rule.rule if request.url_rule else None
    current.connections().meters.request(request.method, route, response.status_code, seconds)
    if g.span:
        g.span.end(response.status_code, g.noted, g.laps.stages if g.laps else ())
    _LOG.info(
        "request",
        request=g.request_id,
        method=request.method,
        route=route,
        status=response.status_code,
        ms=round(seconds * 1_000, 2),
        bytes=request.content_length,
        **traced,
        **g.noted,
    )
    return response
