"""Cases that are whole hook requests: what their ruleset answers to them, as a service of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import uuid4

from cds.errors import MissingData, RequestError
from cds.evaluate import decide
from cds.facts import derive
from cds.hooks.answer import answer
from cds.hooks.catalogue import Offer
from cds.hooks.prefetch import templates
from cds.hooks.received import received
from cds.hooks.recorded import Asked
from cds.outcome import Outcome
from cds.ruleset.cases import Case, Shown
from cds.ruleset.hooks import HOOKS
from cds.ruleset.model import Service
from cds.ruleset.program import program_of, requirements
from cds.workbench.answers import shown
from cds.workbench.bench import Ready
from cds.workbench.given import misread, moment, told_by

_ROOM = 100  # cards: how many there is room for is a matter of the deployment


def answered(ready: Ready, case: Case, folder: Path) -> tuple[tuple[Shown, ...], Outcome]:
    """The cards, and all that was found out, for explanations.

    Raises ``InputError`` when there is no such file, or the service would refuse what is in it.
    """
    body, now = told_by(case.request, case, folder), moment(case)
    try:
        offers = dict(_offers(ready, case, body))
        told = answer(offers, body, now=now, new_id=lambda: str(uuid4()), max_cards=_ROOM)
        call = received(offers, body, now)
    except (RequestError, MissingData, ValueError) as error:
        raise misread(case, error) from error
    known = derive(ready.prepared.plan, call.record, now)
    outcome = decide(ready.prepared, call.offer.service, known, now, deceased=call.record.patient.deceased)
    return tuple(card for card, _ in shown(told)), outcome


def _offers(ready: Ready, case: Case, body: bytes) -> Iterator[tuple[str, Offer]]:
    """The service of the ruleset at the hook of the request, if there is such a hook."""
    request = json.loads(body)
    hook = request.get("hook") if isinstance(request, Mapping) else None
    if hook in HOOKS:
        service = Service(case.ruleset, hook, case.ruleset, case.ruleset, (case.ruleset,))
        program = program_of(ready.knowledge, (case.ruleset,), hook)
        needs = {"Patient": None, **requirements(program)}
        asked = Asked.of(ready.prepared.program)
        yield hook, Offer(service, ready.knowledge, ready.prepared, templates(needs, ready.knowledge), asked)
