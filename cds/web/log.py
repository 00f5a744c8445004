"""The log: one JSON object a line on standard error; for a person at a terminal, a line to read."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import orjson
import structlog

from cds.web.requests import LOGGED
from cds.web.sink import Sink

NAMES = (
    LOGGED
    | {"event", "level", "timestamp", "request", "trace", "span", "method", "route", "status", "ms", "bytes"}
    | {"kind", "at", "reach", "why", "reason", "segment", "records", "kept", "decisions", "lost", "problem", "head"}
    | {"keys_of_seconds_ago", "shift", "worker", "seconds", "fingerprint", "exit_code", "left_out"}
    | {"address", "open_to", "unreviewed"}
)
"""All that a line may have: nothing that is not on this list is written, whoever gives it (P2)."""

OF_THE_SERVER: Final[dict[str, Any]] = {
    "handlers": {"lines": {"class": "cds.web.log.Lines"}},
    "formatters": {},
    "loggers": {"_granian": {"handlers": ["lines"], "propagate": False}},
}
"""For Granian, which would write lines of its own kind to standard output."""

_STANDARD_ERROR = 2
_LOG = structlog.get_logger("cds")


def configure(level: str) -> None:
    """Call once per process, before the first line."""
    terminal = sys.stderr.isatty()
    structlog.configure(
        processors=[
            _listed,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *(_for_a_person() if terminal else [structlog.processors.JSONRenderer(serializer=orjson.dumps)]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=_logger(terminal),
        cache_logger_on_first_use=True,
    )


def announce(event: str, *, level: int = logging.INFO, **values: object) -> None:
    """A line that is written whatever the level: that the service serves, or why it does not."""
    factory = structlog.get_config()["logger_factory"]
    whatever = structlog.make_filtering_bound_logger(logging.NOTSET)
    structlog.wrap_logger(factory(), wrapper_class=whatever).log(level, event, **values)


class Lines(logging.Handler):
    """What the server says, as a line of this log: the first line of its words, since a trace could quote a request."""

    def emit(self, record: logging.LogRecord) -> None:
        words = record.getMessage().partition("\n")[0]
        _LOG.log(record.levelno, "server", problem=words)


def _logger(terminal: bool) -> Any:
    if terminal:
        return structlog.PrintLoggerFactory(sys.stderr)
    sink = Sink(_STANDARD_ERROR)
    return lambda *_: sink


def _for_a_person() -> list[Any]:
    return [structlog.dev.ConsoleRenderer(colors="NO_COLOR" not in os.environ)]


def _listed(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A name that is not listed is a mistake of ours: it is counted where it would have stood."""
    listed = {name: value for name, value in line.items() if name in NAMES}
    return listed if len(listed) == len(line) else {**listed, "left_out": len(line) - len(listed)}
