"""Names for patients, users and encounters that only the holder of the key could make: a keyed hash of their ids.

The same id of another issuer or tenant is somebody else, and has another pseudonym.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import msgspec

from cds.journal import Caller

Pseudonym: TypeAlias = Callable[[str, str], str]
"""By what it names ("patient", "user", "encounter", ...) and its id."""

_DIGITS = 32  # 128 bits: no two patients ever share one


def pseudonyms(key: str, caller: Caller) -> Pseudonym:
    """Those of one caller. ``key``: at least 32 characters; with another one, everybody is a stranger."""
    return partial(pseudonym, key.encode(), caller.issuer, caller.tenant)


def pseudonym(key: bytes, issuer: str, tenant: str, kind: str, id_: str) -> str:
    named = msgspec.json.encode(("pseudonym", issuer, tenant, kind, id_))  # one text for each list, and for no other
    return hmac.new(key, named, hashlib.sha256).hexdigest()[:_DIGITS]
