"""The log: one JSON object a line on standard error."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog

from cds.web.requests import LOGGED

NAMES = (
    LOGGED
    | {"event", "level", "timestamp", "request", "method", "route", "status", "ms", "bytes", "kind", "at"}
    | {"reach", "why", "reason", "segment", "records", "kept", "decisions", "lost", "keys_of_seconds_ago", "problem"}
    | {"shift", "worker", "seconds", "fingerprint", "exit_code"}
)
"""All that a line may have: nothing that is not on this list is written, whoever gives it (P2)."""


def configure(level: str) -> None:
    """Call once per process, before the first line."""
    structlog.configure(
        processors=[
            _listed,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(serializer=orjson.dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )


def _listed(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: value for name, value in line.items() if name in NAMES}
