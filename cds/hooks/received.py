"""A hook call as it is understood: which service at which hook, about whom, and the record that was gathered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

import orjson

from cds.errors import MissingData, RequestError
from cds.fhir.decode import Sent, hook_request, sent
from cds.fhir.read import NOT_OF_PATIENT, read
from cds.hooks import strict
from cds.hooks.access import UNREGISTERED, NotReadable, Remote, access
from cds.hooks.catalogue import Offer
from cds.hooks.contexts import Context, Resource, understood
from cds.hooks.gathering import gathered
from cds.hooks.library import hook_named
from cds.hooks.prefetch import Lack, Supply, supply
from cds.hooks.schema.requests import request_members
from cds.record import PatientRecord


@dataclass(frozen=True, slots=True)
class Received:
    """A call that is understood.

    ``remarks`` say what was tolerated or could not be used, in fixed words. ``read``: the resource types of which
    something came from the FHIR server rather than with the request.
    """

    offer: Offer
    context: Context
    record: PatientRecord
    hook_instance: str
    remarks: tuple[str, ...] = ()
    read: frozenset[str] = frozenset()

    @property
    def orders(self) -> int:
        """How many are under review."""
        return len(self.record.drafts)


def received(offers: Mapping[str, Offer], body: bytes, now: datetime, remote: Remote | None = None) -> Received:
    """The call in a body; ``offers`` is the service at each of its hooks.

    ``now`` is aware, its zone the one that days are counted in. ``remote``: the FHIR servers that this caller may have
    read; None: none. Raises ``RequestError`` when the request is wrong, ``MissingData`` when it brings no data at all
    or none of what is indispensable.
    """
    request = hook_request(body)
    members = request_members(strict.envelope(body, request))
    offer = _offer(offers, members["hook"])
    context = understood(hook_named(offer.service.hook), members["context"])
    supplied, unreadable = _supplied(supply(offer.templates, request.prefetch), members, context.patient, remote)
    _refuse_missing(offer, supplied, unreadable, _unasked(offer, request.prefetch))
    orders = _orders(context, background=offer.prepared.background)
    record = read(
        supplied.everything,
        offer.prepared.index,
        zone=_zone(now),
        patient_id=context.patient,
        drafts=_sent(orders, context),
        selected={position for position, each in enumerate(orders) if context.is_selected(each)},
        unavailable=supplied.unavailable,
        today=now.date(),
    )
    _refuse_strangers(offer, record)
    remarks = (*context.remarks, *filter(None, [unreadable]), *_faults(supplied))
    return Received(offer, context, record, members["hookInstance"], remarks, supplied.read)


def _zone(now: datetime) -> tzinfo:
    if now.tzinfo is None:
        raise ValueError("the moment of a call needs a time zone")
    return now.tzinfo


def _offer(offers: Mapping[str, Offer], hook: str) -> Offer:
    if hook not in offers:
        raise RequestError(f"hook: this service is offered at {', '.join(sorted(offers))}")
    return offers[hook]


def _supplied(supplied: Supply, members: Mapping[str, Any], patient: str, remote: Remote | None) -> tuple[Supply, str]:
    """What there is, with what could be read; and why nothing could be, where the client would have had it read."""
    if "fhirServer" not in members:
        return supplied, ""
    if remote is None:
        return supplied, UNREGISTERED
    try:
        way = access(members, patient, remote)
    except NotReadable as reason:
        return supplied, str(reason)
    return gathered(supplied, patient, way, remote), ""


def _faults(supplied: Supply) -> Iterator[str]:
    found = Counter(lack.unread.fault for lack in supplied.lacking.values() if lack.unread)
    return (f"{number} not read from fhirServer: {fault}" for fault, number in found.items())


def _unasked(offer: Offer, prefetch: Mapping[str, Sent]) -> str:
    """A key that is misspelt looks as if nothing had been sent. Its name is the client's own, and is not repeated."""
    number = len(prefetch.keys() - {template.key for template in offer.templates})
    return f"prefetch: keys that were sent and that discovery does not list: {number}" if number else ""


def _refuse_missing(offer: Offer, supplied: Supply, unreadable: str, unasked: str) -> None:
    """Without any data there would be no card, which reads as "nothing to worry about"."""
    needed = offer.service.indispensable if supplied.sent else {template.type for template in offer.templates}
    if missing := [lack for lack in supplied.lacking.values() if lack.template.type in needed]:
        raise MissingData(*(_told(lack, unreadable) for lack in missing), *filter(None, [unasked]))


def _told(lack: Lack, unreadable: str) -> str:
    """The key, why there is nothing, and what came of reading it where that does not say so."""
    attempt = lack.unread.reason if lack.unread else unreadable if lack.readable else ""
    reasons = [lack.why] if attempt in lack.why else [lack.why, attempt]
    return f"prefetch.{lack.template.key}: {'; '.join(reasons)}"


def _refuse_strangers(offer: Offer, record: PatientRecord) -> None:
    """What is about somebody else is not there; what is there in part is told on a card."""
    strange = {kind for kind in offer.service.indispensable if record.unavailable.get(kind) == NOT_OF_PATIENT}
    if strange:
        keys = (template.key for template in offer.templates if template.type in strange)
        raise MissingData(*(f"prefetch.{key}: {NOT_OF_PATIENT}" for key in keys))


def _orders(context: Context, *, background: bool) -> list[Resource]:
    """Those to advise on, and the others where a fact asks for them."""
    if not context.hook.orders:
        return []
    return [each for each in context.proposed if background or context.is_selected(each)]


def _sent(orders: list[Resource], context: Context) -> Sent:
    """In the one shape the reader knows."""
    place = f"context.{context.hook.proposed}"
    if not orders:
        return Sent(place)
    entries = [{"resource": each} for each in orders]
    return sent(orjson.dumps({"resourceType": "Bundle", "entry": entries}, default=_digits), place)


def _digits(number: object) -> orjson.Fragment:
    assert isinstance(number, Decimal)
    return orjson.Fragment(str(number))
