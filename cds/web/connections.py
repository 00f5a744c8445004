"""What a worker holds open while it lives: the journal, the database, the way to others, and who may call."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cds.fhir.remote.reads import Reads
from cds.journal import Caller
from cds.outbound import Outbound, Policy
from cds.security.clients import Clients
from cds.security.keysets import KeySets
from cds.security.pace import Pace
from cds.security.pseudonyms import Pseudonym, pseudonyms
from cds.security.replay import Replay
from cds.security.sealing import Seals, ledger_keys, seals
from cds.security.secrets import Secrets
from cds.security.tokens import Trusted, check
from cds.settings import Settings
from cds.store import Journal, Lookups
from cds.web.meters import NO_RULES, Meters
from cds.web.slots import Slots
from cds.web.telemetry import spans_of

if TYPE_CHECKING:
    from cds.web.spans import Spans


@dataclass(frozen=True, slots=True)
class Guard:
    """Who may call a closed service."""

    clients: Clients
    key_sets: KeySets
    replay: Replay
    pace: Pace

    def check(self, authorization: str | None, audience: frozenset[str], *, now: float) -> Trusted:
        return check(
            authorization,
            audience,
            clients=self.clients,
            key_of=self.key_sets.key,
            first_use=self.replay.first_use,
            now=now,
        )


class Connections:
    """Made before the workers are forked, and opens nothing until ``start``."""

    def __init__(
        self,
        settings: Settings,
        clients: Clients | None,
        secrets: Secrets,
        rules: Mapping[str, str] = NO_RULES,
        slots: Slots | None = None,
    ) -> None:
        """``clients``: None for an open service. ``rules``: the ruleset of each. ``slots``: where all workers' counts
        are put together.
        """
        self.meters = Meters(slots, rules)
        self._spans = spans_of(settings)
        self.spans: Spans | None = None  # between start and stop, where traces are sent
        self.journal = Journal(settings, ledger_keys(secrets.record_keys), self.meters.responses)
        self.lookups = Lookups(settings)
        self.outbound = Outbound(Policy(settings.private_networks, settings.ca_file))
        self.reads = Reads(self.outbound, seen=self.meters)
        self.guard = self._guard(clients, strict=settings.replay == "strict") if clients else None
        self._pseudonym_key = secrets.pseudonym_key
        self._seals: Seals = seals(secrets.record_keys)

    def start(self) -> None:
        self.meters.start()
        self.journal.start()
        if self._spans:
            self._spans.start()
            self.spans = self._spans
        if self.guard:
            self.guard.key_sets.start()

    def stop(self) -> None:
        """What was written goes to the database as far as it can be reached; the rest stays in the spool."""
        if self.guard:
            self.guard.key_sets.close()
        self.outbound.close()
        self.lookups.close()
        self.journal.close()
        if self.spans:
            self.spans.stop()

    def pseudonyms(self, caller: Caller) -> Pseudonym:
        return pseudonyms(self._pseudonym_key, caller)

    def seal(self, text: bytes, belongs_to: str) -> str:
        return self._seals.seal(text, belongs_to)

    def _guard(self, clients: Clients, *, strict: bool) -> Guard:
        replay = Replay(self.lookups.first_use, strict=strict, clock=time.time)
        return Guard(clients, KeySets(clients, self.outbound, seen=self.meters.keys_read), replay, Pace(time.monotonic))
