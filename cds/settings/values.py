"""How the text of one environment variable becomes a value; a text that cannot be one is refused in words."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import TypeAlias, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Network: TypeAlias = IPv4Network | IPv6Network
Value = TypeVar("Value")

Schema: TypeAlias = dict[str, object]

_YES_NO = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


_SCHEMAS: dict[object, Schema] = {}
"""By reader: what a text that it takes has to be, as JSON Schema has it."""

Reader = TypeVar("Reader", bound=Callable[[str], object])


def _described(read: Reader, schema: Schema) -> Reader:
    _SCHEMAS[read] = schema
    return read


def schema(read: Callable[[str], object]) -> Schema:
    """Of what a variable may say."""
    return _SCHEMAS.get(read, {"type": "string"})


def between(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(text)

    return _described(read, {"type": "integer", "minimum": low, "maximum": high})


def yes_no(text: str) -> bool:
    if text.lower() not in _YES_NO:
        raise ValueError(f"must be one of {', '.join(_YES_NO)}")
    return _YES_NO[text.lower()]


def one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return text.lower()

    return _described(read, {"enum": list(choices)})


def several(read: Callable[[str], Value]) -> Callable[[str], tuple[Value, ...]]:
    """Values with commas between them; one that is wrong is named by its position, it could be a secret."""

    def each(text: str) -> tuple[Value, ...]:
        found = []
        for position, part in enumerate(text.split(","), start=1):
            try:
                found.append(read(part.strip()))
            except ValueError as error:
                raise ValueError(f"(part {position}) {error}") from error
        return tuple(found)

    return _described(each, {"type": "string", "description": "several, separated by commas"})


def zone(text: str) -> str:
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError('must be the name of a time zone, such as "Europe/Vienna"') from error


def url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment or "@" in text:
        raise ValueError("must be an http or https URL without query")
    return text.rstrip("/")


def loopback(host: str) -> bool:
    """Whether nobody but this machine can reach it."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def origin(text: str) -> str:
    """As a browser sends it: scheme, host and port, nothing after them."""
    if urlsplit(url(text)).path or text != text.lower() or text.endswith("/"):
        raise ValueError('must be an origin in lower case, such as "https://ehr.example.org"')
    return text


def network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise ValueError('must be a network, such as "10.0.0.0/8"') from error


def file(text: str) -> Path:
    if not Path(text).is_file():
        raise ValueError("must name a file that exists")
    return Path(text)


def database(text: str) -> str:
    """The message does not repeat the text: it may hold a password."""
    if urlsplit(text).scheme not in ("sqlite", "postgresql", "postgres"):
        raise ValueError('must be a URL that begins with "sqlite:///" or "postgresql://"')
    return text


def secret(text: str) -> str:
    """At least 32 characters: a key that can be guessed protects nothing."""
    if len(text) < 32:
        raise ValueError("must have at least 32 characters; `openssl rand -hex 32` makes one")
    return text


_SCHEMAS |= {
    yes_no: {"enum": list(_YES_NO)},
    url: {"type": "string", "format": "uri", "pattern": "^https?://"},
    secret: {"type": "string", "minLength": 32},
    database: {"type": "string", "pattern": "^(sqlite|postgres|postgresql)://"},
}
