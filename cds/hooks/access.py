"""Whether the client's FHIR server may be read for a call: which server it is, and what the token is worth there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cds.fhir.remote.reads import Access, Reads
from cds.fhir.remote.seen import Trail
from cds.fhir.remote.servers import FhirServer
from cds.fhir.remote.urls import normalised

UNREGISTERED = "fhirServer is not registered for this caller"

_SENDABLE = re.compile(r"[!-~]+")  # what may stand in an Authorization header


@dataclass(frozen=True, slots=True)
class Remote:
    """What the caller of one call may have read. ``seconds``: for all reads of the call together.

    ``began``: when the call arrived, by ``time.monotonic``; the life of its token is counted from then.
    ``trail``: the trace that the call is part of.
    """

    servers: tuple[FhirServer, ...]
    reads: Reads
    seconds: float
    began: float
    trail: Trail | None = None


class NotReadable(Exception):
    """The server of this call is not read; ``str()`` says why, in words that repeat nothing of the request."""


def access(members: Mapping[str, Any], patient: str, remote: Remote) -> Access:
    """The way to the FHIR server that a request names. Raises ``NotReadable``."""
    base, server = _registered(members["fhirServer"], remote.servers)
    authorization = members.get("fhirAuthorization")
    if authorization is None:
        if not server.anonymous:
            raise NotReadable("there is no fhirAuthorization, and the server may not be read without it")
        return Access(base, trail=remote.trail)
    token = _token(authorization)
    _check_holder(authorization, server, patient)
    deadline = remote.began + authorization["expires_in"]
    return Access(base, token, authorization["scope"], deadline, remote.trail)


def _registered(given: str, servers: tuple[FhirServer, ...]) -> tuple[str, FhirServer]:
    """Only what the operator registered is ever connected to, with the scheme it was registered with."""
    base = normalised(given)
    server = next((one for one in servers if base is not None and normalised(one.base) == base), None)
    if base is None or server is None:
        raise NotReadable(UNREGISTERED)
    return base, server


def _token(authorization: Mapping[str, Any]) -> str:
    for name in ("access_token", "token_type", "scope", "subject"):
        if not isinstance(authorization.get(name), str) or not authorization[name]:
            raise NotReadable(f"fhirAuthorization.{name} is missing or is not a text")
    if authorization["token_type"].lower() != "bearer":
        raise NotReadable("fhirAuthorization.token_type is not Bearer")
    seconds = authorization.get("expires_in")
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        raise NotReadable("fhirAuthorization.expires_in is missing or is not a whole number")
    if seconds <= 0:
        raise NotReadable("fhirAuthorization has expired")
    token: str = authorization["access_token"]
    if not _SENDABLE.fullmatch(token):
        raise NotReadable("fhirAuthorization.access_token contains characters that no token may have")
    return token


def _check_holder(authorization: Mapping[str, Any], server: FhirServer, patient: str) -> None:
    """The token has to be made out to this service and, where it is for one patient, to the patient of the call."""
    if server.subject and authorization["subject"] != server.subject:
        raise NotReadable("fhirAuthorization.subject is not the one this service is registered as")
    holder = authorization.get("patient")
    if holder not in (None, "") and holder not in (patient, f"Patient/{patient}"):
        raise NotReadable("fhirAuthorization.patient is not context.patientId")
