"""What a user has done with earlier cards of a patient: a card that was answered may be kept back for a while.

Asked while a client waits, so it is a table of its own, written as feedback and the card it is about come together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, Insert, Select, bindparam, case, func, select
from sqlalchemy.dialects import postgresql, sqlite

from cds.journal import Decision, Feedback
from cds.store import tables
from cds.store.feedback import belongs

_AT_ONCE = 10_000  # cards; databases take some 30,000 values in one statement

_answered, _decided, _issued, _told = tables.answered.c, tables.decisions.c, tables.cards.c, tables.feedback.c


def _asked() -> Select[tuple[str, datetime]]:
    theirs = (_answered.patient == bindparam("patient")) & (_answered.user == bindparam("user"))
    wanted = _answered.trigger.in_(bindparam("triggers", expanding=True))
    return select(_answered.trigger, _answered.at).where(theirs, wanted)


def _matched() -> Select[tuple[str, str, str, datetime]]:
    """A client may tell of an answer long after, or of one in the future: the earlier of its word and our receipt."""
    moment = case((_told.at < _told.received, _told.at), else_=_told.received)
    by = (_decided.patient, _decided.user, _issued.trigger)
    return (
        select(*by, func.max(moment))
        .select_from(tables.feedback.join(tables.cards, _told.card == _issued.uuid).join(tables.decisions, belongs()))
        .where(_told.card.in_(bindparam("cards", expanding=True)), _decided.user != "", _issued.trigger != "")
        .group_by(*by)
    )


def _kept(insert: sqlite.Insert | postgresql.Insert) -> Insert:
    """The last answer counts, whichever is stored last."""
    later = insert.excluded.at > _answered.at
    return insert.from_select(["patient", "user", "trigger", "at"], _matched()).on_conflict_do_update(
        index_elements=["patient", "user", "trigger"], set_={"at": insert.excluded.at}, where=later
    )


_ASKED = _asked()
_KEPT = {"sqlite": _kept(sqlite.insert(tables.answered)), "postgresql": _kept(postgresql.insert(tables.answered))}


def responses(connection: Connection, patient: str, user: str, triggers: Collection[str]) -> Mapping[str, datetime]:
    """When each trigger was last accepted or overridden by this user for this patient; those never are left out."""
    asked = {"patient": patient, "user": user, "triggers": list(triggers)}
    return {row.trigger: row.at for row in connection.execute(_ASKED, asked)}


def match(connection: Connection, decided: Iterable[Decision], told: Iterable[Feedback]) -> None:
    """Brings together what was stored in this transaction with what was before, whichever of the two came first.

    One transaction at a time may store records, as ``cds.store.ledger`` sees to: of two that store a card and what was
    told of it, neither would see the other.
    """
    cards = sorted({card.uuid for one in decided for card in one.cards} | {one.card for one in told})
    for first in range(0, len(cards), _AT_ONCE):
        connection.execute(_KEPT[connection.dialect.name], {"cards": cards[first : first + _AT_ONCE]})
