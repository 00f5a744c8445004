"""Every hook call is written into the journal, whatever came of it: once, before its answer is sent."""

from __future__ import annotations

from datetime import UTC, datetime
from time import perf_counter
from uuid import uuid4

import msgspec
from flask import Flask, Response, g, request

from cds.hooks.recording import failed
from cds.journal import NOBODY, Decision
from cds.web import current, requests, trust

CALL = "services.call"


def register(app: Flask) -> None:
    app.after_request(_write)


def _write(response: Response) -> Response:
    """A call that cannot be written down is answered all the same: advice that is withheld may harm (F13)."""
    if not _is_call() or g.get("journalled"):
        return response
    g.journalled = True  # also when the rest fails and the answer becomes another
    decision: Decision = g.get("decision") or _failed(response.status_code)
    told = msgspec.structs.replace(
        decision,
        caller=trust.caller(),
        status=response.status_code,
        milliseconds=round((perf_counter() - g.began) * 1_000, 2),
        body=_sealed(decision.id),
    )
    current.connections().meters.decision(told)
    requests.note(recorded=current.connections().journal.write(told))
    return response


def _is_call() -> bool:
    """Of a closed service only what its clients ask: a stranger who could write here could crowd out what they were
    told. Refused tokens are in the log.
    """
    strange = current.connections().guard is not None and trust.caller() == NOBODY
    return request.method == "POST" and request.endpoint == CALL and not strange


def _failed(status: int) -> Decision:
    """An id that nobody is served under could be anything, and is not kept."""
    service = (request.view_args or {}).get("service_id", "")
    return failed(
        g.get("body", b""),
        id_=str(uuid4()),
        at=datetime.now(UTC),
        service=service if service in current.served().by_id else "",
        status=status,
        pseudonym=current.connections().pseudonyms(trust.caller()),
    )


def _sealed(decision: str) -> str:
    """The request, encrypted, where the operator wants it kept."""
    if current.settings().record != "full" or not g.get("body"):
        return ""
    return current.connections().seal(g.body, f"decision {decision}")
