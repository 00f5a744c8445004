"""A checkpoint of a test: clients with their keys, and what becomes of a token there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from cds.errors import Unauthorized
from cds.security import tokens
from cds.security.clients import Client, Clients
from cds.security.keys import Key, key_set
from tests.security.tokens import SERVICE_URL, Issuer, jwk, written

NOW = 1_795_000_000.0
ACCEPTED = "accepted"


def client(*keys: Issuer, name: str = "hospital", **changes: object) -> Client:
    """A client that signs as the first issuer does and has the keys of all of them; ``changes``: to its entry."""
    found = key_set(written({"keys": [jwk(each.algorithm, each.which) for each in keys]}))
    algorithms = frozenset(each.algorithm for each in keys)
    return replace(Client(name=name, issuer=keys[0].url, keys=found, algorithms=algorithms), **changes)  # type: ignore[arg-type]


def of_file(client: Client, kid: str) -> Key | None:
    return client.keys.keys.get(kid)


@dataclass
class Checkpoint:
    """``used``: what was asked about a second use, in order; nothing was used before."""

    clients: tuple[Client, ...]
    audience: frozenset[str] = frozenset((SERVICE_URL,))
    now: float = NOW
    key_of: Callable[[Client, str], Key | None] = of_file
    used: list[tuple[str, str, float]] = field(default_factory=list)

    def check(self, authorization: str | None) -> tokens.Trusted:
        return tokens.check(
            authorization,
            self.audience,
            clients=Clients({client.issuer: client for client in self.clients}),
            key_of=self.key_of,
            first_use=self._first_use,
            now=self.now,
        )

    def verdict(self, authorization: str | None) -> str:
        """``accepted``, or the code of the refusal."""
        try:
            self.check(authorization)
        except Unauthorized as error:
            assert "the call needs a valid token" == str(error)
            return str(error.reason)
        return ACCEPTED

    def _first_use(self, issuer: str, jti: str, until: float) -> bool:
        self.used.append((issuer, jti, until))
        return True
