"""What an operator is told about clients, their keys and a token: all of it, where a caller would be told nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType
from typing import Final, TypeAlias

from cds.errors import Unauthorized
from cds.outbound import Outbound
from cds.security.algorithms import LASTING_RSA, is_short
from cds.security.clients import Client, Clients
from cds.security.compact import Token, token_of
from cds.security.keys import Key, KeySet, shown
from cds.security.keysets import Answer, asked
from cds.security.refusals import WORDS, Refusal
from cds.security.tokens import client_of, refusals

Published: TypeAlias = Mapping[str, Answer]
"""By the name of the client that publishes keys."""

_SHORT: Final = f"112 bits of security, enough until 2030; `rsa_bits: {LASTING_RSA}` refuses it"
_SECONDS: Final = 20.0  # for all key sets together
_UNREACHABLE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "address": "its address is not public, or not https, and not within CDS_PRIVATE_NETWORKS",
        "name": "its name has no address",
        "refused": "the connection was refused",
        "reset": "the connection broke",
        "timeout": "no complete answer in time",
        "tls": "its certificate is not trusted; CDS_CA_FILE names further authorities",
        "redirect": "it answers with a redirect; redirects are not followed",
        "too-large": "the answer is too large",
        "protocol": "the answer is not valid HTTP",
    }
)


@dataclass(frozen=True, slots=True)
class UsableKey:
    """``source``: the file's or the address's name in the clients file, ``keys`` or ``jku``. ``doubt``: what speaks
    against it although it is used, "" when nothing does.
    """

    kid: str
    kind: str
    algorithms: tuple[str, ...]
    source: str
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class UnusedKey:
    key: str
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class ExaminedClient:
    """``wrong``: why tokens of this client would be refused, now or later."""

    name: str
    issuer: str
    keys: tuple[UsableKey, ...]
    not_used: tuple[UnusedKey, ...]
    wrong: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        yield f"{self.name}  {self.issuer}"
        for key in self.keys:
            algorithms = ", ".join(key.algorithms) or "for none of its algorithms"
            yield f"  {shown(key.kid)}  {key.kind}  {algorithms}  ({key.source})" + (key.doubt and f"; {key.doubt}")
        for unused in self.not_used:
            yield f"  not used: {shown(unused.key)}, {unused.reason}  ({unused.source})"
        yield from (f"  WRONG: {each}" for each in self.wrong)


@dataclass(frozen=True, slots=True)
class ExaminedToken:
    """``refused``: the codes of all that speaks against it; none means that it would be accepted."""

    refused: tuple[Refusal, ...]
    client: str = ""
    issuer: str = ""
    kid: str = ""
    algorithm: str = ""
    audience: tuple[str, ...] = ()
    issued: datetime | None = None
    expires: datetime | None = None

    def lines(self) -> Iterator[str]:
        yield "token" if self.refused else "token: would be accepted, unless it was used before"
        if self.issued and self.expires:
            yield f"  of {shown(self.issuer)}" + (f", client {self.client}" if self.client else "")
            yield f"  signed with {shown(self.kid)}, {shown(self.algorithm)}"
            yield f"  made out to {', '.join(map(shown, self.audience))}"
            yield f"  issued {_spelled(self.issued)}, expires {_spelled(self.expires)}"
        yield from (f"  REFUSED: {WORDS[refusal]} ({refusal})" for refusal in self.refused)


def published(clients: Clients, outbound: Outbound) -> Published:
    """Asks for all key sets at once."""
    return outbound.run(_published(clients, outbound), seconds=_SECONDS)


async def _published(clients: Clients, outbound: Outbound) -> Published:
    publishing = [client for client in clients if client.key_address]
    answers = await asyncio.gather(*(asked(client, outbound) for client in publishing))
    return {client.name: answer for client, answer in zip(publishing, answers, strict=True)}


def examined_clients(clients: Clients, answers: Published) -> Iterator[ExaminedClient]:
    for client in clients:
        yield _examined(client, answers.get(client.name))


def _examined(client: Client, answer: Answer | None) -> ExaminedClient:
    sources = [("keys", client.keys)] + ([("jku", answer.found)] if answer else [])
    keys = tuple(key for source, found in sources for key in _usable(client, found, source))
    unused = tuple(UnusedKey(*each, source) for source, found in sources for each in found.passed_over)
    return ExaminedClient(client.name, client.issuer, keys, unused, tuple(_wrong(client, keys, answer)))


def _usable(client: Client, found: KeySet, source: str) -> Iterator[UsableKey]:
    for key in found.keys.values():
        doubt = _SHORT if is_short(key.public) else ""
        yield UsableKey(key.kid, key.kind, tuple(sorted(key.algorithms & client.algorithms)), source, doubt)


def _wrong(client: Client, keys: Iterable[UsableKey], answer: Answer | None) -> Iterator[str]:
    if answer and answer.failure:
        yield f"its key set cannot be read: {_UNREACHABLE.get(answer.failure, answer.failure)}"
    if not any(key.algorithms for key in keys):
        yield f"it has no key for {', '.join(sorted(client.algorithms))}"


def examined_token(text: str, clients: Clients, answers: Published, *, services: str, now: float) -> ExaminedToken:
    """``text``: the token alone, or the header. ``services``: the address that all services are under. Whether the
    token was used before is not looked up.
    """
    bearer = text if text.lower().startswith("bearer ") else f"Bearer {text}"
    try:
        token = token_of(bearer)
    except Unauthorized as error:
        return ExaminedToken((Refusal(error.reason),))
    try:
        client = client_of(token, clients)
    except Unauthorized as error:
        return _told(token, (Refusal(error.reason),), "")
    ours = frozenset(each for each in token.claims.audience if each == services or each.startswith(f"{services}/"))
    found = refusals(token, client, ours, key_of=partial(_key_of, answers), now=now)
    return _told(token, tuple(found), client.name)


def _key_of(answers: Published, client: Client, kid: str) -> Key | None:
    answer = answers.get(client.name, Answer())
    return client.keys.keys.get(kid) or answer.found.keys.get(kid)


def _told(token: Token, refused: tuple[Refusal, ...], client: str) -> ExaminedToken:
    header, claims = token.header, token.claims
    issued, expires = (datetime.fromtimestamp(moment, UTC) for moment in (claims.issued, claims.expires))
    return ExaminedToken(refused, client, claims.issuer, header.kid, header.algorithm, claims.audience, issued, expires)


def _spelled(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
