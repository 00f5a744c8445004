"""Decisions that somebody looks for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, select

from cds.journal import Decision, Feedback
from cds.store import decisions, feedback, tables
from cds.store.database import reading

_decided, _issued = tables.decisions.c, tables.cards.c


def found(
    engine: Engine,
    *,
    hook_instance: str = "",
    card: str = "",
    patient: str = "",
    since: datetime | None = None,
    most: int = 100,
) -> tuple[Decision, ...]:
    """Those of which all that is given holds: the newest ``most`` of them, oldest first. ``patient``: a pseudonym."""
    conditions = [_decided.hook_instance == hook_instance] if hook_instance else []
    conditions += [_decided.patient == patient] if patient else []
    conditions += [_decided.at >= since] if since else []
    if card:
        conditions.append(_decided.id.in_(select(_issued.decision).where(_issued.uuid == card)))
    newest = select(_decided.id).where(*conditions).order_by(_decided.at.desc(), _decided.id.desc()).limit(most)
    with reading(engine) as connection:
        ids = list(connection.scalars(newest))
        return decisions.find(connection, _decided.id.in_(ids))


def ids(engine: Engine, *, since: datetime | None = None, most: int) -> list[str]:
    """Of the newest ``most`` decisions, oldest first."""
    newest = select(_decided.id).order_by(_decided.at.desc(), _decided.id.desc()).limit(most)
    with reading(engine) as connection:
        return list(connection.scalars(newest.where(_decided.at >= since) if since else newest))[::-1]


def by_id(engine: Engine, id_: str) -> Decision | None:
    with reading(engine) as connection:
        return next(iter(decisions.by_id(connection, id_)), None)


def told_of(engine: Engine, decision: Decision) -> tuple[Feedback, ...]:
    """What became of its cards, as far as their own client has told it."""
    with reading(engine) as connection:
        told = [one for card in decision.cards for one in feedback.of_card(connection, card.uuid)]
    of_caller = (decision.caller.issuer, decision.caller.tenant)
    return tuple(one for one in told if (one.caller.issuer, one.caller.tenant) == of_caller)
