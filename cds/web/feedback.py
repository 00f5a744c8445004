"""POST /cds-services/{id}/feedback: what became of cards."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response

from cds.errors import Unavailable
from cds.hooks.feedback import feedback
from cds.web import body, current, requests, trust

pages = Blueprint("feedback", __name__)


@pages.post("/cds-services/<service_id>/feedback")
def take(service_id: str) -> Response:
    """All of it is taken or none: what was written before the room ran out is known again when it is sent again."""
    trust.client()
    current.served().offers(service_id)
    connections = current.connections()
    entries = feedback(
        body.read(current.settings().max_body_bytes),
        service=service_id,
        caller=trust.caller(),
        received=datetime.now(UTC),
        seal=connections.seal,
    )
    requests.note(service=service_id, feedback=len(entries))
    if not all(map(connections.journal.write, entries)):
        raise Unavailable("feedback cannot be kept just now; send it again later")
    connections.meters.feedback(entries)
    response = Response()
    del response.headers["Content-Type"]
    return response
