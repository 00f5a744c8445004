"""Deciding whether a token lets a call in. PyJWT verifies the signature; what the claims have to say is judged here.

Checked in this order, the first refusal counts: the form, the algorithm, the issuer, the source of the keys, the key,
the signature, the audience, the times, the tenant, and last whether the token was used before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import jwt

from cds.errors import Unauthorized
from cds.journal import Caller
from cds.security.algorithms import POSSIBLE
from cds.security.clients import Client, Clients
from cds.security.compact import Claims, Token, token_of
from cds.security.keys import Key
from cds.security.refusals import Refusal

LEEWAY: Final = 60.0
"""Seconds by which the clocks of a client and of the service may differ."""

KeyOf: TypeAlias = Callable[[Client, str], Key | None]
"""The key of a client that goes by a kid."""

FirstUse: TypeAlias = Callable[[str, str, float], bool]
"""By issuer, jti and the moment until which it has to be remembered: whether it is new, and from now on is not."""

_VERIFIER: Final = jwt.PyJWS(algorithms=POSSIBLE)


@dataclass(frozen=True, slots=True)
class Trusted:
    """A call whose token was accepted. ``caller`` is for the record, ``client`` says what it may do."""

    caller: Caller
    client: Client


def check(
    authorization: str | None,
    audience: frozenset[str],
    *,
    clients: Clients,
    key_of: KeyOf,
    first_use: FirstUse,
    now: float,
) -> Trusted:
    """``authorization``: the header as it came. ``audience``: the addresses that the token may be made out to, exactly.
    ``now``: seconds since 1970.

    Raises Unauthorized, and whatever ``first_use`` raises.
    """
    token = token_of(authorization)
    client = client_of(token, clients)
    for refusal in refusals(token, client, audience, key_of=key_of, now=now):
        raise Unauthorized(refusal)
    claims = token.claims
    if client.once and not first_use(claims.issuer, claims.jti, claims.expires + LEEWAY):
        raise Unauthorized(Refusal.REPLAYED)
    return Trusted(Caller(client=client.name, issuer=claims.issuer, tenant=claims.tenant, jti=claims.jti), client)


def client_of(token: Token, clients: Clients) -> Client:
    if token.header.algorithm not in POSSIBLE:
        raise Unauthorized(Refusal.ALGORITHM)
    client = clients.by_issuer.get(token.claims.issuer)
    if client is None:
        raise Unauthorized(Refusal.ISSUER)
    return client


def refusals(token: Token, client: Client, audience: frozenset[str], *, key_of: KeyOf, now: float) -> Iterator[Refusal]:
    """All that speaks against a token of this client, in order, found one by one."""
    header, claims = token.header, token.claims
    if header.algorithm not in client.algorithms:
        yield Refusal.ALGORITHM
    if header.key_address and header.key_address != client.key_address:
        yield Refusal.KEY_ADDRESS
    key = key_of(client, header.kid)
    if key is None or header.algorithm not in key.algorithms:
        yield Refusal.KEY
    elif not _is_signed(token, key):
        yield Refusal.SIGNATURE
    if audience.isdisjoint(claims.audience):
        yield Refusal.AUDIENCE
    yield from _untimely(claims, client.longest, now)
    if client.tenants and claims.tenant not in client.tenants:
        yield Refusal.TENANT


def _is_signed(token: Token, key: Key) -> bool:
    try:
        _VERIFIER.decode(token.text, key.public, algorithms=[token.header.algorithm])
    except jwt.PyJWTError:
        return False
    return True


def _untimely(claims: Claims, longest: float, now: float) -> Iterator[Refusal]:
    """``longest``: seconds that a token of this client may be valid, counted from its issue."""
    if now >= claims.expires + LEEWAY:
        yield Refusal.EXPIRED
    if claims.not_before > now + LEEWAY:
        yield Refusal.NOT_YET
    if claims.issued > now + LEEWAY:
        yield Refusal.ISSUED_LATER
    if now > claims.issued + longest + LEEWAY:
        yield Refusal.TOO_OLD
    if not 0 < claims.expires - claims.issued <= longest:
        yield Refusal.LIVES_TOO_LONG
