"""Connections to addresses that were checked: a name is resolved once, and what was checked is what is connected to."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Sequence

import anyio
import anyio.to_thread
import httpcore2

from cds.outbound.policy import Address, Policy, address_of
from cds.outbound.replies import Unreachable

Resolver = Callable[[str], Sequence[str]]
"""The addresses of a name, best first; raises OSError when it has none. May block: it runs in a thread."""

_RESOLVING = 8  # names at a time; a resolver that hangs holds its thread after the caller has gone
_NEXT_AFTER = 0.3  # seconds until an address that does not answer is given up for the next
_TRIED = 4  # addresses of one name


def system_resolver(name: str) -> Sequence[str]:
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


class PinnedBackend(httpcore2.AsyncNetworkBackend):
    """Lives as long as its connection pool. TLS above it still checks the certificate against the name."""

    def __init__(self, scheme: str, policy: Policy, resolve: Resolver) -> None:
        self._scheme = scheme
        self._policy = policy
        self._resolve = resolve
        self._plain = httpcore2.AnyIOBackend()
        self._threads = anyio.CapacityLimiter(_RESOLVING)

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Raises Unreachable when there is no address, none that may be connected to, or nobody there."""
        permitted = (await self._permitted(host))[:_TRIED]
        for left, address in zip(reversed(range(len(permitted))), permitted, strict=True):
            patience = _NEXT_AFTER if left else timeout
            try:
                return await self._plain.connect_tcp(str(address), port, patience, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        raise Unreachable("refused")

    async def _permitted(self, host: str) -> list[Address]:
        literal = address_of(host)
        found = [literal] if literal else map(address_of, await self._resolved(host))
        permitted = [each for each in found if each and self._policy.permits(each, self._scheme)]
        if not permitted:
            raise Unreachable("address")
        return permitted

    async def _resolved(self, name: str) -> Sequence[str]:
        found: Sequence[str]
        try:
            found = await anyio.to_thread.run_sync(self._resolve, name, abandon_on_cancel=True, limiter=self._threads)
        except (OSError, UnicodeError):
            found = ()
        if not found:
            raise Unreachable("name")
        return found
