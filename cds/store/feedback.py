"""Feedback as rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import ColumnElement, Connection, and_, select

from cds.journal import Caller, Feedback
from cds.store import tables
from cds.store.rows import Row, Rows

_CALLER = ("client", "issuer", "tenant", "jti")
_SAME = (
    *("id", "received", "service", "card", "outcome", "at", "suggestions"),
    *("reason_system", "reason_code", "reason_display", "comment"),
)


def rows(told: Feedback) -> Rows:
    return {tables.feedback: [_row(told)]}


class Response(NamedTuple):
    """What was told of a card that this rule was a reason of. ``outcome``: accepted or overridden."""

    rule: str
    outcome: str


Responded: TypeAlias = Callable[[Sequence[Response]], None]
"""Told of responses that were stored for the first time."""


def unseen(_: Sequence[Response]) -> None:
    """Nobody looks on."""


def responses_of(connection: Connection, ids: Sequence[str]) -> list[Response]:
    """Of feedback with these ids, one for each rule of its card; none where the card is not there."""
    if not ids:
        return []
    issued, reasons = tables.cards.c, tables.card_rules
    of_rule = and_(reasons.c.decision == issued.decision, reasons.c.place == issued.place)
    of_card = tables.feedback.join(tables.cards, tables.feedback.c.card == issued.uuid)
    query = select(reasons.c.rule, tables.feedback.c.outcome).select_from(
        of_card.join(tables.decisions, belongs()).join(reasons, of_rule)
    )
    return [Response(*row) for row in connection.execute(query.where(tables.feedback.c.id.in_(ids)))]


def of_card(connection: Connection, uuid: str) -> tuple[Feedback, ...]:
    """Everything told about a card, by whomever, in the order it happened."""
    found = tables.feedback
    query = select(found).where(found.c.card == uuid).order_by(found.c.at, found.c.received, found.c.id)
    return tuple(_as_feedback(row) for row in connection.execute(query).mappings())


def belongs() -> ColumnElement[bool]:
    """Joins feedback to ``cards`` and ``decisions``: the card was issued to the very caller who tells of it (S19)."""
    told, issued, decided = tables.feedback.c, tables.cards.c, tables.decisions.c
    return and_(
        told.card == issued.uuid,
        issued.decision == decided.id,
        told.issuer == decided.issuer,
        told.tenant == decided.tenant,
    )


def _row(told: Feedback) -> Row:
    caller = {name: getattr(told.caller, name) for name in _CALLER}
    return {**{name: getattr(told, name) for name in _SAME}, **caller}


def _as_feedback(row: Any) -> Feedback:
    caller = Caller(**{name: row[name] for name in _CALLER})
    return Feedback(**{name: row[name] for name in _SAME}, caller=caller)
