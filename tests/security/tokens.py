"""Issuers with keys of their own, and the tokens they sign: right ones, and wrong in whatever way a test wants."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

PUBLIC_URL = "https://cds.example.org"
SERVICE_URL = f"{PUBLIC_URL}/cds-services/spine-and-headache"
LEFT_OUT = object()
"""The value of a header or claim that the token is not to have."""

_CURVES = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
_SERIAL = count(1)


def private_key(algorithm: str = "ES384", which: str = "") -> Any:
    """Made once per session. ``which`` tells keys for the same algorithm apart."""
    return _made(algorithm, which)


@cache
def _made(algorithm: str, which: str) -> Any:
    if algorithm in _CURVES:
        return ec.generate_private_key(_CURVES[algorithm])
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(65_537, 2_048)


def jwk(algorithm: str = "ES384", which: str = "", *, kid: str = "", **members: Any) -> dict[str, Any]:
    """The public key as its issuer publishes it."""
    public = private_key(algorithm, which).public_key()
    written = jwt.get_algorithm_by_name(algorithm).to_jwk(public, as_dict=True)
    return {**written, "kid": kid or f"{algorithm}{which}", "use": "sig", **members}


def written(value: object) -> bytes:
    """Its JSON; bytes are taken to be that already."""
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def packed(value: object) -> str:
    """As a part of a token: JSON in base64url."""
    return base64.urlsafe_b64encode(written(value)).rstrip(b"=").decode()


def with_changes(members: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**members, **changes}.items() if value is not LEFT_OUT}


def signed(header: Any, claims: Any, algorithm: str = "ES384", which: str = "") -> str:
    """Any header over any claims, signed all the same."""
    text = f"{packed(header)}.{packed(claims)}"
    signature = jwt.get_algorithm_by_name(algorithm).sign(text.encode(), private_key(algorithm, which))
    return f"{text}.{packed(signature)}"


@dataclass(frozen=True)
class Issuer:
    """An EHR that signs. ``headers``: further members of the header of each of its tokens."""

    url: str = "https://ehr.example.org"
    algorithm: str = "ES384"
    which: str = ""
    headers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kid(self) -> str:
        return f"{self.algorithm}{self.which}"

    def jwks(self, **members: Any) -> dict[str, Any]:
        return {"keys": [jwk(self.algorithm, self.which, **members)]}

    def claims(self, *, now: float | None = None, audience: str | list[str] = SERVICE_URL) -> dict[str, Any]:
        """A right token of five minutes; each has another jti."""
        issued = int(time.time() if now is None else now)
        return {"iss": self.url, "aud": audience, "exp": issued + 300, "iat": issued, "jti": f"jti-{next(_SERIAL)}"}

    def token(
        self,
        *,
        now: float | None = None,
        audience: str | list[str] = SERVICE_URL,
        header: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> str:
        """A right token but for the changes: to the header, and by name to the claims."""
        usual = {"alg": self.algorithm, "kid": self.kid, "typ": "JWT", **self.headers}
        claims = with_changes(self.claims(now=now, audience=audience), changes)
        return signed(with_changes(usual, header or {}), claims, self.algorithm, self.which)

    def bearer(self, **changes: Any) -> str:
        """The value of an Authorization header; the changes are those of ``token``."""
        return f"Bearer {self.token(**changes)}"


def clients_file(folder: Path, *issuers: Issuer, **entry: Any) -> Path:
    """A clients file in that folder with a client for each issuer, its keys beside it. ``entry``: further keys of each
    client; written as JSON, which is YAML.
    """
    clients = []
    for number, issuer in enumerate(issuers, start=1):
        name = f"client-{number}"
        (folder / f"{name}.jwks.json").write_text(json.dumps(issuer.jwks()))
        clients.append({"name": name, "issuer": issuer.url, "keys": f"{name}.jwks.json", **entry})
    file = folder / "clients.yaml"
    file.write_text(json.dumps({"clients": clients}, indent=1))
    return file
