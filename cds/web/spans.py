"""Spans for OpenTelemetry: what a call took, and where, as an operator's own system draws it.

Imported only where spans are wanted; nothing else imports the library. What a span says stands on a list, and nothing
on it is about a patient.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Thread
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
    set_span_in_context,
)
from opentelemetry.util.re import parse_env_headers

from cds import __version__
from cds.settings import Settings
from cds.web.laps import Stage
from cds.web.trace import Trace

NOTED: Final = frozenset(
    {"service", "hook", "client", "recorded", "cards", "critical", "warning", "info", "unanswered", "foreign"}
    | {"unreadable", "quieted", "folded", "read", "feedback"}
)
"""What of the line that a request has in the log its span has as well: ``cds.`` and the name."""

_STOP_SECONDS: Final = 2.0  # for what has not been sent when a worker ends
_LOG = structlog.get_logger("cds")


class Spans:
    """Of one worker; nothing runs before ``start``. What cannot be sent in time is dropped: no call waits for it."""

    def __init__(self, settings: Settings) -> None:
        library = logging.getLogger("opentelemetry")
        library.addHandler(logging.NullHandler())  # it tells of every try, in words of others
        library.propagate = False
        self._settings = settings

    def start(self) -> None:
        """After the fork: a thread sends what is there, every five seconds unless OTEL_BSP_… says otherwise."""
        self._provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
        headers = parse_env_headers(self._settings.otlp_headers, liberal=True)
        exporter = OTLPSpanExporter(endpoint=self._settings.traces_url, headers=headers)
        self._provider.add_span_processor(BatchSpanProcessor(_Told(exporter)))
        self._tracer = self._provider.get_tracer("cds", __version__)

    def stop(self) -> None:
        """The library would wait half a minute for a collector that hangs."""
        stopping = Thread(target=self._provider.shutdown, daemon=True)
        stopping.start()
        stopping.join(_STOP_SECONDS)

    def begin(self, method: str, route: str, parent: Trace | None) -> CallSpan:
        """``parent``: of the caller. Without one a trace begins here."""
        name = {"http.request.method": method, "http.route": route}
        context = set_span_in_context(NonRecordingSpan(_remote(parent))) if parent else None
        span = self._tracer.start_span(f"{method} {route}", context, kind=SpanKind.SERVER, attributes=name)
        return CallSpan(self._tracer, span)


class CallSpan:
    """What this service does for one request. Also the trail that reads of FHIR servers follow."""

    def __init__(self, tracer: Tracer, span: Span) -> None:
        self._tracer = tracer
        self._span = span
        self._inside = set_span_in_context(span)
        self._offset = time.time_ns() - time.perf_counter_ns()
        self.trace = _trace(span)

    def asked(self, server: str) -> ReadSpan:
        """Of the address no more than the server: a query names the patient."""
        place = urlsplit(server)
        where = {"http.request.method": "GET", "url.scheme": place.scheme, "server.address": place.hostname or ""}
        port = {"server.port": place.port} if place.port else {}
        span = self._tracer.start_span("GET", self._inside, kind=SpanKind.CLIENT, attributes={**where, **port})
        return ReadSpan(span, _trace(span).header)

    def end(self, status: int, noted: Mapping[str, object], stages: Iterable[Stage]) -> None:
        if self._span.is_recording():
            for stage in stages:
                inner = self._tracer.start_span(stage.name, self._inside, start_time=self._offset + stage.began)
                inner.end(self._offset + stage.ended)
            self._span.set_attributes(
                {
                    f"cds.{name}": value
                    for name, value in noted.items()
                    if name in NOTED and isinstance(value, str | int)
                }
            )
            _answered(self._span, status, wrong=500)
        self._span.end()


@dataclass(frozen=True, slots=True)
class ReadSpan:
    """One request to a FHIR server."""

    span: Span
    header: str

    def answered(self, status: int, fault: str) -> None:
        if status:
            _answered(self.span, status, wrong=400)
        else:
            self.span.set_attribute("error.type", fault)
            self.span.set_status(Status(StatusCode.ERROR))
        self.span.end()


class _Told(SpanExporter):
    """The library's exporter, with a line in the log when it begins to fail, and when it works again."""

    def __init__(self, exporter: OTLPSpanExporter) -> None:
        self._exporter = exporter
        self._lost = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._exporter.export(spans)
        if result is SpanExportResult.FAILURE:
            if not self._lost:
                _LOG.warning("traces cannot be sent", lost=len(spans))
            self._lost += len(spans)
        elif self._lost:
            _LOG.info("traces can be sent again", lost=self._lost)
            self._lost = 0
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()  # type: ignore[no-untyped-call]  # published so


def _resource() -> Resource:
    """What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say counts more than what is said here."""
    own = {"service.name": "cds", "service.version": __version__, "service.instance.id": str(uuid4())}
    return Resource.create({**own, **OTELResourceDetector().detect().attributes})


def _remote(parent: Trace) -> SpanContext:
    flags = TraceFlags(TraceFlags.SAMPLED if parent.sampled else TraceFlags.DEFAULT)
    return SpanContext(int(parent.id, 16), int(parent.parent, 16), is_remote=True, trace_flags=flags)


def _trace(span: Span) -> Trace:
    context = span.get_span_context()
    return Trace(f"{context.trace_id:032x}", f"{context.span_id:016x}", context.trace_flags.sampled)


def _answered(span: Span, status: int, *, wrong: int) -> None:
    """``wrong``: the lowest status that is an error of this side, as the conventions for HTTP have it."""
    span.set_attribute("http.response.status_code", status)
    if status >= wrong:
        span.set_attribute("error.type", str(status))
        span.set_status(Status(StatusCode.ERROR))
