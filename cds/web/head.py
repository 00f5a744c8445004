"""The head of a request: what is too long, or what two servers in a row could take in two ways, is refused.

The server itself refuses lengths that are no number, two that differ, folded lines and white space before a colon, and
where a length stands beside "chunked" it goes by the chunks and closes the connection afterwards.
"""

from __future__ import annotations

from typing import Any, Protocol

from cds.errors import HeadersTooLarge, RequestError

HEADERS_BYTES = 32_768
_ONCE = ("authorization", "content-encoding", "content-type", "host", "origin", "transfer-encoding")


class Head(Protocol):
    """The part of an RSGI scope that is used."""

    http_version: str
    headers: Any


def check_head(head: Head) -> None:
    """Raises ``HeadersTooLarge`` or ``RequestError``; the message repeats nothing of what was sent."""
    names = []
    size = 0
    for name, value in head.headers.items():
        names.append(name)
        size += len(name) + len(value) + len(": \r\n")
    if size > HEADERS_BYTES:
        raise HeadersTooLarge(f"the headers may have at most {HEADERS_BYTES} bytes")
    for name in _ONCE:
        if names.count(name) > 1:
            raise RequestError(f"the header {name} may occur only once")
    if "host" not in names and head.http_version != "1.0":
        raise RequestError("the header host is missing")
    if head.headers.get("transfer-encoding", "chunked").strip().lower() != "chunked":
        raise RequestError("the header transfer-encoding must be chunked")
