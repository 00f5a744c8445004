"""The clients file: who may call, with which keys, and what each may do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

from cds.errors import ClientsError, Problem
from cds.fhir.remote.servers import FhirServer
from cds.fhir.remote.urls import normalised
from cds.ruleset.document import Entries, Spot, Unreadable, entries_of
from cds.ruleset.names import listed
from cds.security import schema
from cds.security.algorithms import SHORTEST_RSA, USUAL
from cds.security.keys import MAX_BYTES, NO_KEYS, KeySet, NoKeySet, key_set, shown

LONGEST: Final = 3_600  # seconds, of a client whose entry does not say

Note: TypeAlias = Callable[[Spot, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """``keys``: of its key file. ``key_address``: where it publishes keys, its ``jku``; "" when it does not.

    ``tenants``: empty when its tokens need not name one. ``services``: None when it may call all. ``longest``: seconds
    that its tokens may live. ``rsa_bits``: that its RSA keys have at least. ``once``: each token is good for one call.
    ``per_minute``: None when it may call as often as it likes.
    """

    name: str
    issuer: str
    keys: KeySet = NO_KEYS
    key_address: str = ""
    algorithms: frozenset[str] = frozenset(USUAL)
    tenants: frozenset[str] = frozenset()
    services: frozenset[str] | None = None
    longest: int = LONGEST
    rsa_bits: int = SHORTEST_RSA
    per_minute: int | None = None
    once: bool = True
    system_actions: bool = False
    fhir_servers: tuple[FhirServer, ...] = ()

    def may_call(self, service: str) -> bool:
        return self.services is None or service in self.services


@dataclass(frozen=True, slots=True)
class Clients:
    """``warnings``: what is not wrong, but should be put right. ``services``: where each service is named, for a check
    that there are such services.
    """

    by_issuer: Mapping[str, Client]
    warnings: tuple[Problem, ...] = ()
    services: tuple[tuple[str, Spot], ...] = field(default=(), repr=False)

    def __iter__(self) -> Iterator[Client]:
        return iter(self.by_issuer.values())


def load_clients(path: Path) -> Clients:
    """Raises ClientsError with every problem of the file and of the key files it names."""
    try:
        root = entries_of(path, path.name)
    except Unreadable as error:
        raise ClientsError(error.problems) from error
    except OSError as error:
        raise ClientsError((Problem(path.name, 1, f"cannot be read: {error.strerror}"),)) from error
    wrong = schema.problems(root)
    if wrong:
        raise ClientsError(tuple(sorted(wrong)))
    return _Loading(path.parent).clients(root)


class _Loading:
    """One reading of the file; collects what is wrong and what is doubtful."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._problems: list[Problem] = []
        self._warnings: list[Problem] = []

    def clients(self, root: Entries) -> Clients:
        found = [self._client(entry) for entry in root["clients"]]
        for member in ("name", "issuer"):
            self._refuse_twice(root["clients"], member)
        if self._problems:
            raise ClientsError(tuple(sorted(self._problems)))
        services = tuple(named for entry in root["clients"] for named in _services(entry))
        return Clients(MappingProxyType({client.issuer: client for client in found}), tuple(self._warnings), services)

    def _refuse_twice(self, entries: list[Entries], member: str) -> None:
        first: dict[str, int] = {}
        for entry in entries:
            value, spot = entry[member], entry.at(member)
            if value in first:
                self._refuse(spot, f'{member} "{value}" is already defined in line {first[value]}')
            first.setdefault(value, spot.line)

    def _client(self, entry: Entries) -> Client:
        if "keys" not in entry and "jku" not in entry:
            self._refuse(entry.spot, "a client needs `keys` (a file) or `jku` (where it publishes them), or both")
        algorithms = frozenset(entry.get("algorithms", USUAL))
        rsa_bits = entry.get("rsa_bits", SHORTEST_RSA)
        return Client(
            name=entry["name"],
            issuer=entry["issuer"],
            keys=self._key_file(entry, algorithms, rsa_bits) if "keys" in entry else NO_KEYS,
            key_address=entry.get("jku", ""),
            algorithms=algorithms,
            tenants=frozenset(entry.get("tenants", ())),
            services=frozenset(entry["services"]) if "services" in entry else None,
            longest=schema.seconds(entry.get("longest", "")) or LONGEST,
            rsa_bits=rsa_bits,
            per_minute=entry.get("per_minute"),
            once=entry.get("replay", "refused") == "refused",
            system_actions=entry.get("system_actions", False),
            fhir_servers=tuple(map(_fhir_server, entry.get("fhir_servers", ()))),
        )

    def _key_file(self, entry: Entries, algorithms: frozenset[str], rsa_bits: int) -> KeySet:
        name, spot = entry["keys"], entry.at("keys")
        try:
            found = key_set(_content(self._folder / name), rsa_bits=rsa_bits)
        except OSError as error:
            self._refuse(spot, f'key file "{name}" cannot be read: {error.strerror}')
        except NoKeySet as error:
            self._refuse(spot, f'key file "{name}" is not a JWK set: {error}')
        else:
            self._judge(found, name, spot, algorithms)
            return found
        return NO_KEYS

    def _judge(self, found: KeySet, name: str, spot: Spot, algorithms: frozenset[str]) -> None:
        if not any(key.algorithms & algorithms for key in found.keys.values()):
            self._refuse(spot, f'key file "{name}" has no key that fits {listed(sorted(algorithms))}')
        for kid in found.private:
            self._warn(
                spot, f'key file "{name}" has the private part of key {shown(kid)}: anyone who reads it can sign'
            )
        for kid, reason in found.passed_over:
            self._warn(spot, f'key file "{name}", key {shown(kid)} is not used: {reason}')

    def _refuse(self, spot: Spot, message: str) -> None:
        self._problems.append(spot.problem(message))

    def _warn(self, spot: Spot, message: str) -> None:
        self._warnings.append(spot.problem(message))


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _services(entry: Entries) -> Iterator[tuple[str, Spot]]:
    named = entry.get("services")
    return iter(()) if named is None else named.placed()


def _fhir_server(entry: Entries) -> FhirServer:
    base = normalised(entry["base"])
    assert base is not None, "judged by its shape"
    return FhirServer(base, entry.get("subject", ""), entry.get("anonymous", False))
