"""The right-hand side of a condition: "above 7.5 mg/dL", "is one of left, both", "onset within 14 days of fall"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from cds.ruleset import amounts
from cds.ruleset.kinds import KINDS, Attribute
from cds.ruleset.model import FactSpec, Relation, Test
from cds.ruleset.names import listed, suggestion, unknown
from cds.ruleset.questions import unit_of
from cds.ruleset.scope import Scope, attributes_of, events_of, no_attribute
from cds.ruleset.units import convert

_DURATION = r"(?P<duration>[\d.]+ [a-z]+)"
_COMPARISON = re.compile(r"(?P<relation>above|at least|below|at most|is not|is) (?P<operand>.+)")
_BETWEEN = re.compile(r"between (?P<low>.+?) and (?P<high>.+)")
_NUMBERS = 'write "above 3", "at least 3", "below 3", "at most 3", "between 3 and 5", "is 3", "is not 3" or "is known"'
_TEXTS = 'write "is …", "is not …", "is one of …, …" or "is known"'
_EVENTS = (
    '"within 14 days", "more than 14 days ago", "at least 14 days ago", "known", "unknown", "within 14 days of <fact>" '
    'or "at most (at least) 14 days before (after) <fact>"'
)


class PhraseError(Exception):
    """The words are no phrase of the rule language, or do not fit what they are said of. The text says why."""


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a phrase is said of: a fact and one of its attributes ("" when none was written)."""

    spec: FactSpec
    attribute: str
    scope: Scope


def test_of(subject: str, phrase: str, scope: Scope) -> Test:
    """Operands are in the unit of the attribute. Raises ``PhraseError``; KeyError never: the fact is known."""
    name, _, attribute = subject.partition(".")
    if name in scope.counts:
        return _of_count(name, attribute, phrase)
    if name in scope.conclusions:
        raise PhraseError(f'"{name}" is a conclusion: it is true or false and cannot be compared')
    about = _Subject(scope.facts[name], attribute, scope)
    words = " ".join(phrase.split())
    event, _, rest = words.partition(" ")
    if not attribute and event in events_of(about.spec):
        return _of_event(about, event, rest)
    if not attribute and any(pattern.fullmatch(words) for pattern, _ in _EVENT_PHRASES):
        raise PhraseError(_no_event(about.spec, words))
    return _of_attribute(about, words)


def comparison_of(spec: FactSpec, attribute: str, words: str) -> Test:
    """A comparison of one attribute, "at least 3 d/wk", its operand in the attribute's unit. Raises ``PhraseError``."""
    return _of_attribute(_Subject(spec, attribute, Scope({spec.name: spec}, frozenset(), {})), words)


# Counts and attributes


def _of_count(name: str, attribute: str, phrase: str) -> Test:
    if attribute:
        raise PhraseError(f'"{name}" is a count: it has no attributes')
    test = _number("1", phrase, name)
    return replace(test, subject=name, attribute="value")


def _of_attribute(about: _Subject, words: str) -> Test:
    offered = attributes_of(about.spec)
    attribute = about.attribute or "value"
    if attribute not in offered:
        raise PhraseError(_not_offered(about, words))
    subject = about.spec.name
    if words in ("is known", "is unknown"):
        return Test(subject, "known" if words == "is known" else "unknown", attribute)
    shown = f"{subject}.{attribute}" if about.attribute else subject
    if offered[attribute].type == "text":
        test = _text(offered[attribute], words, shown)
    else:
        test = _number(unit_of(about.spec, attribute), words, shown)
    return replace(test, subject=subject, attribute=attribute)


def _no_event(spec: FactSpec, words: str) -> str:
    events = events_of(spec)
    if not events:
        return f'"{words}" is about a date, and {spec.name}, of kind "{spec.kind}", has none'
    return f'"{words}" is about a date: write which one, such as `{spec.name}: {events[0]} {words}`'


def _not_offered(about: _Subject, words: str) -> str:
    name, kind, offered = about.spec.name, about.spec.kind, attributes_of(about.spec)
    if about.attribute:
        return no_attribute(about.spec, about.attribute)
    events = events_of(about.spec)
    first = words.partition(" ")[0]
    close = suggestion(first, events)
    if close or (events and re.search(r"\b(within|ago|before|after)\b", words)):
        return f'{name}, of kind "{kind}", has no event "{first}"{close or f"; it has {listed(events)}"}'
    ask = "ask for one of its attributes" if offered else "ask whether it is present"
    return f'{name}, of kind "{kind}", has no value to compare; {ask}, such as `{_example(name, offered)}`'


def _example(name: str, offered: Mapping[str, Attribute]) -> str:
    return f"{name}.{min(offered)}: is known" if offered else f"- {name}"


def _number(unit: str, words: str, shown: str) -> Test:
    if between := _BETWEEN.fullmatch(words):
        high = _quantity(between["high"], shown)
        low = _quantity(between["low"], shown)
        first, last = (_converted(one._replace(unit=one.unit or high.unit), unit, shown) for one in (low, high))
        if first > last:
            raise PhraseError(f'"{words}" is empty: the smaller number comes first')
        return Test("", "between", "", (first, last))
    comparison = _COMPARISON.fullmatch(words)
    if comparison is None or comparison["operand"].startswith("one of "):
        raise PhraseError(f'"{words}" does not fit {shown}, a number; {_NUMBERS}')
    operand = _converted(_quantity(comparison["operand"], shown), unit, shown)
    return Test("", _relation(comparison["relation"]), "", operand)


def _quantity(text: str, shown: str) -> amounts.Amount:
    if found := amounts.quantity(text):
        return found
    raise PhraseError(f'"{text}" is not a number, but {shown} is compared with numbers')


def _converted(amount: amounts.Amount, unit: str, shown: str) -> float:
    """In the attribute's unit. A number without a unit has that unit."""
    converted = convert(amount.number, amount.unit, unit) if amount.unit else amount.number
    if converted is None:
        raise PhraseError(f'"{amount.unit}" does not convert to "{unit}", the unit of {shown}')
    return converted


def _relation(words: str) -> Relation:
    relations: tuple[Relation, ...] = ("above", "at least", "below", "at most", "is", "is not")
    return next(relation for relation in relations if relation == words)


def _text(attribute: Attribute, words: str, shown: str) -> Test:
    comparison = _COMPARISON.fullmatch(words)
    if comparison is None or comparison["relation"] not in ("is", "is not"):
        raise PhraseError(f'"{words}" does not fit {shown}, a text; {_TEXTS}')
    operand = comparison["operand"]
    if comparison["relation"] == "is" and operand.startswith("one of "):
        texts = tuple(text.strip() for text in operand.removeprefix("one of ").split(","))
        return Test("", "is one of", "", tuple(_allowed(text, attribute, shown) for text in texts))
    return Test("", _relation(comparison["relation"]), "", _allowed(operand, attribute, shown))


def _allowed(text: str, attribute: Attribute, shown: str) -> str:
    if attribute.values and text not in attribute.values:
        close = suggestion(text, attribute.values)
        raise PhraseError(f'{shown} is never "{text}"{close or f"; it is {listed(attribute.values)}"}')
    return text


# Events


def _of_event(about: _Subject, event: str, words: str) -> Test:
    for pattern, make in _EVENT_PHRASES:
        if found := pattern.fullmatch(words):
            return make(about, event, found)
    raise PhraseError(
        f'"{event} {words}" is not a phrase about the date of {about.spec.name}; after "{event}" write {_EVENTS}'
    )


def _is_known(about: _Subject, event: str, found: re.Match[str]) -> Test:
    return Test(about.spec.name, "known" if found[0] == "known" else "unknown", f"{event}_days")


_AGO: Final[Mapping[str, Relation]] = {"within": "at most", "more than": "above", "at least": "at least"}


def _ago(about: _Subject, event: str, found: re.Match[str]) -> Test:
    relation = _AGO[found["how"]]
    written = amounts.duration(found["duration"])
    if written is None:
        raise PhraseError(f'"{found["duration"]}" is not a duration such as "14 days"')
    attribute = f"{event}_hours" if written.unit == "h" else f"{event}_days"
    if attribute not in attributes_of(about.spec):
        raise PhraseError(
            f"the {event} of {about.spec.name} is known in days only: hours need an attribute {attribute}"
        )
    return Test(about.spec.name, relation, attribute, written.number)


def _apart(about: _Subject, event: str, found: re.Match[str]) -> Test:
    days = _days(found["duration"])
    return _measured(about, event, found["anchor"], "between", (-days, days))


def _aside(about: _Subject, event: str, found: re.Match[str]) -> Test:
    """``before`` counts upwards from the anchor, ``after`` downwards."""
    days = _days(found["duration"])
    match found["how"], found["side"]:
        case "at most", "before":
            return _measured(about, event, found["anchor"], "between", (0.0, days))
        case "at most", _:
            return _measured(about, event, found["anchor"], "between", (-days, 0.0))
        case _, "before":
            return _measured(about, event, found["anchor"], "at least", days)
        case _:
            return _measured(about, event, found["anchor"], "at most", -days)


def _measured(
    about: _Subject, event: str, anchor: str, relation: Relation, operand: float | tuple[float, float]
) -> Test:
    spec = about.scope.facts.get(anchor)
    if spec is None:
        raise PhraseError(unknown("fact", anchor, about.scope.facts))
    if not KINDS[spec.kind].event:
        raise PhraseError(f'nothing can be measured from "{anchor}": kind "{spec.kind}" has no event with a date')
    return Test(about.spec.name, relation, f"{event}_days_before_{anchor}", operand, anchor=anchor)


def _days(text: str) -> float:
    days = amounts.days(text)
    if days is None:
        raise PhraseError(f'"{text}" is not a duration in days, weeks, months or years')
    return days


_EVENT_PHRASES: tuple[tuple[re.Pattern[str], Callable[[_Subject, str, re.Match[str]], Test]], ...] = (
    (re.compile(r"known|unknown"), _is_known),
    (re.compile(rf"(?P<how>within) {_DURATION}"), _ago),
    (re.compile(rf"(?P<how>more than|at least) {_DURATION} ago"), _ago),
    (re.compile(rf"within {_DURATION} of (?P<anchor>\w+)"), _apart),
    (re.compile(rf"(?P<how>at most|at least) {_DURATION} (?P<side>before|after) (?P<anchor>\w+)"), _aside),
)
