"""What comes of asking another server: its reply, or why there is none."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Reason: TypeAlias = Literal[
    "address",  # not one that may be connected to, or no URL that is understood
    "name",  # has no address
    "refused",
    "reset",  # the connection broke
    "timeout",
    "tls",
    "redirect",
    "too-large",
    "protocol",
]

_GZIPPED = ("gzip", "x-gzip")
_GZIP = 31  # zlib's number for "gzip, largest window"


class Unreachable(Exception):
    """There is no reply. ``str()`` is the reason alone: URLs may hold a patient's id, headers hold tokens."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class Reply:
    """``headers``: names in lower case. ``body``: decoded. Neither is shown: both may be about a patient."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"Reply(status={self.status}, {len(self.body)} bytes)"


async def body_of(pieces: AsyncIterable[bytes], headers: Mapping[str, str], limit: int) -> bytes:
    """The decoded body; raises Unreachable when it is larger than ``limit``, as it is sent or as it is meant."""
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", *_GZIPPED):
        raise Unreachable("protocol")
    announced = headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > limit:
        raise Unreachable("too-large")
    body = bytearray()
    async for piece in pieces:
        body += piece
        if len(body) > limit:
            raise Unreachable("too-large")
    return _inflated(bytes(body), limit) if encoding in _GZIPPED else bytes(body)


def _inflated(body: bytes, limit: int) -> bytes:
    inflated = bytearray()
    while body:  # one member after the other
        member = zlib.decompressobj(_GZIP)
        try:
            inflated += member.decompress(body, limit + 1 - len(inflated))
        except zlib.error:
            body = b""
        if len(inflated) > limit:
            raise Unreachable("too-large")
        if not member.eof:
            raise Unreachable("protocol")
        body = member.unused_data
    return bytes(inflated)
