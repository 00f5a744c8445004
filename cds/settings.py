"""What a deployment may set, read from the environment once; ``docs/operations.md`` documents every variable."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cds.errors import SettingsError

_LEVELS = ("debug", "info", "warning", "error")
_YES_NO = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def _cores() -> int:
    """The cores this process may use, not those of the machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The defaults serve one machine: loopback only, the rulesets of the working directory."""

    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = _cores()
    public_url: str = ""  # where clients reach the service, without trailing slash; "": as it is bound
    rulesets: Path = Path("rulesets")
    parameters: Path | None = None
    time_zone: str = "UTC"
    max_body_bytes: int = 5_000_000
    body_seconds: int = 30
    max_cards: int = 6
    cross_check: bool = True
    log_level: str = "info"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Raises ``SettingsError`` that lists every variable that is unknown or has no usable value."""
        problems = [_unknown(name) for name in environment if name.startswith("CDS_") and name not in _KNOWN]
        values: dict[str, Any] = {}
        for variable in _VARIABLES:
            name = next((name for name in variable.names if environment.get(name)), None)
            if name is None:
                continue
            try:
                values[variable.field] = variable.read(environment[name])
            except ValueError as error:
                problems.append(f"{name} {error}")
        if problems:
            raise SettingsError("\n".join(problems))
        return cls(**values)

    @property
    def url(self) -> str:
        """Where clients reach the service."""
        return self.public_url or f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


def _unknown(name: str) -> str:
    near = get_close_matches(name, _KNOWN, n=1)
    return f"{name} is no setting" + (f"; did you mean {near[0]}?" if near else "")


def _between(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(text)

    return read


def _yes_no(text: str) -> bool:
    if text.lower() not in _YES_NO:
        raise ValueError(f"must be one of {', '.join(_YES_NO)}")
    return _YES_NO[text.lower()]


def _zone(text: str) -> str:
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError('must be the name of a time zone, such as "Europe/Vienna"') from error


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ValueError("must be an http or https URL without query")
    return text.rstrip("/")


def _file(text: str) -> Path:
    if not Path(text).is_file():
        raise ValueError("must name a file that exists")
    return Path(text)


def _level(text: str) -> str:
    if text.lower() not in _LEVELS:
        raise ValueError(f"must be one of {', '.join(_LEVELS)}")
    return text.lower()


class _Variable(NamedTuple):
    """``names``: the first that is set, and not to nothing, counts."""

    names: tuple[str, ...]
    field: str
    read: Callable[[str], object]


_VARIABLES = (
    _Variable(("CDS_HOST", "HOST"), "host", str),
    _Variable(("CDS_PORT", "PORT"), "port", _between(1, 65_535)),
    _Variable(("CDS_WORKERS",), "workers", _between(1, 256)),
    _Variable(("CDS_PUBLIC_URL",), "public_url", _url),
    _Variable(("CDS_RULESETS",), "rulesets", Path),
    _Variable(("CDS_PARAMETERS",), "parameters", _file),
    _Variable(("CDS_TIME_ZONE",), "time_zone", _zone),
    _Variable(("CDS_MAX_BODY_BYTES",), "max_body_bytes", _between(1_000, 100_000_000)),
    _Variable(("CDS_BODY_SECONDS",), "body_seconds", _between(1, 600)),
    _Variable(("CDS_MAX_CARDS",), "max_cards", _between(1, 50)),
    _Variable(("CDS_CROSS_CHECK",), "cross_check", _yes_no),
    _Variable(("CDS_LOG_LEVEL",), "log_level", _level),
)
_KNOWN = tuple(name for variable in _VARIABLES for name in variable.names)
