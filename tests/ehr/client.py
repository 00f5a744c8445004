"""An EHR that calls the service as a clinician works with a chart. It knows discovery and its own FHIR server only."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from ssl import SSLContext
from typing import Any, TypeAlias
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

from tests.ehr.fhir_server import EHR_TOKEN, SERVICE_TOKEN

Json: TypeAlias = dict[str, Any]

RULES = "org.example.cds.rules"
GAP = "data-not-supplied"
SCOPES = "launch patient/*.read"
_PATIENCE = 30  # seconds
_TOKEN = re.compile(r"\{\{context\.(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class Reply:
    """``seconds``: until the whole of it was there."""

    status: int
    body: Any
    seconds: float

    @property
    def cards(self) -> list[Json]:
        assert self.status == 200, (self.status, self.body)
        return list(self.body["cards"])


def unsigned(_url: str) -> str:
    """Of an EHR that calls an open service."""
    return ""


@dataclass(frozen=True, slots=True)
class Ehr:
    """``service``: base of the CDS service, ``fhir``: base of its own FHIR server.

    ``token``: a new one, made out to the address that is called; "" for none.
    """

    service: str
    fhir: str
    token: Callable[[str], str] = unsigned
    tls: SSLContext | None = None

    def services(self) -> dict[tuple[str, str], Json]:
        """By id and hook."""
        listed = self._called("/cds-services", None).body["services"]
        return {(one["id"], one["hook"]): one for one in listed}

    def prefetch(self, service: Json, context: Json) -> Json:
        """What its own server answers to each template, first pages only; what fails is left out."""
        found = {key: self.read(_expanded(query, context)) for key, query in service["prefetch"].items()}
        return {key: reply.body for key, reply in found.items() if reply.status == 200}

    def read(self, query: str) -> Reply:
        return _exchanged(f"{self.fhir}/{query}", None, EHR_TOKEN)

    def call(self, service: Json, context: Json, prefetch: Json | None, *, access: bool, **members: Any) -> Reply:
        """``access``: whether it lets the service read, with a token of its own."""
        request: Json = {"hook": service["hook"], "hookInstance": str(uuid4()), "context": context}
        if prefetch is not None:
            request["prefetch"] = prefetch
        if access:
            request |= {"fhirServer": self.fhir, "fhirAuthorization": authorization(patient=context["patientId"])}
        return self._called(f"/cds-services/{service['id']}", request | members)

    def feedback(self, service: Json, entries: Iterable[Json]) -> Reply:
        return self._called(f"/cds-services/{service['id']}/feedback", {"feedback": list(entries)})

    def _called(self, path: str, body: Json | None) -> Reply:
        url = self.service + path
        return _exchanged(url, body, self.token(url), self.tls)

    def apply(self, suggestion: Json) -> list[str]:
        """All actions of a suggestion as one FHIR transaction; where each resource went."""
        entries = [_entry(action) for action in suggestion["actions"]]
        transaction = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        done = _exchanged(self.fhir, transaction, EHR_TOKEN)
        return [one["response"]["location"] for one in done.body["entry"]]


def authorization(**members: Any) -> Json:
    return {
        "access_token": SERVICE_TOKEN,
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": SCOPES,
        "subject": "cds-service",
        **members,
    }


def accepted(card: Json, *suggestions: Json) -> Json:
    chosen = [{"id": one["uuid"]} for one in suggestions]
    return {"card": card["uuid"], "outcome": "accepted", "acceptedSuggestions": chosen, "outcomeTimestamp": _now()}


def overridden(card: Json, reason: Json, comment: str = "") -> Json:
    why: Json = {"reason": reason, **({"userComment": comment} if comment else {})}
    return {"card": card["uuid"], "outcome": "overridden", "overrideReason": why, "outcomeTimestamp": _now()}


def rules(cards: Iterable[Json]) -> set[str]:
    """Of all cards together; a card that only tells of a gap is of none."""
    return {rule for card in cards for rule in card.get("extension", {}).get(RULES, ())}


def gaps(cards: Iterable[Json]) -> list[Json]:
    return [card for card in cards if card["source"].get("topic", {}).get("code") == GAP]


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _expanded(query: str, context: Mapping[str, Any]) -> str:
    return _TOKEN.sub(lambda token: str(context[token[1]]), query)


def _entry(action: Json) -> Json:
    if action["type"] == "delete":
        return {"request": {"method": "DELETE", "url": action["resourceId"]}}
    resource = action["resource"]
    if action["type"] == "create":
        return {"resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}}
    return {"resource": resource, "request": {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"}}


def _exchanged(url: str, body: Json | None, token: str = "", tls: SSLContext | None = None) -> Reply:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = Request(url, json.dumps(body).encode() if body is not None else None, headers)
    began = time.monotonic()
    status, text = _sent(request, tls)
    return Reply(status, json.loads(text) if text else None, time.monotonic() - began)


def _sent(request: Request, tls: SSLContext | None) -> tuple[int, bytes]:
    try:
        with urlopen(request, timeout=_PATIENCE, context=tls) as response:
            return response.status, response.read()
    except HTTPError as refused:
        with refused:
            return refused.code, refused.read()
