"""Answers a question with fixed answers: the kind ``stated-choice`` (headache.md 3.3)."""

from __future__ import annotations

from cds.clinical import Evidence, Number, State
from cds.facts.dates import days_since, is_future, past, words
from cds.facts.findings import unusable_answer
from cds.facts.headache import items
from cds.facts.question import Answer, Question
from cds.facts.stated import observed
from cds.facts.statements import Unusable
from cds.facts.windows import is_within
from cds.record import ObservationEntry


def stated_choice(question: Question) -> Answer | None:
    """The newest answer; of one day that says two things nothing can be relied on."""
    entries = [one for one in question.entries() if isinstance(one, ObservationEntry)]
    told = [one for one in entries if not is_future(observed(one, question), question.today)]
    dated = [(when, one) for one in told if (when := past(observed(one, question), question.today))]
    recent = [(when, one) for when, one in dated if is_within(when, one.instant, question)]
    if not recent:
        undated = [Unusable(one, None, "has no date") for one in told if observed(one, question) is None]
        return unusable_answer(question, undated) if undated else None
    last = max(when.latest for when, _ in recent)
    newest = [(when, one) for when, one in recent if when.latest == last]
    answers = {word for _, one in newest for word in items.words(one)}
    if len(answers) != 1 or not answers.issubset(question.asked.names["answers"]):
        return unusable_answer(question, [Unusable(one, when, "is none of the answers") for when, one in newest])
    answer, (when, entry) = answers.pop(), newest[0]
    shown = Evidence(entry.reference, entry.text or question.title, answer, words(when))
    attributes: dict[str, Number | str] = {"value": answer, "stated_days": days_since(when, question.today)}
    return Answer(State.PRESENT, attributes, (shown,), events={"stated": when})
