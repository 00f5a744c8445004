"""What would have to be otherwise for a rule to come out otherwise: the smallest changes of facts.

A search from what is recorded. In each world one condition that stands in the way is picked, and every nearest change
of a fact that would move it is tried. Whatever leads to the goal has to move that condition, so that no smallest change
is missed. The number of facts that may be changed grows by one at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, combinations

from cds import conditions
from cds.clinical import Fact, State
from cds.conditions import Truth
from cds.reasons import Outlines, Reasoning, reasonings
from cds.ruleset.asked import tests_of
from cds.ruleset.model import Program, Rule
from cds.ruleset.selection import numbered, only, rules_of
from cds.workbench.changes import Change, Changes, changed, seen, told
from cds.workbench.obstacles import Goal, Obstacles, Terrain
from cds.workbench.variety import Variety

NEW_ORDER = "a new order"
MOST_FACTS = 5
SHOWN = 12


@dataclass(frozen=True, slots=True)
class Flip:
    """Changes that together, and with none of them left out, make the rule come out as wanted."""

    changes: Changes
    words: tuple[str, ...]  # one for each fact


@dataclass(frozen=True, slots=True)
class Flips:
    """The plainest of all smallest changes, of so many ``facts``, and how many ``more`` there are.

    None found: there is none of that many facts or fewer. ``cut``: not all changes of so many facts were tried.
    """

    rule: Rule
    item: str | None
    truth: Truth  # as recorded
    wanted: bool
    found: tuple[Flip, ...]
    more: int
    facts: int
    cut: bool


def flips(
    program: Program,
    facts: Mapping[str, Fact],
    rule: Rule,
    item: str | None,
    *,
    wanted: bool,
    enough: Callable[[], bool],
    most: int = MOST_FACTS,
    shown: int = SHOWN,
) -> Flips:
    """``item``: the order that a rule with ``each`` is asked of. ``enough``: asked at every step whether to end.

    Those that are shown were proved by running all rules on the changed facts.
    """
    search = _Search.of(feeding(program, rule), facts, rule, item, wanted)
    size, found, cut = 0, list[Changes](), False
    while size < most and not found and not cut:
        size += 1
        found, cut = search.of_size(size, enough)
    found.sort(key=lambda one: _plainness(one, facts, program))
    known = dict(facts)
    proved = [one for one in found[:shown] if truth_of(program, changed(known, one), rule, item) is wanted]
    return Flips(
        rule=rule,
        item=item,
        truth=truth_of(program, known, rule, item),
        wanted=wanted,
        found=tuple(Flip(one, tuple(told(one, known, program.facts))) for one in proved),
        more=len(found) - len(proved),
        facts=size,
        cut=cut,
    )


def truth_of(program: Program, facts: Mapping[str, Fact], rule: Rule, item: str | None) -> Truth:
    """What a rule comes to when the plain evaluator runs all rules."""
    inference = conditions.infer(program, facts)
    key = (rule.id, item)
    return True if key in inference.fired else None if key in inference.undecided else False


def _plainness(changes: Changes, facts: Mapping[str, Fact], program: Program) -> tuple[object, ...]:
    """First recorded values that are others, then what is new; last what nobody can alter, as an age."""
    given = sum(program.facts[one.fact].kind in ("age", "gender") for one in changes)
    moved = sum(one.attribute in seen(facts, one.fact, one.item).attributes for one in changes)
    return given, len(changes), -moved, sorted((*one.thing, str(one.value)) for one in changes)


def feeding(program: Program, rule: Rule) -> Program:
    """The rule and all that have a say in it, with the facts they ask for."""
    drawing: dict[str, list[Rule]] = {}
    for one in rules_of(program):
        drawing.setdefault(one.conclude, []).append(one)
    wanted, names, waiting = {rule.id}, set[str](), [rule]
    while waiting:
        one = waiting.pop()
        subjects = {one.each, *(test.subject for test in tests_of(one, program.counts))} - {""}
        names |= subjects
        news = [drawer for subject in subjects for drawer in drawing.get(subject, ()) if drawer.id not in wanted]
        wanted |= {drawer.id for drawer in news}
        waiting += news
    bits = numbered(program)
    part = only(program, sum(bits[name] for name in wanted))
    kept = {name: spec for name, spec in program.facts.items() if name in names}
    return Program(kept, {name: one for name, one in part.counts.items() if name in names}, part.stages, part.each)


@dataclass(frozen=True, slots=True)
class _Search:
    """One search, with what it has seen so far."""

    program: Program
    outlines: Outlines
    terrain: Terrain
    facts: Mapping[str, Fact]
    rule: Rule
    item: str | None
    goal: Goal
    start: Changes
    _truths: dict[Changes, Truth] = field(default_factory=dict)

    @classmethod
    def of(cls, program: Program, facts: Mapping[str, Fact], rule: Rule, item: str | None, wanted: bool) -> _Search:
        tests = (test for one in rules_of(program) for test in tests_of(one, program.counts))
        terrain = Terrain.of(program, Variety.of(program.facts, tests))
        start = frozenset({Change(rule.each, item, "", State.PRESENT)}) if item == NEW_ORDER else frozenset()
        known = {name: facts[name] for name in program.facts}
        return cls(program, Outlines.of(program), terrain, known, rule, item, Goal(wanted), start)

    def of_size(self, most: int, enough: Callable[[], bool]) -> tuple[list[Changes], bool]:
        """The smallest changes among those of at most so many facts, and whether the search was cut."""
        visited, found, waiting = set[Changes](), set[Changes](), [self.start]
        while waiting:
            changes = waiting.pop()
            if changes in visited or any(one <= changes for one in found):
                continue
            if enough():
                return self._smallest(found), True
            visited.add(changes)
            reasoning = self._reasoning(changes)
            if self.goal.met(self._kept(changes, reasoning)):
                found.add(changes)
            elif reasoning:
                waiting.extend(self._further(changes, reasoning, most))
        return self._smallest(found), False

    def _further(self, changes: Changes, reasoning: Reasoning, most: int) -> Iterator[Changes]:
        touched = _touched(changes)
        need = Obstacles(self.terrain, touched).of_rule(self.rule, self.goal, reasoning)
        if len(touched) + need.least <= most:
            further = (self._with(changes, option) for option in need.options)
            yield from (one for one in further if len(_touched(one)) <= most)

    def _with(self, changes: Changes, option: Changes) -> Changes:
        """A later change takes the place of an earlier one; what is as recorded is no change."""
        made = {one.thing: one for one in (*changes, *option)}
        gone = {(one.fact, one.item) for one in option if not one.attribute and one.value is not State.PRESENT}
        kept = (one for one in made.values() if not one.attribute or (one.fact, one.item) not in gone)
        return frozenset(one for one in kept if not self._is_so(one)) | self.start

    def _is_so(self, change: Change) -> bool:
        fact = seen(self.facts, change.fact, change.item)
        now = fact.attributes.get(change.attribute) if change.attribute else fact.state
        return now == change.value and (not change.attribute or fact.state is State.PRESENT)

    def _reasoning(self, changes: Changes) -> Reasoning | None:
        """None: there is no such order."""
        facts = changed(self.facts, changes)
        found = reasonings(self.program, self.outlines, facts, conditions.infer(self.program, facts))
        return next((one for one in found if one.item == self.item), None)

    def _kept(self, changes: Changes, reasoning: Reasoning | None) -> Truth:
        self._truths[changes] = reasoning.truth(self.rule) if reasoning else False
        return self._truths[changes]

    def _truth(self, changes: Changes) -> Truth:
        if changes not in self._truths:
            self._kept(changes, self._reasoning(changes))
        return self._truths[changes]

    def _smallest(self, found: set[Changes]) -> list[Changes]:
        """Those of which nothing can be left out, with the nearest of several values."""
        bare = [one for one in found if not any(self.goal.met(self._truth(part)) for part in self._parts(one))]
        return [one for one in bare if not any(self._is_nearer(other, one) for other in bare)]

    def _parts(self, changes: Changes) -> Iterator[Changes]:
        """The same facts changed, in fewer respects. That fewer facts do not do it is known: they were tried before."""
        whole = frozenset(one for one in changes if not one.attribute)
        respects = sorted(changes - whole, key=lambda one: one.thing)
        some = chain.from_iterable(combinations(respects, size) for size in range(len(respects)))
        return (whole.union(part) for part in some)

    def _is_nearer(self, other: Changes, than: Changes) -> bool:
        """Whether it changes the same things, and none of them further."""
        theirs = {one.thing: one for one in other}
        if other == than or theirs.keys() != {one.thing for one in than}:
            return False
        return all(self._no_further(theirs[one.thing], one) for one in than)

    def _no_further(self, other: Change, than: Change) -> bool:
        if other.value == than.value:
            return True
        before = seen(self.facts, than.fact, than.item).attributes.get(than.attribute)
        if not all(isinstance(one, float) for one in (before, other.value, than.value)):
            return False
        assert isinstance(before, float) and isinstance(other.value, float) and isinstance(than.value, float)
        return (before - other.value) * (before - than.value) > 0 and abs(before - other.value) < abs(
            before - than.value
        )


def _touched(changes: Changes) -> frozenset[tuple[str, str]]:
    return frozenset((one.fact, one.item) for one in changes)
