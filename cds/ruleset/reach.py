"""Which rules can have a say in the cards of a patient, known from the rules before any inference.

A rule cannot fire, nor be left undecided, while something it cannot do without is absent. Most records show nothing
that any card needs; for those nothing is inferred, and for the others only what leads to a card that they may get.
The way leads from what is recorded to the rules, so that rules about other things cost nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from operator import or_
from typing import TypeAlias

from cds.clinical import Fact, Facts, is_recorded
from cds.ruleset.asked import subjects_of
from cds.ruleset.gates import Gate, everybodys, gates_of
from cds.ruleset.model import Program
from cds.ruleset.selection import EVERY_RULE, Rules, members, numbered, rules_of

Gates: TypeAlias = int
"""A bit for each gate."""


@dataclass(frozen=True, slots=True)
class Lock:
    """The rules that wait for the very same gates. ``told``: what has a say in those with a card or system actions."""

    gates: Gates
    rules: Rules
    told: Rules


@dataclass(frozen=True, slots=True)
class Reach:
    """What stands between a record and the cards."""

    opens: Mapping[str, Gates]  # by fact
    free: Lock  # waits for nothing
    behind: Mapping[int, tuple[Lock, ...]]  # every other lock, by the gate of it that is least likely to be open
    asked_by: tuple[tuple[str, ...], ...]  # by rule, the facts it asks for or shows
    everybodys: frozenset[str]  # facts that are recorded of everybody, such as an age

    @classmethod
    def of(cls, program: Program) -> Reach:
        gates, subjects = gates_of(program), _subjects(program)
        numbers = {gate: number for number, gate in enumerate(dict.fromkeys(chain.from_iterable(gates.values())))}
        opens: dict[str, Gates] = defaultdict(int)
        for gate, number in numbers.items():
            for fact in gate:
                opens[fact] |= 1 << number
        behind: dict[int, list[Lock]] = defaultdict(list)
        free = Lock(0, 0, 0)
        for closed, lock in _locks(program, subjects, gates, numbers):
            if closed:
                behind[numbers[closed[0]]].append(lock)
            else:
                free = lock
        return cls(
            opens=dict(opens),
            free=free,
            behind={number: tuple(locks) for number, locks in behind.items()},
            asked_by=tuple(_asked(program, subjects)),
            everybodys=everybodys(program),
        )

    def rules(self, facts: Facts, among: Rules = EVERY_RULE) -> Rules:
        """Those that may fire or be left undecided, and with that lead to a card or change it. None: no card.

        Of the facts, only those are worked out that rules ask for which what the record touches might let fire.
        """
        touched = self._within(self._opened(facts.possible)) & among
        if not touched:
            return touched
        asked = self._names(touched) & facts.possible
        return self._within(self._opened(name for name in asked if is_recorded(facts[name]))) & among

    def asked(self, rules: Rules, facts: Mapping[str, Fact]) -> Mapping[str, Fact]:
        """What these rules ask for or show."""
        if rules == EVERY_RULE:
            return facts
        return {name: facts[name] for name in sorted(self._names(rules))}

    def near(self, facts: Facts, doubtful: frozenset[str]) -> bool:
        """Whether some card is within reach, or would be if of the ``doubtful`` facts all were recorded.

        Of a card that would be, something has to be recorded in truth: a back pain, or an order.
        """
        if self.rules(facts):
            return True
        seen = {name for name in facts.possible if is_recorded(facts[name])}
        shut, touched = ~self._opened(seen | doubtful), self._opened(seen - self.everybodys)
        return any(
            lock.told and lock.gates & touched and not lock.gates & shut
            for lock in chain.from_iterable(self.behind.values())
        )

    def _opened(self, seen: Iterable[str]) -> Gates:
        return reduce(or_, [self.opens[name] for name in seen if name in self.opens], 0)

    def _within(self, opened: Gates) -> Rules:
        """The rules with all gates open that have a say in a card of such a rule."""
        rules, told, shut = self.free.rules, self.free.told, ~opened
        for number in members(opened):
            for lock in self.behind.get(number, ()):
                if not lock.gates & shut:
                    rules |= lock.rules
                    told |= lock.told
        return rules & told

    def _names(self, rules: Rules) -> set[str]:
        return set[str]().union(*[self.asked_by[number] for number in members(rules)])


def _subjects(program: Program) -> dict[str, list[str]]:
    """By rule what it asks for or shows."""
    return {rule.id: subjects_of(rule, program.counts) for rule in rules_of(program)}


def _locks(
    program: Program,
    subjects: Mapping[str, list[str]],
    gates: Mapping[str, tuple[Gate, ...]],
    numbers: Mapping[Gate, int],
) -> Iterator[tuple[tuple[Gate, ...], Lock]]:
    """One for all rules with the same gates."""
    rules, feeding = numbered(program), _feeding(program, subjects)
    told = {rule.id for rule in rules_of(program) if rule.card or rule.system}
    waiting: dict[tuple[Gate, ...], list[str]] = defaultdict(list)
    for name, closed in gates.items():
        waiting[closed].append(name)
    for closed, names in waiting.items():
        yield (
            closed,
            Lock(
                gates=sum(1 << numbers[gate] for gate in closed),
                rules=sum(rules[name] for name in names),
                told=reduce(or_, [feeding[name] for name in names if name in told], 0),
            ),
        )


def _asked(program: Program, subjects: Mapping[str, list[str]]) -> Iterator[tuple[str, ...]]:
    """By rule the facts that it asks for or shows."""
    for rule in rules_of(program):
        names = dict.fromkeys((rule.each, *subjects[rule.id]))
        yield tuple(name for name in names if name in program.facts)


def _feeding(program: Program, subjects: Mapping[str, list[str]]) -> dict[str, Rules]:
    """For each rule, itself and all whose conclusions it asks for or shows, directly or not."""
    drawing: dict[str, list[str]] = {}
    for rule in rules_of(program):
        if rule.conclude:
            drawing.setdefault(rule.conclude, []).append(rule.id)
    feeding = numbered(program)
    before = {
        name: drawers
        for name in feeding  # each after the rules it builds on, but for those that go round in a circle
        if (drawers := [drawer for subject in subjects[name] for drawer in drawing.get(subject, ())])
    }
    news = True
    while news:
        news = False
        for name, drawers in before.items():
            grown = reduce(or_, [feeding[drawer] for drawer in drawers], feeding[name])
            news |= grown != feeding[name]
            feeding[name] = grown
    return feeding
