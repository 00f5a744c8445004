"""What a user has done with earlier cards of a patient: a card that was answered may be kept back for a while."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from cds.store import tables
from cds.store.feedback import belongs


def responses(connection: Connection, patient: str, user: str, triggers: Collection[str]) -> Mapping[str, datetime]:
    """When each trigger was last accepted or overridden by this user for this patient; those never are left out.

    A client may tell of an answer long after, or of one in the future: the earlier of its word and our receipt counts.
    """
    issued, decided, told = tables.cards.c, tables.decisions.c, tables.feedback.c
    query = (
        select(issued.trigger, told.at, told.received)
        .join_from(tables.decisions, tables.cards, issued.decision == decided.id)
        .join(tables.feedback, belongs())
        .where(decided.patient == patient, decided.user == user, issued.trigger.in_(triggers))
    )
    answered: dict[str, datetime] = {}
    for trigger, at, received in connection.execute(query):
        moment = min(at, received)
        answered[trigger] = max(moment, answered.get(trigger, moment))
    return answered
