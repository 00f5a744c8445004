"""A life as a FHIR Bundle tells it: the moments at which an EHR would have called, and what was on record by then."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
from typing import Any, TypeAlias

from cds.errors import InputError
from cds.fhir.dates import when

Resource: TypeAlias = Mapping[str, Any]

_ORDERS = ("MedicationRequest", "ServiceRequest")
_NEVER_SIGNED = ("draft", "entered-in-error")  # statuses

_TOLD = (
    "recordedDate", "authoredOn", "issued", "effectiveDateTime", "effectivePeriod", "performedDateTime",
    "performedPeriod", "period", "whenHandedOver", "dateAsserted", "authored", "occurrenceDateTime", "date", "created",
    "onsetDateTime", "onsetPeriod",
)  # fmt: skip
"""Elements that say when a resource came to be known, the first that is there counts."""

_ACTIVE = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]}


@dataclass(frozen=True, slots=True)
class Moment:
    """``known``: a Bundle of what was on record by then; ``drafts``: a Bundle of the orders that were being signed."""

    at: datetime
    hook: str
    known: bytes = field(repr=False)
    drafts: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class _Entry:
    """``at``: when it came to be known; None: nobody knows, so it always was."""

    written: Resource  # the entry of the Bundle, for the sake of its fullUrl
    resource: Resource
    at: datetime | None


def moments(content: bytes, zone: tzinfo, since: date = date.min) -> Iterator[Moment]:
    """The end of every visit (patient-view), and every time orders were written (order-sign), in order of time.

    A record without visits, such as a summary, is looked at once, on the last day it tells of. Resources of which no
    date is told count as known all along. Raises ``InputError`` when the content is no Bundle.
    """
    entries = [_Entry(each, each["resource"], _told(each["resource"], zone)) for each in _written(content)]
    signed = _signed(entries)
    visits = {at for entry in entries if (at := _visited(entry, zone))} or _last(entries)
    for at in sorted(at for at in visits | signed.keys() if at.date() >= since):
        if at in signed:
            yield _moment(entries, at, signed[at], zone)
        if at in visits:
            yield _moment(entries, at, (), zone)


def resources(content: bytes) -> list[Resource]:
    """Those of a Bundle. Raises as ``moments`` does."""
    return [entry["resource"] for entry in _written(content)]


def _written(content: bytes) -> list[Resource]:
    try:
        return [entry for entry in json.loads(content)["entry"] if "resourceType" in {**entry["resource"]}]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError("not a Bundle with entries") from error


def _visited(entry: _Entry, zone: tzinfo) -> datetime | None:
    """The end of a visit, or its beginning when it has no end."""
    if entry.resource["resourceType"] != "Encounter" or entry.resource.get("status") != "finished":
        return None
    period = entry.resource.get("period")
    return _instant(period.get("end") if isinstance(period, dict) else None, zone) or entry.at


def _last(entries: Iterable[_Entry]) -> set[datetime]:
    return {max(told)} if (told := [entry.at for entry in entries if entry.at]) else set()


def _signed(entries: Iterable[_Entry]) -> dict[datetime, tuple[_Entry, ...]]:
    """Orders of one instant were signed together."""
    found: dict[datetime, tuple[_Entry, ...]] = {}
    for entry in entries:
        if entry.at and _is_signed(entry.resource):
            found[entry.at] = (*found.get(entry.at, ()), entry)
    return found


def _is_signed(resource: Resource) -> bool:
    is_order = resource["resourceType"] in _ORDERS and resource.get("intent") == "order"
    return is_order and resource.get("status") not in _NEVER_SIGNED


def _moment(entries: Iterable[_Entry], at: datetime, orders: tuple[_Entry, ...], zone: tzinfo) -> Moment:
    known = (entry for entry in entries if (entry.at is None or entry.at <= at) and entry not in orders)
    return Moment(
        at=at,
        hook="order-sign" if orders else "patient-view",
        known=_bundle(_as_of(entry, at, zone) for entry in known),
        drafts=_bundle(_draft(order) for order in orders) if orders else None,
    )


def _draft(order: _Entry) -> Resource:
    return {**order.written, "resource": {**order.resource, "status": "draft"}}


def _as_of(entry: _Entry, at: datetime, zone: tzinfo) -> Resource:
    """The entry without what came later: a problem that has ended since was active."""
    ended = _instant(entry.resource.get("abatementDateTime"), zone)
    if ended is None or ended <= at:
        return entry.written
    kept = {name: value for name, value in entry.resource.items() if name != "abatementDateTime"}
    return {**entry.written, "resource": kept | {"clinicalStatus": _ACTIVE}}


def _told(resource: Resource, zone: tzinfo) -> datetime | None:
    for name in _TOLD:
        told = resource.get(name)
        if found := _instant(told.get("start") if isinstance(told, dict) else told, zone):
            return found
    return None


def _instant(text: object, zone: tzinfo) -> datetime | None:
    """A day without a time of day counts from its beginning, a month from its first day; what is no text is no date."""
    told = when(text if isinstance(text, str) else None, zone)
    if told.instant or told.days is None:
        return told.instant
    return datetime.combine(told.days.earliest, time(0), zone)


def _bundle(entries: Iterable[Resource]) -> bytes:
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": list(entries)}).encode()
