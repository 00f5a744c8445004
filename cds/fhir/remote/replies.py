"""What a FHIR server's reply means: resources, or why there are none. Nothing it can send raises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from cds.errors import RequestError
from cds.fhir.bundles import OperationOutcome
from cds.fhir.decode import Sent, checked_text, sent
from cds.fhir.plenty import check_values
from cds.fhir.remote.unread import Fault, Unread
from cds.outbound import Reason, Reply

UNREACHED: Final[Mapping[Reason, Fault]] = {
    "address": "address",
    "name": "unreached",
    "refused": "unreached",
    "reset": "reset",
    "timeout": "time",
    "tls": "untrusted",
    "redirect": "redirect",
    "too-large": "size",
    "protocol": "garbage",
}

_STATUSES: Final[Mapping[int, Fault]] = {401: "token", 403: "token", 429: "busy", 503: "busy"}
_GONE = (404, 410)
_WAIT_AND_RETRY = (429, 502, 503, 504)


class _Head(msgspec.Struct, rename="camel"):
    resource_type: str


def understood(reply: Reply, expected: str, place: str) -> Sent | Unread:
    """``expected``: the type of resource that was asked for, "Bundle" for a search."""
    if reply.status != 200:
        return Unread(_refusal(reply.status, expected))
    try:
        checked_text(reply.body)
        check_values(reply.body)
        kind = msgspec.json.decode(reply.body, type=_Head).resource_type
    except (RequestError, msgspec.DecodeError, RecursionError):
        return Unread("garbage")
    if kind != expected:
        return Unread("broken" if kind == "OperationOutcome" else "other")
    return _with_gap(sent(reply.body, place))


def _refusal(status: int, expected: str) -> Fault:
    if status in _GONE and expected != "Bundle":
        return "absent"
    return _STATUSES.get(status, "broken" if status >= 500 or status < 300 else "refused")


def _with_gap(page: Sent) -> Sent | Unread:
    if page.state != "sent" or f"{page.place}.entry" in page.lost:
        return Unread("garbage")
    if any(entry and isinstance(entry.resource, OperationOutcome) and entry.resource.failed for entry in page.entries):
        return incomplete(page, "failed")
    return page


def incomplete(page: Sent, fault: Fault) -> Sent:
    """The same with the reason why it is not everything; the first reason stays."""
    return msgspec.structs.replace(page, next=page.next or "", gap=page.gap or Unread(fault).reason)


def pause(answer: Reply | Unread) -> float | None:
    """Seconds to wait before asking once more, None where that is of no use; 0 is as soon as it seems right."""
    if isinstance(answer, Unread):
        return 0.0 if answer.fault == "reset" else None
    if answer.status not in _WAIT_AND_RETRY:
        return None
    wished = answer.headers.get("retry-after", "0")
    return float(wished) if wished.isdecimal() and len(wished) < 6 else None
