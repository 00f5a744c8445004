"""A hook call as it is understood: which service at which hook, about whom, and the record that was gathered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

import orjson

from cds.errors import MissingData, RequestError
from cds.fhir.decode import Sent, hook_request, sent
from cds.fhir.read import read
from cds.hooks import strict
from cds.hooks.catalogue import Offer
from cds.hooks.contexts import Context, understood
from cds.hooks.library import hook_named
from cds.hooks.prefetch import Supply, supply
from cds.hooks.schema import request_members
from cds.record import PatientRecord


@dataclass(frozen=True, slots=True)
class Received:
    """A call that is understood: which service at which hook, and about whom."""

    offer: Offer
    context: Context
    record: PatientRecord


def received(offers: Mapping[str, Offer], body: bytes, now: datetime) -> Received:
    """The call in a body; ``offers`` is the service at each of its hooks.

    ``now`` is aware, its zone the one that days are counted in. Raises ``RequestError`` when the request is wrong,
    ``MissingData`` when it brings no data at all.
    """
    request = hook_request(body)
    members = request_members(strict.envelope(body, request))
    offer = _offer(offers, members["hook"])
    context = understood(hook_named(offer.service.hook), members["context"])
    supplied = supply(offer.templates, request.prefetch)
    _refuse_nothing(offer, supplied)
    record = read(
        supplied.sent,
        offer.prepared.index,
        zone=_zone(now),
        patient_id=context.patient,
        drafts=_drafts(context),
        unavailable=supplied.unavailable,
        today=now.date(),
    )
    return Received(offer, context, record)


def _zone(now: datetime) -> tzinfo:
    if now.tzinfo is None:
        raise ValueError("the moment of a call needs a time zone")
    return now.tzinfo


def _offer(offers: Mapping[str, Offer], hook: str) -> Offer:
    if hook not in offers:
        raise RequestError(f"hook: this service is offered at {', '.join(sorted(offers))}")
    return offers[hook]


def _refuse_nothing(offer: Offer, supplied: Supply) -> None:
    """Without any data there would be no card, which reads as "nothing to worry about"."""
    if supplied.nothing:
        keys = ", ".join(template.key for template in offer.templates)
        raise MissingData(f"prefetch: none of {keys} was supplied")


def _drafts(context: Context) -> Sent:
    """The orders to advise on, in the one shape the reader knows."""
    place = f"context.{context.hook.proposed}"
    if not context.hook.orders:
        return Sent(place)
    entries = [{"resource": each} for each in context.proposed if context.is_selected(each)]
    return sent(orjson.dumps({"resourceType": "Bundle", "entry": entries}, default=_digits), place)


def _digits(number: object) -> orjson.Fragment:
    assert isinstance(number, Decimal)
    return orjson.Fragment(str(number))
