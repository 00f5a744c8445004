"""The conditions of a rule or a count, as they are written in `when` and `of`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import get_args

from cds.ruleset.document import Entries, Items, Spot, Value
from cds.ruleset.limits import MAX_ALTERNATIVES
from cds.ruleset.model import AnyOf, Condition, Count, Relation, Test
from cds.ruleset.phrases import PhraseError, test_of
from cds.ruleset.scope import Scope, speaks_of_one
from cds.ruleset.valuesets import Note

_WHOLE = ("without", "denied", "unless", "unrecorded")
_OF_RECORD = ("denied", "unrecorded")
_OF = re.compile(r"at least (\d{1,3}) of")
_AND = re.compile(r"\band\b")
_POINTS = re.compile(r"(minus )?([1-9]\d?) points?")
_MEANT = {"not": "without: <name>", "no": "without: <name>", "none": "without: <name>", "or": "any: [<name>, …]"}
"""What other languages call it."""


@dataclass(slots=True)
class Clauses:
    """Reads the conditions of one rule; takes down its problems and the counts that have no name of their own."""

    owner: str  # rule id or name of the count
    each: str  # fact with items that the rule is about, "" for the patient
    scope: Scope
    note: Note
    counts: list[Count] = field(default_factory=list)

    def conditions(self, written: Items) -> tuple[Condition, ...]:
        found = (self._condition(value, spot) for value, spot in written.placed())
        return tuple(condition for condition in found if condition is not None)

    def tests(self, key: str, written: Value, spot: Spot) -> tuple[Test, ...]:
        if not isinstance(written, Items) or not written:
            self.note(spot, f'"{key}" needs a list of conditions')
            return ()
        self._check_number(written, spot)
        found = (self._test(value, place) for value, place in written.placed())
        return tuple(test for test in found if test is not None)

    def worth(self, written: Value, spot: Spot) -> tuple[tuple[Test, ...], tuple[int, ...]]:
        """The tests of a count and what each is worth: ``2 points: [a, b]``, or a test by itself, one point."""
        tests: list[Test] = []
        points: list[int] = []
        for value, place in written.placed() if isinstance(written, Items) else ():
            found, each = self._worth(value, place)
            tests.extend(found)
            points.extend([each] * len(found))
        if not isinstance(written, Items) or not written:
            self.note(spot, '"of" needs a list of conditions')
        self._check_number(tests, spot)
        return tuple(tests), tuple(points) if set(points) != {1} else ()

    def _worth(self, value: Value, spot: Spot) -> tuple[tuple[Test, ...], int]:
        key = next(iter(value)) if isinstance(value, Entries) and len(value) == 1 else ""
        if of := _POINTS.fullmatch(key):
            return self.tests(key, value[key], value.at(key)), int(of[2]) * (-1 if of[1] else 1)
        test = self._test(value, spot)
        return (test,) if test else (), 1

    def _condition(self, value: Value, spot: Spot) -> Condition | None:
        if isinstance(value, Entries) and len(value) == 1:
            (key, inner) = next(iter(value.items()))
            if key == "any":
                tests = self.tests(key, inner, value.at(key))
                words = f"any of: {', '.join(test.words for test in tests)}"
                return AnyOf(tests, words, spot.line) if tests else None
            if of := _OF.fullmatch(key):
                return self._at_least(int(of[1]), key, inner, value.at(key))
        return self._test(value, spot)

    def _at_least(self, number: int, key: str, written: Value, spot: Spot) -> Test | None:
        tests = self.tests(key, written, spot)
        if isinstance(written, Items) and not 1 <= number <= len(written):
            self.note(spot, f'"{key}" needs a number from 1 to {len(written)}: there are {len(written)} conditions')
        count = Count(f"{self.owner}, count {len(self.counts) + 1}", tests, spot.place)
        self.counts.append(count)
        words = f"{key}: {', '.join(test.words for test in tests)}"
        return Test(count.name, "at least", "value", float(number), words, line=spot.line)

    def _check_number(self, choices: Sequence[object], spot: Spot) -> None:
        if len(choices) > MAX_ALTERNATIVES:
            self.note(spot, f"more than {MAX_ALTERNATIVES} conditions to choose from; a value set may replace them")

    def _test(self, value: Value, spot: Spot) -> Test | None:
        if isinstance(value, str):
            return self._whole("present", value, value, spot)
        if not isinstance(value, Entries) or len(value) != 1:
            self.note(spot, "a condition is a name, or one key with a phrase, such as `egfr: below 30`")
            return None
        (key, inner) = next(iter(value.items()))
        if key in _WHOLE:
            return self._named(key, inner, value.at(key))
        if key == "any" or _OF.fullmatch(key):
            self.note(value.at(key), f'"{key}" cannot be nested; make it a conclusion or a count, and ask for its name')
            return None
        return self._phrase(key, inner, value.at(key))

    def _named(self, key: str, name: Value, spot: Spot) -> Test | None:
        if not isinstance(name, str):
            self.note(spot, f'"{key}" needs the name of a fact or conclusion')
            return None
        relation = next(one for one in get_args(Relation) if one == key)
        return self._whole(relation, name, f"{key}: {name}", spot)

    def _whole(self, relation: Relation, name: str, words: str, spot: Spot) -> Test | None:
        scope = self.scope
        if name in scope.conclusions:
            self._check_conclusion(relation, name, spot)
        elif name in scope.counts:
            self.note(spot, f'"{name}" is a count: compare it, such as `{name}: at least 2`')
        elif name not in scope.facts and not scope.lets_pass(name):
            self.note(spot, self._stranger(name))
        return Test(name, relation, words=words, line=spot.line)

    def _stranger(self, name: str) -> str:
        stem = name.partition(".")[0]
        if "." in name and stem in self.scope.facts:
            return f'"{name}" is an attribute: compare it, such as `{name}: is known`'
        remedy = "; write one condition per line" if _AND.search(name) else ""
        return self.scope.unknown("fact or conclusion", name) + remedy

    def _check_conclusion(self, relation: Relation, name: str, spot: Spot) -> None:
        drawn_for = self.scope.conclusions[name]
        if relation in _OF_RECORD:
            self.note(
                spot, f'"{name}" is a conclusion, which is never on record; ask `without: {name}` or `unless: {name}`'
            )
        elif drawn_for and drawn_for != self.each:
            self.note(spot, f'"{name}" is concluded for each {drawn_for}; only rules with `each: {drawn_for}` see it')

    def _phrase(self, subject: str, phrase: Value, spot: Spot) -> Test | None:
        name = subject.partition(".")[0]
        scope = self.scope
        if name not in scope.facts and name not in scope.counts and name not in scope.conclusions:
            if not scope.lets_pass(name):
                meant = _MEANT.get(name)
                remedy = f"; did you mean `{meant}`?" if meant else ""
                self.note(spot, scope.unknown("fact, count or conclusion", name) + remedy)
            return None
        if not isinstance(phrase, str):
            number = isinstance(phrase, int | float) and not isinstance(phrase, bool)
            example = f", such as `{subject}: is {phrase}`" if number else ""
            self.note(spot, f'the condition on "{subject}" must be a phrase{example}')
            return None
        self._check_item(name, spot)
        try:
            test = test_of(subject, phrase, scope)
        except PhraseError as error:
            self.note(spot, str(error))
            return None
        return replace(test, words=f"{subject}: {' '.join(phrase.split())}", line=spot.line)

    def _check_item(self, name: str, spot: Spot) -> None:
        spec = self.scope.facts.get(name)
        if spec and not speaks_of_one(spec, self.each, self.scope):
            self.note(spot, f'"{name}" can be present several times: use `each: {name}`')
