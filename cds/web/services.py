"""POST /cds-services/{id}: one hook call."""

from __future__ import annotations

import time
from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, g

from cds.fhir.remote.servers import FhirServer
from cds.hooks.access import Remote
from cds.hooks.answer import answer
from cds.security.clients import Client
from cds.web import body, current, replies, requests, trust
from cds.web.laps import Laps

pages = Blueprint("services", __name__)


@pages.post("/cds-services/<service_id>")
def call(service_id: str) -> Response:
    settings, connections, client = current.settings(), current.connections(), trust.client()
    offers = current.served().offers(service_id)
    requests.note(service=service_id)
    g.body = body.read(settings.max_body_bytes)
    laps = g.laps = Laps()
    answered = answer(
        offers,
        g.body,
        now=datetime.now(ZoneInfo(settings.time_zone)),
        new_id=lambda: str(uuid4()),
        max_cards=settings.max_cards,
        cross_check=settings.cross_check,
        remote=_remote(client),
        system_actions=client.system_actions if client else settings.system_actions,
        responses=connections.lookups.responses,
        pseudonym=connections.pseudonyms(trust.caller()),
        record=settings.record,
        address=settings.url,
        lap=laps.lap,
    )
    g.decision = answered.decision
    connections.meters.stages(service_id, laps.stages)
    requests.note(**answered.counts)
    return replies.json(answered.response)


def _remote(client: Client | None) -> Remote | None:
    """What may be read for the caller; None when there is nothing."""
    settings, connections = current.settings(), current.connections()
    servers = (
        client.fhir_servers if client else tuple(FhirServer(base, anonymous=True) for base in settings.fhir_servers)
    )
    if not servers:
        return None
    seconds = settings.fhir_milliseconds / 1_000
    return Remote(servers, connections.reads, seconds, time.monotonic(), g.span or g.trace)
