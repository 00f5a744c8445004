"""One hook call, from the bytes of its body to the response."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cds.evaluate import evaluate
from cds.hooks.call import Call
from cds.hooks.cards import cards
from cds.hooks.catalogue import Offer
from cds.hooks.gaps import gap_card
from cds.hooks.received import received
from cds.hooks.schema import check_response


@dataclass(frozen=True, slots=True)
class Answer:
    """``counts`` may be logged: they hold nothing about the patient."""

    response: dict[str, Any]
    counts: Mapping[str, int | str]


def answer(
    offers: Mapping[str, Offer],
    body: bytes,
    *,
    now: datetime,
    new_id: Callable[[], str],
    max_cards: int,
    cross_check: bool = True,
) -> Answer:
    """The cards for one call of a service. Raises as ``received`` does, and any fault of the evaluation: never cards
    in spite of one.
    """
    call = received(offers, body, now)
    offer, record = call.offer, call.record
    outcome = evaluate(offer.prepared, offer.service, record, now, cross_check=cross_check)
    told = Call(offer.knowledge, offer.prepared.program, call.context, outcome, new_id)
    gap = None if record.patient.deceased else gap_card(told, offer.service, record.unavailable)
    shown = [*cards(told, max_cards - (gap is not None)), *([gap] if gap else [])]
    response = {"cards": shown}
    check_response(response)
    counts: dict[str, int | str] = {
        "hook": offer.service.hook,
        "cards": len(shown),
        "unanswered": len(outcome.unanswered),
        "foreign": record.foreign,
        "unreadable": len(record.unreadable),
        "remarks": len(call.context.remarks),
    }
    return Answer(response, {**counts, **Counter(str(card["indicator"]) for card in shown)})
