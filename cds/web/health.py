"""/healthz: the process answers. /readyz: it has its rulesets, and which."""

from __future__ import annotations

from flask import Blueprint, Response

from cds import __version__
from cds.web import current, replies

pages = Blueprint("health", __name__)


@pages.get("/healthz")
def alive() -> Response:
    return replies.json({"status": "ok"})


@pages.get("/readyz")
def ready() -> Response:
    knowledge = current.served().knowledge
    versions = {ruleset.id: ruleset.version for ruleset in knowledge.rulesets.values()}
    return replies.json(
        {"status": "ok", "version": __version__, "rulesets": versions, "fingerprint": knowledge.fingerprint}
    )
