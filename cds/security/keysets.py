"""The keys that clients publish at their ``jku``: read ahead of need, kept while they cannot be read, for a day.

A call waits for another server only when its token has a kid that is not known, that server was not found to be away,
and nobody asked it within the last half minute; then for a second at most.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import inf
from typing import Final, NamedTuple, TypeAlias

import structlog

from cds.outbound import Outbound, Reply, Unreachable
from cds.security.clients import Client, Clients
from cds.security.keys import MAX_BYTES, NO_KEYS, Key, KeySet, NoKeySet, key_set

PAUSE: Final = 30.0
"""Seconds between two readings of a set, at least, whoever asks for it."""

FRESH: Final = 240.0
"""Seconds after which a set is read anew, whatever its server says: a key that was withdrawn is refused within five
minutes.
"""

STALE: Final = 86_400.0
"""Seconds for which the keys last read are used while they cannot be read."""

_UNSAID: Final = 300.0  # seconds, of a reply that does not say how long it holds
_AHEAD: Final = 0.8  # of that time is let pass
_READING: Final = 5.0  # seconds, for one reading
_WAIT: Final = 1.0  # seconds after the start of a reading for which calls wait for it
_WAITING: Final = 4  # calls of a process, over all clients
_TICK: Final = 5.0
_WARN_AGAIN: Final = 3_600.0

_MAX_AGE = re.compile(r"max-age=\"?(\d{1,9})", re.IGNORECASE | re.ASCII)
_LOG = structlog.get_logger("cds")


Seen: TypeAlias = Callable[[str, str], None]
"""Is told of every reading: of which client, and "read" or "failed"."""


def unseen(_client: str, _result: str) -> None:
    """Nobody looks on."""


class Answer(NamedTuple):
    """What comes of asking for a set. ``seconds``: until it is due again; ``failure``: why there is none, else ""."""

    found: KeySet = NO_KEYS
    seconds: float = 0.0
    failure: str = ""


async def asked(client: Client, outbound: Outbound) -> Answer:
    """The key set that a client publishes. Runs on the loop of ``outbound``."""
    try:
        reply = await outbound.get(client.key_address, limit=MAX_BYTES, seconds=_READING)
        return Answer(_set_of(reply, client.rsa_bits), _until_due(reply.headers.get("cache-control", "")))
    except (Unreachable, NoKeySet) as error:
        return Answer(failure=str(error))


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of a published set. ``failure``: why it could not be read when last tried, "" when it could."""

    found: KeySet = NO_KEYS
    read_at: float = -inf
    due: float = -inf
    failure: str = ""


class PublishedKeys:
    """One client's, for as long as the process lives."""

    def __init__(
        self,
        client: Client,
        outbound: Outbound,
        clock: Callable[[], float],
        waiting: threading.Semaphore,
        seen: Seen = unseen,
    ) -> None:
        self._client = client
        self._outbound = outbound
        self._clock = clock
        self._waiting = waiting
        self._seen = seen
        self._lock = threading.Lock()
        self._asked_at = -inf
        self._warned_at = -inf
        self._done = threading.Event()
        self._done.set()
        self.reading = Reading()

    def key(self, kid: str) -> Key | None:
        found = self._known(kid)
        if found is None or self.is_due:
            self.refresh()
        if found is None and not self.reading.failure:
            self._wait()
            found = self._known(kid)
        return found

    @property
    def is_due(self) -> bool:
        return self._clock() >= self.reading.due

    def refresh(self) -> None:
        """Begins to read the set, unless that is under way or was begun less than ``PAUSE`` ago."""
        with self._lock:
            now = self._clock()
            if not self._done.is_set() or now < self._asked_at + PAUSE:
                return
            self._asked_at = now
            self._done.clear()
        self._outbound.spawn(self._read())

    def wait(self, seconds: float) -> None:
        """Until a reading that is under way has ended."""
        self._done.wait(seconds)

    def _wait(self) -> None:
        if self._waiting.acquire(blocking=False):
            try:
                self.wait(max(0.0, self._asked_at + _WAIT - self._clock()))
            finally:
                self._waiting.release()

    def _known(self, kid: str) -> Key | None:
        reading = self.reading
        return reading.found.keys.get(kid) if self._clock() <= reading.read_at + STALE else None

    async def _read(self) -> None:
        try:
            answer = await asked(self._client, self._outbound)
            (self._failed if answer.failure else self._succeeded)(answer)
            self._seen(self._client.name, "failed" if answer.failure else "read")
        finally:
            self._done.set()

    def _succeeded(self, answer: Answer) -> None:
        now = self._clock()
        if self.reading.failure:
            _LOG.info("key set can be read again", client=self._client.name)
        self._warned_at = -inf
        self.reading = Reading(answer.found, now, now + answer.seconds)

    def _failed(self, answer: Answer) -> None:
        now = self._clock()
        if now >= self._warned_at + _WARN_AGAIN:
            self._warned_at = now
            age = now - self.reading.read_at
            _LOG.warning(
                "key set cannot be read",
                client=self._client.name,
                reason=answer.failure,
                keys_of_seconds_ago=round(age) if age < STALE else None,
            )
        self.reading = replace(self.reading, failure=answer.failure)


class KeySets:
    """Every client's keys, those of its file and those it publishes. Lives as long as its process: start it after a
    fork.
    """

    def __init__(
        self, clients: Clients, outbound: Outbound, clock: Callable[[], float] = time.monotonic, seen: Seen = unseen
    ) -> None:
        waiting = threading.Semaphore(_WAITING)
        self._published = {
            client.name: PublishedKeys(client, outbound, clock, waiting, seen)
            for client in clients
            if client.key_address
        }
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def key(self, client: Client, kid: str) -> Key | None:
        """The key of a client that goes by this kid; one of its file goes before a published one."""
        found = client.keys.keys.get(kid)
        if found is None and client.key_address:
            return self._published[client.name].key(kid)
        return found

    def start(self, *, wait: float = 0.0) -> None:
        """Reads all sets, and from then on whenever one is due. Waits that many seconds for the first reading."""
        self._thread = threading.Thread(target=self._keep_reading, name="key sets", daemon=True)
        self._thread.start()
        end = time.monotonic() + wait
        self.refresh_due()
        for published in self._published.values():
            published.wait(max(0.0, end - time.monotonic()))

    def close(self) -> None:
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def refresh_due(self) -> None:
        """Begins to read every set whose time it is."""
        for published in self._published.values():
            if published.is_due:
                published.refresh()

    @property
    def readings(self) -> Mapping[str, Reading]:
        """By the name of the client that publishes it: what is known of each set."""
        return {name: published.reading for name, published in self._published.items()}

    @property
    def stale(self) -> tuple[str, ...]:
        """The clients whose published keys could not be read when last tried: a new key of theirs is not known."""
        return tuple(name for name, reading in self.readings.items() if reading.failure)

    def _keep_reading(self) -> None:
        while not self._stopped.wait(_TICK):
            self.refresh_due()


def _set_of(reply: Reply, rsa_bits: int) -> KeySet:
    if reply.status != 200:
        raise NoKeySet(f"status {reply.status}")
    return key_set(reply.body, published=True, rsa_bits=rsa_bits)


def _until_due(cache_control: str) -> float:
    """Seconds until a set is read again: before the time runs out for which it says that it holds."""
    said = _MAX_AGE.search(cache_control)
    seconds = float(said[1]) if said else _UNSAID
    if re.search(r"no-(store|cache)", cache_control, re.IGNORECASE):
        seconds = 0.0
    return min(max(seconds * _AHEAD, PAUSE), FRESH)
