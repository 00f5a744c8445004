"""Responses to cards one by one, each with its card, for whoever has to hand them over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Engine, and_, select

from cds.store import tables
from cds.store.database import reading
from cds.store.decisions import spelled
from cds.store.feedback import belongs
from cds.store.reports import Scope

_decided, _issued, _of_card = tables.decisions.c, tables.cards.c, tables.card_rules.c
_told = tables.feedback.c
_AT_ONCE = 1_000  # rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Responded:
    """``rules``: ``id@version`` of those that gave the card, the leading one first. ``user``: a pseudonym; "" when the
    call named none. ``comment``: sealed to the entry ``id``; "" when there is none.
    """

    id: str
    decision: str
    rules: tuple[str, ...]
    indicator: str
    service: str
    hook: str
    client: str
    tenant: str
    user: str
    outcome: str
    at: datetime
    reason_system: str
    reason_code: str
    reason_display: str
    comment: str


def responded(engine: Engine, scope: Scope) -> Iterator[Responded]:
    """On cards of the decisions of that time, by their own client, in the order in which they happened."""
    query = (
        select(
            *(_told.id, _told.outcome, _told.at, _told.reason_system, _told.reason_code, _told.reason_display),
            *(_told.comment, _issued.decision, _issued.indicator, _decided.service, _decided.hook),
            *(_decided.client, _decided.tenant, _decided.user, _of_card.rule, _of_card.version),
        )
        .select_from(
            tables.feedback.join(tables.cards, _told.card == _issued.uuid)
            .join(tables.decisions, belongs())
            .join(tables.card_rules, and_(_of_card.decision == _issued.decision, _of_card.place == _issued.place))
        )
        .where(scope.holds(), _issued.quieted.is_(False))
        .order_by(_told.at, _told.received, _told.id, _of_card.rank)
        .execution_options(yield_per=_AT_ONCE)
    )
    with reading(engine) as connection:
        for _, rows in groupby(connection.execute(query), attrgetter("id")):
            yield _one([*rows])


def _one(rows: list[Any]) -> Responded:
    """A row for each rule of its card."""
    first: dict[str, Any] = rows[0]._asdict()
    own = {name: value for name, value in first.items() if name not in ("rule", "version")}
    return Responded(rules=tuple(spelled(row.rule, row.version) for row in rows), **own)
