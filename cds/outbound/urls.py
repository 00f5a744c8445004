"""URLs as far as they are ever connected to: http and https, plain host, plain path. Anything clever is none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote

PORTS = {"http": 80, "https": 443}

_URL = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(?:/[a-z0-9._~$&+,:=@!'()*-]*)*)"
    r"(?:\?(?P<query>[\x21\x22\x24-\x7e]*))?",  # visible ASCII without "#"
    re.IGNORECASE | re.ASCII,
)
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LEGAL_IN_QUERY = "%!$&'()*+,-./:;=?@_~[]"


@dataclass(frozen=True, slots=True)
class Url:
    """``host`` in lower case, an IPv6 address in its short form without brackets. ``path`` begins with "/" or is ""."""

    scheme: str
    host: str
    port: int
    path: str
    query: str | None

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """Host and port, without the port where it is the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def target(self) -> str:
        """What is asked for, as it goes over the wire: some servers refuse the ``|`` of FHIR's tokens."""
        query = "" if self.query is None else f"?{quote(self.query, safe=_LEGAL_IN_QUERY)}"
        return (self.path or "/") + query


def parsed(text: str) -> Url | None:
    """None for what two readers could understand differently: user names, backslashes, dot segments, escapes or
    parameters in the path, empty segments, fragments, numbers that some take for addresses, zones, other alphabets.
    """
    found = _URL.fullmatch(text)
    if found is None:
        return None
    scheme, path = found["scheme"].lower(), found["path"]
    host, port = _host(found["host"].lower()), int(found["port"] or PORTS[scheme])
    if host is None or not 0 < port < 65_536 or "//" in path or {".", ".."} & set(path.split("/")):
        return None
    return Url(scheme, host, port, path, found["query"])


def _host(text: str) -> str | None:
    try:
        if text.startswith("["):
            return str(IPv6Address(text[1:-1]))
        labels = text.split(".")
        if _NUMBER.fullmatch(labels[-1]):
            return str(IPv4Address(text))
    except ValueError:
        return None
    return text if all(map(_LABEL.fullmatch, labels)) else None
