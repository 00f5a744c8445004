"""Questions of a screen: whether they were answered in this episode (spine.md SRF-13)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cds.clinical import Evidence, Number, Quantity, Span, State
from cds.facts.dates import days_since, words
from cds.facts.episodes import current_episode
from cds.facts.measures import spelled
from cds.facts.question import Answer, Question
from cds.facts.stated import statements
from cds.facts.statements import Statement, Unusable, evidence
from cds.record import ObservationEntry, ObservedValue


class Reply(NamedTuple):
    words: str  # "yes", "no", "number", "date"
    when: Span
    stated: Statement | Unusable


def screen_item(question: Question) -> Answer | None:
    """The newest answer of any kind, unless it is too old or from before the episode."""
    episode = current_episode(question, "episode") if question.names_codes("episode") else None
    start = episode.began.when.latest if episode and episode.began else None
    recent = [
        reply
        for reply in _replies(question)
        if days_since(reply.when, question.today) <= (question.number("within") or 0.0)
        and (start is None or reply.when.latest >= start)
    ]
    if not recent:
        return None
    newest = max(recent, key=lambda reply: reply.when.latest)
    stated: dict[str, Number | str] = {"answer": newest.words, "stated_days": days_since(newest.when, question.today)}
    return Answer(State.PRESENT, stated, (_shown(newest, question),), events={"stated": newest.when})


def _replies(question: Question) -> Iterable[Reply]:
    stated = statements(question)
    for one in stated.said:
        if one.when is not None and not one.history:
            yield Reply("yes" if one.yes else "no", one.when, one)
    for other in stated.unusable:
        entry, when, _ = other
        if when is not None and isinstance(entry, ObservationEntry):
            if isinstance(entry.value, Quantity):
                yield Reply("number", when, other)
            elif isinstance(entry.value, Span):
                yield Reply("date", when, other)


def _shown(reply: Reply, question: Question) -> Evidence:
    if isinstance(reply.stated, Statement):
        return evidence(reply.stated, question)
    entry = reply.stated.entry
    value = entry.value if isinstance(entry, ObservationEntry) else None
    return Evidence(entry.reference, entry.text or question.title, _spelled(value), words(reply.when))


def _spelled(value: ObservedValue | None) -> str:
    match value:
        case Quantity():
            return spelled(value)
        case Span():
            return words(value)
    return ""
