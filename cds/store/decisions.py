"""Decisions as rows, and rows as decisions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, select

from cds.journal import NO_FACTS, Caller, Decision, IssuedCard
from cds.store import tables
from cds.store.rows import Row, Rows

_CALLER = ("client", "issuer", "tenant", "jti")
_SAME = (
    *("id", "at", "service", "hook", "hook_instance", "status", "milliseconds", "patient", "user", "encounter"),
    *("orders", "software", "knowledge", "unavailable", "body"),
)
_UNSHOWN = ("folded", "withheld", "unanswered", "acted")


def rows(decision: Decision) -> Rows:
    issued = list(enumerate(_cards(decision)))
    return {
        tables.decisions: [_decision(decision)],
        tables.cards: [_card(decision, place, card) for place, card in issued],
        tables.card_rules: [row for place, card in issued for row in _rules_of_card(decision, place, card)],
        tables.unshown: list(_unshown(decision)),
    }


def find(connection: Connection, *conditions: ColumnElement[bool]) -> tuple[Decision, ...]:
    """The decisions for whose row of ``tables.decisions`` the conditions hold, oldest first."""
    found = tables.decisions
    query = select(found).where(*conditions).order_by(found.c.at, found.c.id)
    return tuple(_as_decision(connection, row) for row in connection.execute(query).mappings().all())


def by_id(connection: Connection, id_: str) -> tuple[Decision, ...]:
    return find(connection, tables.decisions.c.id == id_)


def _cards(decision: Decision) -> Iterator[IssuedCard]:
    return chain(decision.cards, decision.quieted)


def _decision(decision: Decision) -> Row:
    same = {name: getattr(decision, name) for name in _SAME}
    caller = {name: getattr(decision.caller, name) for name in _CALLER}
    return {**same, **caller, "facts": bytes(decision.facts).decode()}


def _card(decision: Decision, place: int, card: IssuedCard) -> Row:
    return {
        "decision": decision.id,
        "place": place,
        "uuid": card.uuid,
        "indicator": card.indicator,
        "quieted": place >= len(decision.cards),
        "trigger": card.trigger,
        "suggestions": card.suggestions,
    }


def _rules_of_card(decision: Decision, place: int, card: IssuedCard) -> Iterator[Row]:
    for rank, rule in enumerate(card.rules):
        yield {"decision": decision.id, "place": place, "rank": rank, **_named(rule)}


def _unshown(decision: Decision) -> Iterator[Row]:
    for why in _UNSHOWN:
        for place, rule in enumerate(getattr(decision, why)):
            yield {"decision": decision.id, "why": why, "place": place, **_named(rule)}


def _named(rule: str) -> Row:
    """``id@version`` as two columns; a rule told without a version has none."""
    name, _, version = rule.partition("@")
    return {"rule": name, "version": version}


def spelled(rule: str, version: str) -> str:
    """As a decision has it."""
    return f"{rule}@{version}" if version else rule


def _as_decision(connection: Connection, row: Any) -> Decision:
    issued = _as_cards(connection, row["id"])
    rest: dict[str, Any] = {name: row[name] for name in _SAME}
    rules = _of(connection, tables.unshown, row["id"], "why", "place")
    rest |= {why: tuple(spelled(r["rule"], r["version"]) for r in rules if r["why"] == why) for why in _UNSHOWN}
    return Decision(
        caller=Caller(**{name: row[name] for name in _CALLER}),
        cards=tuple(card for quieted, card in issued if not quieted),
        quieted=tuple(card for quieted, card in issued if quieted),
        facts=msgspec.Raw(row["facts"].encode()) if row["facts"] else NO_FACTS,
        **rest,
    )


def _as_cards(connection: Connection, decision: str) -> list[tuple[bool, IssuedCard]]:
    rules = _of(connection, tables.card_rules, decision, "place", "rank")
    return [
        (
            row["quieted"],
            IssuedCard(
                uuid=row["uuid"],
                indicator=row["indicator"],
                rules=tuple(spelled(r["rule"], r["version"]) for r in rules if r["place"] == row["place"]),
                suggestions=row["suggestions"],
                trigger=row["trigger"],
            ),
        )
        for row in _of(connection, tables.cards, decision, "place")
    ]


def _of(connection: Connection, table: Table, decision: str, *order: str) -> Sequence[Any]:
    query = select(table).where(table.c.decision == decision).order_by(*(table.c[name] for name in order))
    return connection.execute(query).mappings().all()
