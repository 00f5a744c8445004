"""Asking other servers: GET over verified TLS to checked addresses, within a time and a size that cannot be outlasted.

What an HTTP client usually does of itself is left out here: it follows no redirect, keeps no cookie, takes no proxy
from the environment and writes no URL to the log.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import threading
from collections.abc import Coroutine, Mapping
from concurrent.futures import CancelledError, Future
from types import MappingProxyType
from typing import Any, Final, TypeVar

import httpcore2

from cds.errors import SettingsError
from cds.outbound.connecting import PinnedBackend, Resolver, system_resolver
from cds.outbound.policy import Policy
from cds.outbound.replies import Reason, Reply, Unreachable, body_of
from cds.outbound.urls import PORTS, parsed

__all__ = ["Outbound", "Policy", "Reason", "Reply", "Unreachable"]

Found = TypeVar("Found")

NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})

_CONNECTIONS = 64
_IDLE_CONNECTIONS = 16
_IDLE_SECONDS = 15.0
_ANSWER_SECONDS = 10.0
_GRACE = 0.25  # seconds a caller waits beyond its deadline for a loop that is busy


class Outbound:
    """Lives as long as its process. Its loop runs in a thread that starts with the first request, after a fork anew."""

    def __init__(self, policy: Policy, *, resolve: Resolver = system_resolver) -> None:
        """Raises SettingsError when ``policy.ca_file`` holds no certificates."""
        self._policy = policy
        self._resolve = resolve
        self._tls = _trust(policy)
        self._starting = threading.Lock()
        self._running: _Loop | None = None
        self._left_behind: _Loop | None = None  # by a fork: it has no thread here, and nothing of it can be closed

    async def get(
        self, url: str, *, headers: Mapping[str, str] = NO_HEADERS, limit: int, seconds: float = _ANSWER_SECONDS
    ) -> Reply:
        """The reply of any status but a redirect. ``limit``: bytes of the body once it is decoded.

        Runs on the loop: inside ``run`` or ``spawn``. Raises Unreachable.
        """
        try:
            async with asyncio.timeout(seconds):
                return await self._get(url, headers, limit)
        except TimeoutError:
            pass
        raise Unreachable("timeout")

    async def _get(self, url: str, headers: Mapping[str, str], limit: int) -> Reply:
        target = parsed(url)
        if target is None:
            raise Unreachable("address")
        asked = {"host": target.authority, "accept-encoding": "gzip", **headers}
        address = httpcore2.URL(
            scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.target.encode()
        )
        reason: Reason
        try:
            async with self._loop.pools[target.scheme].stream("GET", address, headers=_encoded(asked)) as response:
                return await _reply(response, limit)
        except httpcore2.ConnectError:  # the backend says by itself when there is no connection
            reason = "tls"
        except (httpcore2.NetworkError, httpcore2.TimeoutException):  # no time was set: it is the system's own
            reason = "reset"
        except httpcore2.ProtocolError as error:
            # Only a server that goes away without a word is told of without a breach of the protocol behind it.
            reason = "protocol" if error.__context__ else "reset"
        # Raised out here it carries no trace of the other error, whose words may quote what was sent.
        raise Unreachable(reason)

    def run(self, coroutine: Coroutine[Any, Any, Found], *, seconds: float) -> Found:
        """Runs it on the loop and waits for it, from another thread. Raises Unreachable("timeout") after that time."""
        future = self._loop.start(_within(coroutine, seconds))
        reason: Reason
        try:
            return future.result(seconds + _GRACE)
        except TimeoutError:
            future.cancel()
            reason = "timeout"
        except CancelledError:  # the service is going down
            reason = "reset"
        raise Unreachable(reason)

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Runs it on the loop in the background. It has to deal with its own errors."""
        self._loop.start(coroutine)

    def close(self) -> None:
        """Ends what is under way. The next request would start the loop again."""
        with self._starting:
            running, self._running = self._running, None
        if running is not None and running.process == os.getpid():
            running.close()

    @property
    def _loop(self) -> _Loop:
        with self._starting:
            if self._running is None or self._running.process != os.getpid():
                self._left_behind, self._running = self._running, _Loop(self._policy, self._resolve, self._tls)
            return self._running


class _Loop:
    """Lives until it is closed, in one process: a thread with an event loop, and the connections that belong to it."""

    def __init__(self, policy: Policy, resolve: Resolver, tls: ssl.SSLContext) -> None:
        self.process = os.getpid()
        self.pools = {
            scheme: httpcore2.AsyncConnectionPool(
                ssl_context=tls,
                max_connections=_CONNECTIONS,
                max_keepalive_connections=_IDLE_CONNECTIONS,
                keepalive_expiry=_IDLE_SECONDS,
                network_backend=PinnedBackend(scheme, policy, resolve),
            )
            for scheme in PORTS
        }
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="outbound", daemon=True)
        self._thread.start()

    def start(self, coroutine: Coroutine[Any, Any, Found]) -> Future[Found]:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def close(self) -> None:
        self.start(self._end()).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for pool in self.pools.values():
            await pool.aclose()


async def _within(coroutine: Coroutine[Any, Any, Found], seconds: float) -> Found:
    try:
        async with asyncio.timeout(seconds):
            return await coroutine
    except TimeoutError:
        pass
    raise Unreachable("timeout")


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers.items()]


async def _reply(response: httpcore2.Response, limit: int) -> Reply:
    if 300 <= response.status < 400:
        raise Unreachable("redirect")
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    return Reply(response.status, headers, await body_of(response.aiter_stream(), headers, limit))


def _trust(policy: Policy) -> ssl.SSLContext:
    context = httpcore2.default_ssl_context()
    if policy.ca_file is not None:
        try:
            context.load_verify_locations(policy.ca_file)
        except (ssl.SSLError, OSError) as error:
            raise SettingsError("CDS_CA_FILE holds no certificates in PEM") from error
    return context
