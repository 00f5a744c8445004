"""How much was said of each sub-population of a back-test: every share with what it is a share of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from cds.population.backtest import Call
from cds.population.subpopulations import AGES, NOT_RECORDED, By, Subpopulation

_ORDER: tuple[By, ...] = ("sex", "age", "race", "ethnicity")
_FEW = 20  # of fewer a share says little


@dataclass(frozen=True, slots=True)
class Share:
    of: Subpopulation
    patients: int
    patients_with_card: int
    calls: int
    calls_with_card: int
    cards: int


def shares(calls: Iterable[Call]) -> tuple[Share, ...]:
    """By sex, age, race and ethnicity; nothing of what no record tells.

    A patient who grows older is in more than one band of age, and one of several races in each of them.
    """
    within: dict[Subpopulation, list[Call]] = {}
    for call in calls:
        for each in call.subpopulations:
            within.setdefault(each, []).append(call)
    told = {each.by for each in within if each.name != NOT_RECORDED}
    return tuple(_share(each, within[each]) for each in sorted(within, key=_place) if each.by in told)


def _place(one: Subpopulation) -> tuple[int, bool, int, str]:
    """The young before the old; what was not recorded comes last."""
    return _ORDER.index(one.by), one.name == NOT_RECORDED, AGES.index(one.name) if one.name in AGES else 0, one.name


def _share(of: Subpopulation, calls: Sequence[Call]) -> Share:
    with_card = [call for call in calls if call.cards]
    return Share(
        of,
        patients=len({call.patient for call in calls}),
        patients_with_card=len({call.patient for call in with_card}),
        calls=len(calls),
        calls_with_card=len(with_card),
        cards=sum(len(call.cards) for call in with_card),
    )


def lines(found: Iterable[Share]) -> Iterator[str]:
    """For people."""
    for by, ones in groupby(found, key=lambda one: one.of.by):
        yield f"by {by}:"
        for one in ones:
            calls, patients = rate(one.calls_with_card, one.calls), rate(one.patients_with_card, one.patients)
            yield f"  {one.of.name}: calls with a card {calls}, patients with a card {patients}, cards {one.cards}"


def rate(n: int, of: int) -> str:
    """Never without its denominator; of few, no share."""
    return f"{n}/{of}" if of < _FEW else f"{n}/{of} ({n / of:.1%})"


def as_json(found: Iterable[Share]) -> list[dict[str, Any]]:
    return [
        {
            **one.of._asdict(),
            "calls_with_a_card": {"n": one.calls_with_card, "of": one.calls},
            "patients_with_a_card": {"n": one.patients_with_card, "of": one.patients},
            "cards": one.cards,
        }
        for one in found
    ]
