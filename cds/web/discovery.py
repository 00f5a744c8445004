"""GET /cds-services: what is offered at which hook, and the data it asks for."""

from __future__ import annotations

from flask import Blueprint, Response

from cds.hooks.catalogue import discovery
from cds.web import current, replies

pages = Blueprint("discovery", __name__)


@pages.get("/cds-services")
def services() -> Response:
    return replies.json(discovery(current.served()))
