"""Texts that may be about a patient, encrypted so that they can lie in a database: comments, requests.

AES-256-GCM under a key derived (HKDF-SHA-256) from one of ``CDS_RECORD_KEYS``. A sealed text names the key it was made
with, and is bound to what it belongs to: put in the place of another, it does not open. It is compressed before: a
request is ten times as long as what it says, and encrypting the rest takes longer than leaving it out.
"""

from __future__ import annotations

import base64
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from cds.errors import CdsError

_COMPRESSED, _AS_IT_WAS = "2", "1"  # of releases before
_FASTEST = 1
_NONCE_BYTES = 12


class CannotOpen(CdsError):
    """The key a text was sealed with is not among those given, or it is not the text that was sealed here."""


@dataclass(frozen=True, slots=True)
class Seals:
    """``by_name``: every key that opens; ``current`` seals."""

    current: str
    by_name: Mapping[str, AESGCM] = field(repr=False)

    def seal(self, text: bytes, belongs_to: str) -> str:
        """``belongs_to``: the kind and id of the record that the text is part of."""
        nonce = os.urandom(_NONCE_BYTES)
        bound = _bound(_COMPRESSED, belongs_to)
        sealed = nonce + self.by_name[self.current].encrypt(nonce, zlib.compress(text, _FASTEST), bound)
        return f"{_COMPRESSED}.{self.current}.{base64.urlsafe_b64encode(sealed).decode()}"

    def opened(self, sealed: str, belongs_to: str) -> bytes:
        """Raises CannotOpen."""
        version, _, rest = sealed.partition(".")
        name, _, text = rest.partition(".")
        if version not in (_COMPRESSED, _AS_IT_WAS) or name not in self.by_name:
            raise CannotOpen("sealed with a key that is not among CDS_RECORD_KEYS")
        try:
            content = base64.urlsafe_b64decode(text)
            bound = _bound(version, belongs_to)
            found = self.by_name[name].decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], bound)
        except (InvalidTag, ValueError) as error:
            raise CannotOpen("changed since it was sealed, or part of another record") from error
        return zlib.decompress(found) if version == _COMPRESSED else found


def seals(secrets: tuple[str, ...]) -> Seals:
    """The first secret seals, all of them open."""
    names = [_derived(secret, b"name", 6).hex() for secret in secrets]
    keys = [AESGCM(_derived(secret, b"key", 32)) for secret in secrets]
    return Seals(names[0], dict(zip(names, keys, strict=True)))


def ledger_keys(secrets: tuple[str, ...]) -> Mapping[str, bytes]:
    """For ``cds.store.ledger``, by the names of their secrets: the first seals, all verify."""
    return {_derived(secret, b"name", 6).hex(): _derived(secret, b"ledger", 32) for secret in secrets}


def _bound(version: str, belongs_to: str) -> bytes:
    return (belongs_to if version == _AS_IT_WAS else f"{version} {belongs_to}").encode()


def _derived(secret: str, purpose: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=b"cds record " + purpose).derive(secret.encode())
