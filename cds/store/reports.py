"""Counts over the decisions of a time: what was asked, what was shown, and what was answered to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, case, distinct, exists, func, select, union
from sqlalchemy.sql.selectable import FromClause

from cds.store import tables
from cds.store.feedback import belongs

_AT_ONCE = 1_000  # rows

_decided, _issued, _of_card = tables.decisions.c, tables.cards.c, tables.card_rules.c
_unshown, _told = tables.unshown.c, tables.feedback.c


@dataclass(frozen=True, slots=True)
class Scope:
    """The decisions that are looked at: from ``since`` to before ``until``, of one client or ("") of all."""

    since: datetime
    until: datetime
    client: str = ""

    def holds(self, earlier: timedelta = timedelta(0)) -> ColumnElement[bool]:
        there = and_(_decided.at >= self.since - earlier, _decided.at < self.until)
        return and_(there, _decided.client == self.client) if self.client else there


class Calls(NamedTuple):
    service: str
    hook: str
    knowledge: str
    status: int
    calls: int
    orders: int


class Cards(NamedTuple):
    """Of one rule, and what became of them. ``calls`` with at least one such card."""

    rule: str
    version: str
    quieted: bool
    calls: int
    cards: int


class Unshown(NamedTuple):
    rule: str
    version: str
    why: str
    calls: int


class Place(NamedTuple):
    """Where a card of a rule was due: shown, kept back, or without room."""

    rule: str
    version: str
    service: str
    hook: str
    knowledge: str


class Response(NamedTuple):
    """What a client told of a card that one of its rules was the reason of."""

    rule: str
    version: str
    decision: str
    place: int
    outcome: str
    reason_system: str
    reason_code: str


class Load(NamedTuple):
    """Cards of one indicator: all, and those of calls that name an encounter, an order, a user."""

    indicator: str
    cards: int
    with_encounter: int
    with_order: int
    with_user: int


class Showing(NamedTuple):
    rule: str
    version: str
    patient: str
    trigger: str
    at: datetime


def calls(connection: Connection, scope: Scope) -> list[Calls]:
    by = (_decided.service, _decided.hook, _decided.knowledge, _decided.status)
    query = select(*by, func.count(), func.sum(_decided.orders)).where(scope.holds()).group_by(*by)
    return [Calls(*row) for row in connection.execute(query)]


def cards(connection: Connection, scope: Scope) -> list[Cards]:
    by = (_of_card.rule, _of_card.version, _issued.quieted)
    query = select(*by, func.count(distinct(_decided.id)), func.count()).select_from(_cards_with_rules())
    return [Cards(*row) for row in connection.execute(query.where(scope.holds()).group_by(*by))]


def unshown(connection: Connection, scope: Scope) -> list[Unshown]:
    by = (_unshown.rule, _unshown.version, _unshown.why)
    query = select(*by, func.count(distinct(_decided.id))).join_from(
        tables.unshown, tables.decisions, _unshown.decision == _decided.id
    )
    return [Unshown(*row) for row in connection.execute(query.where(scope.holds()).group_by(*by))]


def places(connection: Connection, scope: Scope) -> set[Place]:
    where = (_decided.service, _decided.hook, _decided.knowledge)
    due = select(_of_card.rule, _of_card.version, *where).select_from(_cards_with_rules()).where(scope.holds())
    folded = (
        select(_unshown.rule, _unshown.version, *where)
        .join_from(tables.unshown, tables.decisions, _unshown.decision == _decided.id)
        .where(scope.holds(), _unshown.why == "folded")
    )
    return {Place(*row) for row in connection.execute(union(due, folded))}


def responses(connection: Connection, scope: Scope) -> Iterator[Response]:
    """On cards that were shown, in the order in which they happened, whenever that was."""
    what = (_issued.decision, _issued.place, _told.outcome, _told.reason_system, _told.reason_code)
    query = (
        select(_of_card.rule, _of_card.version, *what)
        .select_from(_cards_with_rules().join(tables.feedback, belongs()))
        .where(scope.holds(), _issued.quieted.is_(False))
        .order_by(_told.at, _told.received, _told.id)
    )
    return (Response(*row) for row in _streamed(connection, query))


def unmatched(connection: Connection, scope: Scope) -> int:
    """Reports of the same time on cards that were never issued to their caller, or whose record is not there yet."""
    known = exists().where(belongs(), _issued.decision == _decided.id)
    there = and_(_told.received >= scope.since, _told.received < scope.until, ~known)
    query = select(func.count()).select_from(tables.feedback).where(there)
    return connection.scalar(query.where(_told.client == scope.client) if scope.client else query) or 0


def load(connection: Connection, scope: Scope) -> list[Load]:
    query = (
        select(
            _issued.indicator,
            func.count(),
            _number(_decided.encounter != ""),
            _number(_decided.orders > 0),
            _number(_decided.user != ""),
        )
        .join_from(tables.cards, tables.decisions, _issued.decision == _decided.id)
        .where(scope.holds(), _issued.quieted.is_(False))
        .group_by(_issued.indicator)
    )
    return [Load(*row) for row in connection.execute(query)]


def encounters(connection: Connection, scope: Scope) -> int:
    query = select(func.count(distinct(_decided.encounter))).where(scope.holds(), _decided.encounter != "")
    return connection.scalar(query) or 0


def users_and_moments(connection: Connection, scope: Scope) -> Iterator[tuple[str, datetime]]:
    query = select(_decided.user, _decided.at).where(scope.holds(), _decided.user != "")
    return ((user, at) for user, at in _streamed(connection, query))


def showings(connection: Connection, scope: Scope, before: timedelta) -> Iterator[Showing]:
    """Of cards whose patient and trigger are known, in the order of time; also those of the time ``before``."""
    query = (
        select(_of_card.rule, _of_card.version, _decided.patient, _issued.trigger, _decided.at)
        .select_from(_cards_with_rules())
        .where(scope.holds(before), _issued.quieted.is_(False), _issued.trigger != "", _decided.patient != "")
        .order_by(_decided.at, _decided.id)
    )
    return (Showing(*row) for row in _streamed(connection, query))


def _cards_with_rules() -> FromClause:
    same_card = and_(_of_card.decision == _issued.decision, _of_card.place == _issued.place)
    return tables.card_rules.join(tables.cards, same_card).join(tables.decisions, _issued.decision == _decided.id)


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _streamed(connection: Connection, query: Select[Any]) -> Iterator[Any]:
    return iter(connection.execute(query.execution_options(yield_per=_AT_ONCE)))
