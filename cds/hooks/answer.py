"""One hook call, from the bytes of its body to the response and the record of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

from cds.evaluate import evaluate
from cds.hooks.access import Remote
from cds.hooks.acting import acting
from cds.hooks.call import Call
from cds.hooks.cards import written
from cds.hooks.catalogue import Offer
from cds.hooks.contexts import reference_to
from cds.hooks.gaps import gap_card
from cds.hooks.groups import Group, groups, within
from cds.hooks.quiet import Pseudonym, Responses, kept_back, marked
from cds.hooks.received import Received, received
from cds.hooks.recording import Level, Names, Told, decision
from cds.hooks.schema import check_response
from cds.journal import Decision
from cds.outcome import Firing, Outcome

Lap: TypeAlias = Callable[[str], None]
"""Told which stage has just ended: reading, evaluation, cards."""


@dataclass(frozen=True, slots=True)
class Answer:
    """``counts`` may be logged: they hold nothing about the patient. ``decision`` lacks its caller, status and time."""

    response: dict[str, Any]
    counts: Mapping[str, int | str]
    decision: Decision


def nameless(_kind: str, _name: str) -> str:
    """For those who keep no records."""
    return ""


def untimed(_stage: str) -> None:
    """For those who look at no clock."""


def answer(
    offers: Mapping[str, Offer],
    body: bytes,
    *,
    now: datetime,
    new_id: Callable[[], str],
    max_cards: int,
    cross_check: bool = True,
    remote: Remote | None = None,
    system_actions: bool = False,
    responses: Responses | None = None,
    pseudonym: Pseudonym = nameless,
    record: Level = "minimal",
    address: str = "",
    lap: Lap = untimed,
) -> Answer:
    """The cards for one call of a service. Raises as ``received`` does, and any fault of the evaluation: never cards
    in spite of one.

    ``remote``: the FHIR servers that may be read for this caller. ``responses`` is asked what the user did with
    earlier cards; without it no card is kept back. ``address`` is that of the service, as its clients reach it.
    """
    call = received(offers, body, now, remote)
    lap("reading")
    offer, context = call.offer, call.context
    outcome = evaluate(offer.prepared, offer.service, call.record, now, cross_check=cross_check)
    lap("evaluation")
    names = Names.of(context, pseudonym)
    held = marked(groups(outcome.recommendations), outcome.facts, offer.asked.steady, pseudonym)
    quiet = kept_back(held, names.patient, names.user, responses, now)
    speaking = Call(offer.knowledge, offer.prepared.program, context, outcome, new_id, address)
    told = _told(speaking, call, held, quiet, max_cards)
    actions = acting(speaking, offer.service, allowed=system_actions)
    response = {"cards": list(told.cards)} | actions
    check_response(response)
    lap("cards")
    told = replace(told, acted=_acted(outcome, actions))
    noted = decision(call, names, outcome, told, id_=new_id(), record=record)
    return Answer(response, _counts(call, outcome, told), noted)


def _told(call: Call, received: Received, held: Sequence[Group], quiet: frozenset[str], max_cards: int) -> Told:
    """The cards: what was answered before left out, then as many as there is room for, last what was not supplied."""
    patient = received.record.patient
    gap = None if patient.deceased else gap_card(call, received.offer, received.record.unavailable)
    loud = [group for group in held if group.trigger not in quiet]
    shown, folded = within(max_cards - (gap is not None), loud)
    cards = [written(call, group, folded if group is shown[-1] else ()) for group in shown]
    return Told(
        cards=[*cards, *([gap] if gap else [])],
        shown=shown,
        quieted=[group for group in held if group.trigger in quiet],
        folded=folded,
    )


def _acted(outcome: Outcome, actions: Mapping[str, Any]) -> list[Firing]:
    """The firings that may have added to the orders which are sent back."""
    changed = {reference_to(action["resource"]) for action in actions.get("systemActions", ())}
    return [firing for firing in outcome.actions if firing.item in changed]


def _counts(call: Received, outcome: Outcome, told: Told) -> dict[str, int | str]:
    return {
        "hook": call.offer.service.hook,
        "cards": len(told.cards),
        "quieted": len(told.quieted),
        "folded": len(told.folded),
        "unanswered": len(outcome.unanswered),
        "foreign": call.record.foreign,
        "unreadable": len(call.record.unreadable),
        "read": len(call.read),
        "remarks": "; ".join(call.remarks),
        **Counter(str(card["indicator"]) for card in told.cards),
    }
