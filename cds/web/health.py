"""/healthz: the process answers. /readyz: what it has loaded, and what of it does not work as it should.

Advice is given without a database, a spool or keys that are fresh; such a service is degraded, and ready all the same.
It is not ready only when it would refuse every call, or is about to stop.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date

from flask import Blueprint, Response

from cds import __version__
from cds.ruleset.approval import overdue, unreviewed
from cds.ruleset.model import Knowledge
from cds.settings import Settings
from cds.web import current, replies
from cds.web.board import Post
from cds.web.connections import Connections

pages = Blueprint("health", __name__)

_FILLING = 0.5  # of the room of the spool
_AWAY = {"away": "cannot be reached", "failing": "fails", "newer": "has the schema of a newer release"}


@pages.get("/healthz")
def alive() -> Response:
    return replies.json({"status": "ok"})


@pages.get("/readyz")
def ready() -> Response:
    settings, connections = current.settings(), current.connections()
    degraded = dict(doubts(settings, connections, current.post()))
    unready = _unready(settings, connections)
    knowledge = current.served().knowledge
    members = {
        "status": unready or ("degraded" if degraded else "ok"),
        "degraded": degraded,
        "version": __version__,
        "unreviewed": _unreviewed(knowledge),
        "overdue": _overdue(knowledge, current.today()),
        "shadow": _shadow(knowledge),
        "rulesets": {ruleset.id: ruleset.version for ruleset in knowledge.rulesets.values()},
        "fingerprint": knowledge.fingerprint,
    }
    return replies.json(
        {name: value for name, value in members.items() if value not in ({}, "")}, 503 if unready else 200
    )


def _unreviewed(knowledge: Knowledge) -> str:
    """No fault of the service, but what whoever runs it has to know."""
    names = unreviewed(knowledge)
    return f"no clinician has reviewed {len(names)} of the rulesets that are run" if names else ""


def _overdue(knowledge: Knowledge, today: date) -> str:
    names = overdue(knowledge, today)
    return f"the review of {len(names)} of the rulesets that are run was due before today" if names else ""


def _shadow(knowledge: Knowledge) -> str:
    named = {name for service in knowledge.services for name in service.rulesets}
    drafts = sum(knowledge.rulesets[name].status == "draft" for name in named)
    return f"{drafts} of {len(named)} rulesets are drafts, whose cards are recorded and not shown" if drafts else ""


def doubts(settings: Settings, connections: Connections, post: Post) -> Iterator[tuple[str, str]]:
    """Each part that does not work, and how it is. Anyone may read this page: no names, no addresses."""
    journal = connections.journal.state()
    if journal.database.reach in _AWAY:
        yield "database", f"{_AWAY[journal.database.reach]} since {journal.database.since:%Y-%m-%dT%H:%M:%SZ}"
    if journal.waiting_bytes > _FILLING * settings.spool_bytes:
        yield "spool", f"{journal.waiting_bytes / settings.spool_bytes:.0%} full"
    if journal.folder:
        yield "spool", f"cannot be used: {journal.folder}"
    if journal.lost:
        yield "journal", f"{journal.lost} entries lost since this process began"
    if journal.rejected_bytes:
        yield "rejected", f"{journal.rejected_bytes} bytes of entries that the database does not take"
    if not os.access(settings.state, os.W_OK):
        yield "state", "the folder cannot be written to"
    if failed := post.reload_failed:
        yield "reload", f"failed at {failed:%Y-%m-%dT%H:%M:%SZ}; the rulesets of before are served"
    if connections.guard:
        yield from _doubtful(connections)


def _doubtful(connections: Connections) -> Iterator[tuple[str, str]]:
    """What is known less surely of callers."""
    assert connections.guard
    key_sets = connections.guard.key_sets
    if stale := len(key_sets.stale):
        yield "key sets", f"{stale} of {len(key_sets.readings)} cannot be read; the keys last read are used for a day"
    if connections.guard.replay.degraded:
        yield "replay", "each process knows only the tokens that it has seen itself"


def _unready(settings: Settings, connections: Connections) -> str:
    """Why no more calls should come; "" when they should."""
    if current.post().stopping:
        return "stopping"
    return "refusing" if _refuses_every_call(settings, connections) else ""


def _refuses_every_call(settings: Settings, connections: Connections) -> bool:
    """Told by what looks after the database by itself: no call comes any more that would find it again."""
    strict = connections.guard is not None and settings.replay == "strict"
    return strict and connections.journal.state().database.reach in _AWAY
