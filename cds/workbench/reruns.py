"""Decisions of the past made again, one after the other: how many come out as they were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import NamedTuple

from cds.errors import InputError, MissingData, RequestError, UnknownService
from cds.hooks.catalogue import Catalogue
from cds.hooks.quiet import Pseudonym
from cds.journal import Decision
from cds.workbench.past import Comparison, answered_again, cards_compared, compared, question

_TOLD = 20  # decisions that differ, one by one
_ANSWERED = 200


class Rerun(NamedTuple):
    """``whole``: the request was kept, and all of the answer was made again. ``held``: why nothing could be."""

    id: str
    whole: bool = False
    differs: tuple[str, ...] = ()
    held: str = ""


def rerun(
    served: Catalogue, decision: Decision, body: bytes, *, zone: tzinfo, pseudonym: Pseudonym, max_cards: int
) -> Rerun:
    """The rules on the facts of the record, and the answer to its request, as far as they were kept."""

    def comparisons() -> Iterator[Comparison]:
        if bytes(decision.facts):
            yield compared(served, decision, question(served, decision, zone))
        if body:
            again = answered_again(served, decision, body, zone=zone, pseudonym=pseudonym, max_cards=max_cards)
            yield cards_compared(decision, again.decision)

    if decision.status != _ANSWERED:
        return Rerun(decision.id, held="it had no answer")
    if not (bytes(decision.facts) or body):
        return Rerun(
            decision.id, held="no facts and no request were kept: no rule was within reach, or CDS_RECORD was none"
        )
    try:
        found = tuple(comparisons())
    except UnknownService:
        return Rerun(decision.id, held=f"there is no service {decision.service} any more")
    except (InputError, RequestError, MissingData) as error:
        return Rerun(decision.id, held=str(error))
    return Rerun(decision.id, bool(body), tuple(line for one in found for line in one.differs))


def lines(reruns: Sequence[Rerun]) -> Iterator[str]:
    """For people."""
    made = [one for one in reruns if not one.held]
    differing = [one for one in made if one.differs]
    whole = sum(one.whole for one in made)
    yield f"{len(reruns)} decisions, {len(made)} made again, {whole} of these from the whole request"
    yield f"{len(made) - len(differing)} came out as they were, {len(differing)} otherwise"
    for reason, number in Counter(one.held for one in reruns if one.held).most_common():
        yield f"{number} not made again: {reason}"
    yield from (f"DIFFERS {one.id} {line}" for one in differing[:_TOLD] for line in one.differs)
    if len(differing) > _TOLD:
        yield f"and {len(differing) - _TOLD} more"
