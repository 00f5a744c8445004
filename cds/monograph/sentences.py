"""Conditions in sentences: what has to be so, of what, with its limit and unit."""

from __future__ import annotations

import re
from typing import cast

from cds.monograph.logic import Clause, Reference
from cds.monograph.scope import Subject, spoken
from cds.ruleset.kinds import KINDS, Attribute
from cds.ruleset.model import AnyOf, Condition, Test
from cds.ruleset.names import listed
from cds.ruleset.questions import unit_of
from cds.ruleset.scope import events_of
from cds.ruleset.spoken import amount

_NOBODY = Reference(name="")
_TOLD = 3  # rules that draw a conclusion
_FACT = {
    "present": "is present",
    "without": "is not shown by the data, which were supplied",
    "denied": "is documented as absent",
    "unless": "is not known to be present",
    "unrecorded": "is neither present nor denied on record",
}
_CONCLUSION = {
    "present": "is concluded",
    "without": "is not concluded, and that is certain",
    "unless": "is not concluded",
}
_COMPARED = {
    "above": "is above",
    "at least": "is at least",
    "below": "is below",
    "at most": "is at most",
    "is": "is",
    "is not": "is not",
}


def clause(condition: Condition, subject: Subject, points: int | None = None) -> Clause:
    if isinstance(condition, AnyOf):
        parts = tuple(clause(test, subject) for test in condition.tests)
        return Clause(subject=_NOBODY, says="at least one of these holds:", words=condition.words, parts=parts)
    if condition.subject in subject.counts:
        return _of_count(condition, subject, points)
    named, aspect, says = _sentence(condition, subject)
    drawn = _drawn_when(condition.subject, subject)
    return Clause(subject=named, says=says, words=condition.words, aspect=aspect, points=points, drawn_when=drawn)


def silencer(test: Test, subject: Subject) -> Clause:
    """What an ``unless`` waits for, said the other way round."""
    if test.subject in subject.drawers:
        named, says = subject.conclusion(test.subject), "is concluded"
    else:
        named, says = subject.fact(test.subject), "is known to be present"
    return Clause(subject=named, says=says, words=test.words, drawn_when=_drawn_when(test.subject, subject))


def _drawn_when(name: str, subject: Subject) -> tuple[str, ...]:
    """The titles of some of the rules that draw a conclusion, which has all of them where it is told."""
    titles = tuple(dict.fromkeys(rule.title for rule in subject.drawers.get(name, ())))
    more = len(titles) - _TOLD
    return (*titles[:_TOLD], *([f"by {more} more rule{'' if more == 1 else 's'}"] if more > 0 else []))


def _of_count(test: Test, subject: Subject, points: int | None) -> Clause:
    if subject.is_named(test.subject):
        says = _compared(test, "1")
        return Clause(subject=subject.count(test.subject), says=says, words=test.words, points=points)
    count = subject.counts[test.subject]
    parts = tuple(clause(one, subject, worth if count.points else None) for one, worth in count.worth)
    number = amount(cast("float", test.operand), "1")
    return Clause(subject=_NOBODY, says=f"at least {number} of these hold:", words=test.words, parts=parts)


def _sentence(test: Test, subject: Subject) -> tuple[Reference, str, str]:
    """What it is said of, which aspect of that, and what is said."""
    if test.subject in subject.drawers:
        return subject.conclusion(test.subject), "", _CONCLUSION[test.relation]
    named, spec = subject.fact(test.subject), subject.specs[test.subject]
    if not test.attribute:
        return named, "", _FACT[test.relation]
    if test.anchor:
        return named, "", _measured(test, subject.specs[test.anchor].title)
    event = _event(test.attribute, events_of(spec))
    if event is not None and f".{test.attribute}" not in test.words:
        return named, "", _dated(test, event)
    says = _compared(test, unit_of(spec, test.attribute))
    if test.attribute == "value":
        return named, "", says
    return named, meaning(KINDS[spec.kind].attributes[test.attribute]), says.removeprefix("is ")


def meaning(attribute: Attribute) -> str:
    """The first part of what is said about it: what it is, without how it is found."""
    return re.split(r"[;.](?= |$)", attribute.about, maxsplit=1)[0].replace("`", "")


def _event(attribute: str, events: tuple[str, ...]) -> str | None:
    for ending in ("_days", "_hours"):
        stem = attribute.removesuffix(ending)
        if stem != attribute and stem in events:
            return spoken(stem)
    return None


def _known(test: Test) -> str:
    return {"known": "is known", "unknown": "is not known"}[test.relation]


def _compared(test: Test, unit: str) -> str:
    match test.relation, test.operand:
        case "between", (float(low), float(high)):
            return f"is from {amount(low, unit)} to {amount(high, unit)}, both included"
        case "is one of", tuple(texts):
            return f"is {listed([str(text) for text in texts])}"
        case (("known" | "unknown"), _):
            return _known(test)
        case relation, operand:
            return f"{_COMPARED[relation]} {amount(cast('float | str', operand), unit)}"


def _dated(test: Test, event: str) -> str:
    """``onset within 14 days``; days are calendar days and a window holds its last one."""
    unit = "h" if test.attribute.endswith("_hours") else "d"
    match test.relation, test.operand:
        case "known", _:
            return f"has a known date ({event})"
        case "unknown", _:
            return f"has no known date ({event})"
        case "between", (float(low), float(high)):
            return f"was {event} {amount(low, unit)} to {amount(high, unit)} ago, both included"
        case relation, operand:
            ago = amount(cast("float", operand), unit)
            words = {
                "at most": f"{event} within {ago}",
                "below": f"{event} less than {ago} ago",
                "above": f"{event} more than {ago} ago",
                "at least": f"{event} {ago} ago or longer",
                "is": f"{event} {ago} ago",
                "is not": f"{event} not {ago} ago",
            }
            return f"({words[relation]})"


def _measured(test: Test, anchor: str) -> str:
    """Days before the anchor count upwards, days after it downwards."""
    event = spoken(test.attribute.partition("_days_before_")[0])
    match test.relation, test.operand:
        case "between", (float(low), float(high)) if low == -high:
            says = f"within {amount(high, 'd')} of"
        case "between", (0, float(high)):
            says = f"at most {amount(high, 'd')} before"
        case "between", (float(low), _):
            says = f"at most {amount(-low, 'd')} after"
        case "at least", float(days):
            says = f"at least {amount(days, 'd')} before"
        case _, days:
            says = f"at least {amount(-cast('float', days), 'd')} after"
    return f"({event} {says}: {anchor})"
