"""POST /cds-services/{id}: one hook call."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from flask import Blueprint, Response

from cds.hooks.answer import answer
from cds.web import body, current, replies, requests

pages = Blueprint("services", __name__)


@pages.post("/cds-services/<service_id>")
def call(service_id: str) -> Response:
    settings = current.settings()
    offers = current.served().offers(service_id)
    requests.note(service=service_id)
    answered = answer(
        offers,
        body.read(settings.max_body_bytes),
        now=datetime.now(ZoneInfo(settings.time_zone)),
        new_id=lambda: str(uuid4()),
        max_cards=settings.max_cards,
        cross_check=settings.cross_check,
    )
    requests.note(**answered.counts)
    return replies.json(answered.response)
