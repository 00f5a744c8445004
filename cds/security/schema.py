"""The shape of the clients file: which keys there are and what each may hold."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Any, Final

from marshmallow import ValidationError

from cds.errors import Problem
from cds.fhir.remote.urls import normalised
from cds.outbound.urls import parsed
from cds.ruleset.document import Entries
from cds.ruleset.schema import misshapen
from cds.ruleset.schema.fields import Shape, choice, is_flag, is_text, is_whole, key, like, several, shaped, text
from cds.ruleset.schema.rulesets import is_name
from cds.security.algorithms import LONGEST_RSA, POSSIBLE, SHORTEST_RSA

SECONDS: Final = {"s": 1, "min": 60, "h": 3_600}
SHORTEST, LONGEST = 60, 86_400  # a token
MOST_PER_MINUTE: Final = 100_000

_DURATION = re.compile(r"([1-9][0-9]{0,5}) (s|min|h)", re.ASCII)

is_uri = like(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s]+", "a URI, as it stands in the tokens")


def seconds(text: str) -> int | None:
    """The seconds of "3600 s", "60 min" or "1 h"."""
    found = _DURATION.fullmatch(text)
    return int(found[1]) * SECONDS[found[2]] if found else None


def is_lifetime(value: Any) -> None:
    is_text(value)
    found = seconds(value)
    if found is None or not SHORTEST <= found <= LONGEST:
        raise ValidationError(f'must be a time from 60 s to 24 h, such as "900 s" or "1 h", not "{value}"')


def is_rate(value: Any) -> None:
    is_whole(value)
    if not 1 <= value <= MOST_PER_MINUTE:
        raise ValidationError(f"must be a number of calls from 1 to {MOST_PER_MINUTE:,}, not {value}")


def is_rsa_length(value: Any) -> None:
    is_whole(value)
    if not SHORTEST_RSA <= value <= LONGEST_RSA:
        raise ValidationError(f"must be a number of bits from {SHORTEST_RSA:,} to {LONGEST_RSA:,}, not {value}")


def is_address(value: Any) -> None:
    """https; http only to the machine itself, which must then be named by its address."""
    is_text(value)
    url = parsed(value)
    if url is None:
        raise ValidationError(f'must be a plain URL without user name or fragment, not "{value}"')
    if url.scheme != "https" and not _is_loopback(url.host):
        raise ValidationError(f'must begin with https://, not "{value}"')


def is_base(value: Any) -> None:
    is_address(value)
    if normalised(value) is None:
        raise ValidationError(f'must be the base of a server, without a query, not "{value}"')


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class FhirServerShape(Shape):
    what = "a FHIR server"
    base = key(is_base)
    subject = text(required=False)
    anonymous = key(is_flag, required=False)


class ClientShape(Shape):
    what = "a client"
    name = key(is_name)
    issuer = key(is_uri)
    keys = text(required=False)
    jku = key(is_address, required=False)
    algorithms = key(several(choice(*POSSIBLE)), required=False)
    tenants = key(several(is_text), required=False)
    services = key(several(is_text), required=False)
    longest = key(is_lifetime, required=False)
    rsa_bits = key(is_rsa_length, required=False)
    per_minute = key(is_rate, required=False)
    replay = key(choice("refused", "allowed"), required=False)
    system_actions = key(is_flag, required=False)
    fhir_servers = key(several(shaped(FhirServerShape)), required=False)


class ClientsShape(Shape):
    what = "the clients file"
    clients = key(several(shaped(ClientShape)))


_CLIENTS: Final = ClientsShape()


def problems(root: Entries) -> tuple[Problem, ...]:
    return tuple(found.problem for found in misshapen(_CLIENTS, root))
