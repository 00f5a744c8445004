"""Findings of both sides of the body (spine.md NRM-04)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cds.clinical import Bounds, Number, Span, State
from cds.facts.dates import days_since, newest, past
from cds.facts.episodes import current_episode
from cds.facts.findings import unusable_answer
from cds.facts.onsets import Onset, onset, things
from cds.facts.question import Answer, Question
from cds.facts.stated import statements
from cds.facts.statements import Statement, evidence, present_now


class Side(NamedTuple):
    name: str
    onset: Onset
    stated: Span | None

    @property
    def began(self) -> Span | None:
        return None if self.onset.undated or self.onset.last is None else self.onset.last.when


def bilateral(question: Question) -> Answer | None:
    """Present on the left and on the right now, whatever the gap between their onsets."""
    stated = statements(question)
    present = tuple(
        one
        for one in present_now(stated, question, question.number("current"))
        if one.side is not None and not _is_stale(one, question)
    )
    left, right = (_side(name, present, stated.observed) for name in ("left", "right"))
    if left is not None and right is not None:
        shown = tuple(evidence(one, question) for one in present)
        attributes = {**_attributes(left, right, question), **_explained(left, right, question)}
        return Answer(State.PRESENT, attributes, shown, events=_events(left, right))
    return unusable_answer(question, stated.unusable) if present and stated.unusable else None


def _side(name: str, present: Iterable[Statement], background: Iterable[Statement]) -> Side | None:
    own = [one for one in present if one.side in (name, "both")]
    return Side(name, onset(things(own, background, name)), newest(*[one.when for one in own])) if own else None


def _is_stale(one: Statement, question: Question) -> bool:
    """A condition that no statement or encounter has mentioned for so long says nothing of today."""
    if one.observed or one.when is None:
        return False
    encounters = (
        past(encounter.when, question.today)
        for encounter in question.record.encounters
        if question.choice("in") in encounter.reasons
    )
    last = newest(one.when, *encounters)
    return last is not None and days_since(last, question.today) >= (question.number("stale") or 0.0)


def _attributes(left: Side, right: Side, question: Question) -> dict[str, Number | str]:
    def ago(span: Span) -> float:
        return days_since(span, question.today)

    attributes: dict[str, Number | str] = {}
    known = [side.began for side in (left, right) if side.began is not None]
    if len(known) == 2:
        attributes["onset_days"], attributes["first_onset_days"] = sorted(map(ago, known))
        attributes["side"] = _newer_side(left, right)
    elif known:
        attributes["onset_days"] = Bounds(0.0, ago(known[0]))
    if left.stated is not None and right.stated is not None:
        attributes["stated_days"] = min(ago(left.stated), ago(right.stated))
    return attributes


def _newer_side(left: Side, right: Side) -> str:
    last = newest(left.began, right.began)
    newer = [side.name for side in (left, right) if side.began and last and side.began.latest == last.latest]
    return "both" if len(newer) == 2 else newer[0]


def _events(left: Side, right: Side) -> dict[str, Span]:
    events = {"stated": newest(left.stated, right.stated)}
    if left.began is not None and right.began is not None:
        events["onset"] = newest(left.began, right.began)
    return {name: span for name, span in events.items() if span is not None}


def _explained(left: Side, right: Side, question: Question) -> dict[str, Number | str]:
    """Whether its cause was on record before the episode; for want of an episode, before the first side."""
    if not question.names_codes("explained_by"):
        return {}
    episode = current_episode(question, "episode") if question.names_codes("episode") else None
    firsts = [episode.began.when] if episode and episode.began else [side.began for side in (left, right)]
    start = min((span for span in firsts if span), key=lambda span: span.earliest, default=None)
    causes = (one.onset or one.when for one in statements(question, "explained_by").said if one.yes)
    before = start is not None and any(cause is not None and cause.latest < start.earliest for cause in causes)
    return {"explained": "yes" if before else "no"}
