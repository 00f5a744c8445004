"""GET /: what is served here, for a person who opens the address."""

from __future__ import annotations

from flask import Blueprint, Response

from cds.ruleset.approval import warning
from cds.web import current
from cds.web.html import page

pages = Blueprint("index", __name__)


@pages.get("/")
def index() -> Response:
    catalogue = current.served()
    return page(
        "index.html",
        services=[offer.service for offer in catalogue.all_offers()],
        warning=warning(catalogue.knowledge),
        url=current.settings().url,
    )
