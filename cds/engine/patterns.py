"""Tests of the rule language as patterns: relations and comparisons of whole numbers, all the network is trusted with.

Numbers, texts and the subjects themselves cross into the library as integers. Nothing there then depends on types
that could be confused, on a locale, on quoting or on how a number is written; ``1e-7`` is as good as ``2``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cds.ruleset.model import AnyOf, Condition, Program, Test

FLAGS = "pwdur"
"""Of a message, the properties that say which relations hold; the value of each is the number of the subject."""

FLAG = dict(zip(("present", "without", "denied", "unless", "unrecorded"), FLAGS, strict=True))

FARTHEST = 2**63 - 1
"""Beyond the rank of every number, infinity included."""

NO_TEXT = -1
"""Stands for every text that no test asks for."""


class Attribute(NamedTuple):
    """The properties of a message that tell an attribute: its lowest and highest rank, that it is known, or missing."""

    low: str
    high: str
    known: str
    missing: str


class Comparison(NamedTuple):
    """``property operator operand``; the operator is ``==``, ``>``, ``>=``, ``<`` or ``<=``."""

    property: str
    operator: str
    operand: int


class Pattern(NamedTuple):
    """What must hold of the message about a subject: relations, and what is compared of its attributes."""

    subject: int
    flags: str
    comparisons: tuple[Comparison, ...] = ()


def rank(number: float) -> int:
    """The place of a number among all doubles: the ranks of two numbers compare as the numbers do."""
    (bits,) = struct.unpack("<q", struct.pack("<d", number + 0.0))  # the sum turns -0.0 into 0.0
    return int(bits) if bits >= 0 else int(bits) ^ 0x7FFF_FFFF_FFFF_FFFF


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The numbers of a program's subjects and texts, its attributes, and which of them are asked of each subject."""

    subjects: Mapping[str, int]
    attributes: Mapping[str, Attribute]
    texts: Mapping[str, int]
    asked: Mapping[str, tuple[str, ...]]


def vocabulary(program: Program) -> Vocabulary:
    rules = [rule for stages in (program.stages, *program.each.values()) for stage in stages for rule in stage]
    tests = [test for rule in rules for condition in rule.when for test in tests_of(condition)]
    tests += [test for count in program.counts.values() for test in count.tests]
    asked: dict[str, dict[str, None]] = {}
    for test in tests:
        attributes = asked.setdefault(test.subject, {})
        if not _is_whole(test):
            attributes[test.attribute] = None
    numbered = _numbered(attribute for attributes in asked.values() for attribute in attributes)
    return Vocabulary(
        subjects=_numbered(asked),
        attributes={name: Attribute(*(f"{end}{number}" for end in "lhkm")) for name, number in numbered.items()},
        texts=_numbered(text for test in tests for text in _texts(test.operand)),
        asked={subject: tuple(attributes) for subject, attributes in asked.items()},
    )


def tests_of(condition: Condition) -> tuple[Test, ...]:
    return condition.tests if isinstance(condition, AnyOf) else (condition,)


def alternatives(test: Test, words: Vocabulary) -> tuple[Pattern, ...]:
    """The patterns of which at least one must be met; most tests need but one."""
    subject = words.subjects[test.subject]
    if _is_whole(test):
        return (Pattern(subject, FLAG[test.relation]),)
    choices = _choices(test, words.attributes[test.attribute], words.texts)
    return tuple(Pattern(subject, FLAG["present"], choice) for choice in choices)


def _is_whole(test: Test) -> bool:
    """Whether the test is about the fact or conclusion as a whole. (A count has one attribute, without a name.)"""
    return not test.attribute and test.relation in FLAG


def _choices(test: Test, attribute: Attribute, texts: Mapping[str, int]) -> Sequence[tuple[Comparison, ...]]:
    low, high, known, missing = attribute
    match test.relation, test.operand:
        case "known", _:
            return [(Comparison(known, "==", 1),)]
        case "unknown", _:
            return [(Comparison(missing, "==", 1),)]
        case "above", float(limit):
            return [(Comparison(low, ">", rank(limit)),)]
        case "at least", float(limit):
            return [(Comparison(low, ">=", rank(limit)),)]
        case "below", float(limit):
            return [(Comparison(high, "<", rank(limit)),)]
        case "at most", float(limit):
            return [(Comparison(high, "<=", rank(limit)),)]
        case "between", (float(first), float(last)):
            return [(Comparison(low, ">=", rank(first)), Comparison(high, "<=", rank(last)))]
        case "is one of", tuple(wanted):
            return [_equal(attribute, texts[text]) for text in wanted if isinstance(text, str)]
        case "is", (float() | str()) as wanted:
            return [_equal(attribute, _number(wanted, texts))]
        case "is not", (float() | str()) as refused:
            number = _number(refused, texts)
            return [(Comparison(low, ">", number),), (Comparison(high, "<", number),)]
    raise ValueError(f"no pattern for {test.relation} {test.operand!r}")


def _equal(attribute: Attribute, number: int) -> tuple[Comparison, ...]:
    return Comparison(attribute.low, ">=", number), Comparison(attribute.high, "<=", number)


def _number(value: float | str, texts: Mapping[str, int]) -> int:
    return texts[value] if isinstance(value, str) else rank(value)


def _numbered(words: Iterable[str]) -> dict[str, int]:
    return {word: number for number, word in enumerate(dict.fromkeys(words))}


def _texts(operand: object) -> Iterator[str]:
    if isinstance(operand, str):
        yield operand
    if isinstance(operand, tuple):
        yield from (text for text in operand if isinstance(text, str))
