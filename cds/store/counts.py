"""What is counted over the decisions of a time, all of it in one view of the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from sqlalchemy import Engine

from cds.store import reports
from cds.store.database import reading
from cds.store.reports import Calls, Cards, Load, Place, Response, Scope, Showing, Unshown


class Repeats(NamedTuple):
    """Of one rule: cards whose trigger is known, and those of them that the patient's record had shown before."""

    rule: str
    version: str
    again: int
    cards: int


@dataclass(frozen=True, slots=True)
class Counts:
    """``responses``: the last one on each card, for each of its rules."""

    calls: tuple[Calls, ...]
    cards: tuple[Cards, ...]
    unshown: tuple[Unshown, ...]
    places: frozenset[Place]
    responses: tuple[Response, ...]
    unmatched: int
    load: tuple[Load, ...]
    encounters: int
    user_days: int
    repeats: tuple[Repeats, ...]


def counts(engine: Engine, scope: Scope, *, zone: tzinfo, again_within: timedelta) -> Counts:
    """``zone``: of the days of users. ``again_within``: how long after a card the same one counts as repeated."""
    with reading(engine) as connection:
        return Counts(
            calls=tuple(reports.calls(connection, scope)),
            cards=tuple(reports.cards(connection, scope)),
            unshown=tuple(reports.unshown(connection, scope)),
            places=frozenset(reports.places(connection, scope)),
            responses=_last(reports.responses(connection, scope)),
            unmatched=reports.unmatched(connection, scope),
            load=tuple(reports.load(connection, scope)),
            encounters=reports.encounters(connection, scope),
            user_days=_days(reports.users_and_moments(connection, scope), zone),
            repeats=_repeats(reports.showings(connection, scope, again_within), scope.since, again_within),
        )


def _last(told: Iterable[Response]) -> tuple[Response, ...]:
    """A card may be overridden and accepted later: what happened last counts."""
    return tuple({(one.rule, one.version, one.decision, one.place): one for one in told}.values())


def _days(moments: Iterable[tuple[str, datetime]], zone: tzinfo) -> int:
    return len({(user, at.astimezone(zone).date()) for user, at in moments})


def _repeats(shown: Iterable[Showing], since: datetime, within: timedelta) -> tuple[Repeats, ...]:
    last: dict[tuple[str, str, str], datetime] = {}
    again, cards = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for one in shown:
        card, rule = (one.rule, one.patient, one.trigger), (one.rule, one.version)
        if one.at >= since:
            cards[rule] += 1
            again[rule] += card in last and one.at - last[card] <= within
        last[card] = one.at
    return tuple(Repeats(*rule, again[rule], number) for rule, number in cards.items())
