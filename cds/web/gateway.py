"""Between the HTTP server and the application: a body is received whole before the application sees its request.

A worker computes one request at a time. Receiving takes no turn: any number of clients may send as slowly as they like
without keeping others waiting, each for a limited time and all within a limited memory. Whatever is complete gets in
line for its turn (``cds.web.turns``), in threads where a call may have to wait for others.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from functools import partial
from io import BytesIO
from typing import Any, Protocol, TypeAlias

from granian.rsgi import ProtocolClosed, ProtocolError  # type: ignore[attr-defined]  # published so

from cds.errors import BodyTooSlow, Busy, CdsError, RequestError
from cds.settings import Settings
from cds.web.board import Post
from cds.web.body import REFUSED, REFUSED_BODY, check_size
from cds.web.connections import Connections
from cds.web.head import check_head
from cds.web.health import doubts
from cds.web.transport import PROBES
from cds.web.turns import Gone, Line, Turns

Environment: TypeAlias = dict[str, Any]
Application: TypeAlias = Callable[[Environment, Callable[..., Any]], Iterable[bytes]]
Reply: TypeAlias = tuple[int, list[tuple[str, str]], bytes]

_BODIES_AT_ONCE = 20  # of the largest size, per worker
_SMALL = 65_536  # bytes; a body that comes in one piece or two
_GATHERED_AT_ONCE = 20  # larger bodies, per worker
_SHORT = "the body is shorter than its Content-Length"
_FAREWELL = ("connection", "close")  # whoever goes on asking connects anew, and meets another worker
_EXAMINED_SECONDS = 5.0
_COLLECT_EVERY = 200  # requests; see docs/operations.md
_COLLECT_ALL_EVERY = 20_000


class Scope(Protocol):
    """The part of an RSGI scope that is used."""

    method: str
    path: str
    query_string: str
    scheme: str
    client: str
    http_version: str
    headers: Any


class Exchange(Protocol):
    """The part of the RSGI protocol that is used: the body whole or in pieces, and the response."""

    async def __call__(self) -> bytes: ...

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    async def client_disconnect(self) -> None: ...

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None: ...


class Gateway:
    """An RSGI application around a WSGI one. Made before the workers are forked; each has its own from then on."""

    def __init__(self, application: Application, settings: Settings, connections: Connections, post: Post) -> None:
        self.application = application
        self._post = post
        self._settings = settings
        self._connections = connections
        self._turns = Turns() if settings.may_wait else Line()
        self._limit = settings.max_body_bytes
        self._seconds = settings.body_seconds
        self._held = 0  # bytes received for requests that are not complete yet
        self._gathered = 0  # bodies that the server is gathering
        self._served = 0

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """What is loaded by now stays; only what requests leave behind is collected, between requests."""
        gc.collect()
        gc.freeze()
        gc.disable()
        self._connections.start()
        self._examine(loop)

    def __rsgi_del__(self, _: asyncio.AbstractEventLoop) -> None:
        """The last call is answered."""
        self._turns.close()
        self._connections.stop()

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        environment = _environment(scope)
        try:
            check_head(scope)
            if scope.method not in ("GET", "HEAD"):
                await self._receive(environment, scope, exchange)
        except CdsError as refused:
            environment[REFUSED] = refused
        try:
            reply = await self._replied(environment, scope, exchange)
        except Gone:
            return
        if self._post.leaving:
            reply[1].append(_FAREWELL)
        exchange.response_bytes(*reply)
        self._collect()

    async def _replied(self, environment: Environment, scope: Scope, exchange: Exchange) -> Reply:
        if REFUSED in environment or scope.path in PROBES:
            return _run(self.application, environment)
        try:
            return await self._turns.take(partial(_run, self.application, environment), exchange.client_disconnect)
        except Busy as busy:
            environment[REFUSED] = busy
            return _run(self.application, environment)

    async def _receive(self, environment: Environment, scope: Scope, exchange: Exchange) -> None:
        """Puts the body, or why there is none, into the environment.

        No more than one byte beyond the limit is kept: enough for the application to see that it was too much. Raises
        ``Busy``, which is told before the token is looked at: it is still good when the call comes again.
        """
        announced = int(scope.headers.get("content-length", 0))
        try:
            check_size(announced, self._limit)
            body = await (self._at_once(exchange) if self._has_room(announced) else self._in_pieces(exchange))
            _check_whole(body, announced, self._limit)
        except Busy:
            raise
        except CdsError as refused:
            environment[REFUSED_BODY] = refused
            body = b""
        environment["wsgi.input"] = BytesIO(body)
        environment["CONTENT_LENGTH"] = str(len(body))

    def _has_room(self, announced: int) -> bool:
        """A body whose length is announced may be gathered by the server itself, which is faster, as long as few large
        ones are under way: what the server holds of them is not counted.
        """
        return 0 < announced <= _SMALL or (announced > 0 and self._gathered < _GATHERED_AT_ONCE)

    async def _at_once(self, exchange: Exchange) -> bytes:
        self._gathered += 1
        try:
            async with asyncio.timeout(self._seconds):
                return await exchange()
        except TimeoutError as error:
            raise self._too_slow() from error
        except (ProtocolClosed, ProtocolError) as error:
            raise RequestError(_SHORT) from error
        finally:
            self._gathered -= 1

    async def _in_pieces(self, exchange: Exchange) -> bytes:
        pieces: list[bytes] = []
        received = 0
        try:
            async with asyncio.timeout(self._seconds):
                async for piece in exchange:
                    pieces.append(piece)
                    received += len(piece)
                    self._held += len(piece)
                    if received > self._limit:
                        break
                    if self._held > _BODIES_AT_ONCE * self._limit:
                        raise Busy("too much is being received at once; try again")
        except TimeoutError as error:
            raise self._too_slow() from error
        except (ProtocolClosed, ProtocolError) as error:
            raise RequestError(_SHORT) from error
        finally:
            self._held -= received
        return b"".join(pieces)[: self._limit + 1]

    def _examine(self, loop: asyncio.AbstractEventLoop) -> None:
        """How this worker is: told on /readyz only when it is asked, and by whichever worker that is."""
        wrong = dict(doubts(self._settings, self._connections, self._post))
        self._connections.meters.degraded(wrong, self._connections.journal.state().lost)
        loop.call_later(_EXAMINED_SECONDS, self._examine, loop)

    def _too_slow(self) -> BodyTooSlow:
        return BodyTooSlow(f"the body has to arrive within {self._seconds} seconds")

    def _collect(self) -> None:
        self._served += 1
        if self._served % _COLLECT_EVERY == 0:
            gc.collect(2 if self._served % _COLLECT_ALL_EVERY == 0 else 1)


def _check_whole(body: bytes, length: int, limit: int) -> None:
    """A client that hangs up halfway has not sent what it announced; half a body must not be taken for a whole one."""
    if len(body) < min(length, limit + 1):
        raise RequestError(_SHORT)


def _environment(scope: Scope) -> Environment:
    """PEP 3333: texts of the address are UTF-8 told as Latin-1. No length is claimed before the body is there."""
    environment: Environment = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string.encode().decode("latin-1"),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        if name == "content-type":
            environment["CONTENT_TYPE"] = value
        elif name not in ("content-length", "transfer-encoding"):
            key = f"HTTP_{name.upper().replace('-', '_')}"
            environment[key] = f"{environment[key]},{value}" if key in environment else value
    return environment


def _run(application: Application, environment: Environment) -> Reply:
    started: list[tuple[int, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _: object = None) -> None:
        started.append((int(status[:3]), headers))

    chunks = application(environment, start)
    body = b"".join(chunks)
    close = getattr(chunks, "close", None)
    if close is not None:
        close()
    return (*started[-1], body)
