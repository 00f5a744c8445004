"""The pins of a ruleset: for each gap the plainest facts that close it, and further gaps with the same facts.

Where the search gives up the solver says what facts would do, or that none can.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from cds.clinical import Fact, Facts, State
from cds.ruleset.asked import tests_of
from cds.ruleset.model import Rule, Ruleset
from cds.ruleset.selection import rules_of
from cds.workbench.coverage import Covered, shown
from cds.workbench.goals import Goal
from cds.workbench.pins.asking import Asked, asked_of
from cds.workbench.pins.following import USUAL_HOOK, Follows, case_of, follows, whole
from cds.workbench.pins.search import GivenUp, Sketch, search
from cds.workbench.pins.words import name_of
from cds.workbench.pins.world import World
from cds.workbench.plainest import as_order, plainest
from cds.workbench.possible import Proofs
from cds.workbench.traces import Material, Scene, played

MOST_SKETCHES = 600  # for one gap
MOST_FURTHER = 40  # for one more gap with the same patient
MOST_TRIED = 30  # further gaps for one patient
MOST_TOLD = 7  # facts and attributes of one pin that is to close further gaps; more cannot be read at a glance
NOTHING = "nothing is supplied"
_ORDER = ("fires", "limit", "tips the count", "decides alone", "silences", "is unknown")


@dataclass(frozen=True, slots=True)
class Pin:
    """``closes``: the gaps; first the one it was made for and is named after, until all pins are there."""

    name: str
    facts: Mapping[str, Fact]
    follows: Follows
    closes: tuple[Goal, ...]
    hook: str = USUAL_HOOK


@dataclass(frozen=True, slots=True)
class Pinned:
    """``never``: no facts close these gaps. ``unfound``: none were found, though there may be some.

    ``about``: the rules and counts that each gap is about.
    """

    ruleset: Ruleset
    about: Mapping[Goal, tuple[str, ...]]
    pins: tuple[Pin, ...] = ()
    never: tuple[Goal, ...] = ()
    unfound: tuple[Goal, ...] = ()


@dataclass(slots=True)
class Pinner:
    """Lives as long as the gaps of one ruleset are closed."""

    covered: Covered
    material: Material
    world: World
    rules: Mapping[str, Rule]
    open_goals: dict[Goal, None] = field(default_factory=dict)
    proofs: Proofs | None = None  # made when the search gives up for the first time

    @classmethod
    def of(cls, covered: Covered, material: Material) -> Pinner:
        rules = {rule.id: rule for rule in rules_of(material.program)}
        goals = sorted(covered.missing, key=lambda goal: _ORDER.index(goal.what))
        return cls(covered, material, World(material.program), rules, dict.fromkeys(goals))

    def pinned(self) -> Pinned:
        pins, never, unfound = [*self._nothing_supplied()], list[Goal](), list[Goal]()
        while self.open_goals:
            goal = next(iter(self.open_goals))
            try:
                found = self._found(goal)
                pin, impossible = (self._pin(goal, *found), False) if found else (None, True)
            except GivenUp:
                pin, impossible = None, False
            if not pin and not impossible:
                pin, impossible = self._solved(goal)
            if pin:
                pins.append(pin)
            else:
                (never if impossible else unfound).append(goal)
            self.open_goals.pop(goal, None)
        told = _named_apart(tuple(self._needed(sorted(pins, key=_in_the_file))))
        return Pinned(self.covered.ruleset, self.covered.about, told, tuple(never), tuple(unfound))

    def _needed(self, pins: Iterable[Pin]) -> Iterator[Pin]:
        """Without those of which all is shown by pins before them, though they were made first."""
        left = dict.fromkeys(self.covered.missing)
        for pin in pins:
            met = shown(self._scene(pin.facts))
            if closes := tuple(goal for goal in left if goal in met):
                yield replace(pin, closes=closes)
                left = {goal: None for goal in left if goal not in met}

    def _nothing_supplied(self) -> Iterator[Pin]:
        """One patient of whom nothing is known leaves nearly every rule unanswered."""
        program = self.material.program
        own = self.covered.ruleset.rules
        names = sorted({test.subject for rule in own for test in tests_of(rule, program.counts)} & program.facts.keys())
        unsupplied = (name for name in names if State.UNSUPPLIED in self.world.values((name, "")))
        facts = {name: Fact(name, State.UNSUPPLIED) for name in unsupplied}
        scene = self._scene(facts)
        closes = self._closed_by(scene)
        if len(closes) > 2:
            yield Pin(NOTHING, facts, self._follows(scene), closes)
            self._close(closes)

    def _found(self, goal: Goal) -> tuple[Asked, Sketch] | None:
        """Raises ``GivenUp`` when no rule is found in which it can be met, and not all were searched to the end."""
        gave_up = False
        for asked in asked_of(goal, self.covered.about[goal], self.rules, self.world):
            try:
                if (sketch := search(self.world, Sketch(), asked.wants, MOST_SKETCHES)) is not None:
                    return asked, sketch
            except GivenUp:
                gave_up = True
        if gave_up:
            raise GivenUp
        return None

    def _pin(self, goal: Goal, asked: Asked, sketch: Sketch) -> Pin | None:
        if not self._closes(goal, sketch.facts(self.world)):
            return None
        fuller = self._with_further(goal, sketch)
        facts = fuller.facts(self.world)
        return self._closing(goal, asked.rule, facts if self._closes(goal, facts) else sketch.facts(self.world))

    def _solved(self, goal: Goal) -> tuple[Pin | None, bool]:
        """By the solver; and whether it is proven that no facts close the gap."""
        proofs = self.proofs or Proofs(self.material.program)
        self.proofs = proofs
        impossible = True
        for rule in proofs.asking(self.covered.about[goal]):
            if (found := proofs.facts(rule, goal)) is not None:
                impossible = False
                if self._closes(goal, self._orders(found)):
                    least = plainest(found, lambda fewer: self._closes(goal, self._orders(fewer)))
                    return self._closing(goal, rule, self._orders(least)), False
        return None, impossible

    def _orders(self, facts: Mapping[str, Fact]) -> dict[str, Fact]:
        """A setting is never without its value, though a rule may do without."""
        specs = self.material.program.facts
        told = {name: fact for name, fact in facts.items() if fact.attributes or specs[name].kind != "setting"}
        return {name: as_order(specs[name], fact) for name, fact in told.items()}

    def _closes(self, goal: Goal, facts: Mapping[str, Fact]) -> bool:
        return goal in shown(self._scene(facts))

    def _closing(self, goal: Goal, rule: Rule, facts: Mapping[str, Fact]) -> Pin:
        scene = self._scene(facts)
        closes = (goal, *(one for one in self._closed_by(scene) if one != goal))
        self._close(closes)
        fires = any(name == rule.id for name, _ in scene.inference.fired)
        return Pin(name_of(goal, rule, fires=fires), facts, self._follows(scene), closes)

    def _with_further(self, goal: Goal, sketch: Sketch) -> Sketch:
        """The same patient, and what more gaps ask of them as long as it goes together."""
        others = (one for one in self.open_goals if one != goal)
        for other in islice(others, MOST_TRIED):
            for asked in asked_of(other, self.covered.about[other], self.rules, self.world):
                try:
                    fuller = search(self.world, sketch, asked.wants, MOST_FURTHER)
                except GivenUp:
                    fuller = None
                if fuller is not None and _told(fuller.facts(self.world)) <= MOST_TOLD:
                    sketch = fuller
                break
        return sketch

    def _scene(self, facts: Mapping[str, Fact]) -> Scene:
        known = Facts.known(whole(self.material.program, facts))
        return played(case_of(self.covered.ruleset, facts), self.material, known)

    def _follows(self, scene: Scene) -> Follows:
        return follows(self.covered.ruleset, scene.inference)

    def _closed_by(self, scene: Scene) -> tuple[Goal, ...]:
        met = shown(scene)
        return tuple(goal for goal in self.open_goals if goal in met)

    def _close(self, goals: Iterable[Goal]) -> None:
        for goal in goals:
            self.open_goals.pop(goal, None)


def _in_the_file(pin: Pin) -> tuple[bool, int, str]:
    """What is told of the whole ruleset first, then in the order of its lines."""
    return pin.name != NOTHING, pin.closes[0].line, pin.name


def _named_apart(pins: Sequence[Pin]) -> tuple[Pin, ...]:
    """Rows of a table may read alike."""
    seen: dict[str, int] = {}
    found = []
    for pin in pins:
        seen[pin.name] = seen.get(pin.name, 0) + 1
        found.append(pin if seen[pin.name] == 1 else replace(pin, name=f"{pin.name} ({seen[pin.name]})"))
    return tuple(found)


def _told(facts: Mapping[str, Fact]) -> int:
    """How much there is to read."""
    ones = (fact.items[0] if fact.items else fact for fact in facts.values())
    return sum(max(1, len(one.attributes)) for one in ones)
