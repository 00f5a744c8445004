"""How much of the rulesets their own cases show: every goal, with the cases that meet it.

A case vouches for the rules of its own ruleset only, for of these its lists are exact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from cds.errors import Problem, RulesetError
from cds.ruleset.cases import Case
from cds.ruleset.model import Ruleset
from cds.ruleset.program import with_used
from cds.ruleset.selection import rules_of
from cds.workbench.goals import Goal, What, goals_of
from cds.workbench.possible import never
from cds.workbench.reviewed import Reason, reviewed
from cds.workbench.showing import met
from cds.workbench.traces import Scene, Stage

Standing: TypeAlias = Literal["met", "pinned", "missing", "excused", "never"]
"""Met by a case; or by none that was held against the documents, only by pins. Or by none at all: for no reason, for a
reason that somebody gave, or because no facts can meet it."""


@dataclass(frozen=True, slots=True)
class Covered:
    """One ruleset: its goals, with the rules or counts each is about and the cases that meet it."""

    ruleset: Ruleset
    about: Mapping[Goal, tuple[str, ...]]
    cases: Mapping[Goal, tuple[Case, ...]]
    never: frozenset[Goal] = frozenset()
    excused: Mapping[Goal, str] = field(default_factory=dict)  # with the reason

    def standing(self, goal: Goal) -> Standing:
        if self.cases[goal]:
            return "pinned" if all(case.is_pin for case in self.cases[goal]) else "met"
        if goal in self.excused:
            return "excused"
        return "never" if goal in self.never else "missing"

    @property
    def missing(self) -> tuple[Goal, ...]:
        return tuple(goal for goal in self.about if self.standing(goal) == "missing")

    @property
    def shares(self) -> Mapping[What, Counter[Standing]]:
        found: dict[What, Counter[Standing]] = {}
        for goal in self.about:
            found.setdefault(goal.what, Counter())[self.standing(goal)] += 1
        return found


def measured(stage: Stage, rulesets: Iterable[str], cases: Iterable[Case]) -> tuple[Covered, ...]:
    """Plays the cases. Raises ``InputError`` for a case that is wrong, ``RulesetError`` for a reason nothing needs."""
    found = coverage(stage, rulesets, stage.scenes(cases))
    return tuple(judged(covered, stage) for covered in found)


def coverage(stage: Stage, rulesets: Iterable[str], scenes: Iterable[Scene]) -> tuple[Covered, ...]:
    """Of the named rulesets, by what is played in ``scenes``; nothing is proven or excused yet."""
    about = {name: _about(stage, name) for name in rulesets}
    cases: dict[str, dict[Goal, dict[str, Case]]] = {name: {goal: {} for goal in about[name]} for name in about}
    for scene in scenes:
        wanted = cases.get(scene.case.ruleset, {})
        for goal in shown(scene):
            if goal in wanted:
                wanted[goal][scene.case.name] = scene.case
    return tuple(
        Covered(stage.usual.rulesets[name], goals, {goal: tuple(cases[name][goal].values()) for goal in goals})
        for name, goals in about.items()
    )


def shown(scene: Scene) -> set[Goal]:
    """The goals of its own ruleset that a scene meets."""
    own = [rule for rule in rules_of(scene.material.program) if rule.ruleset == scene.case.ruleset]
    return {goal for rule in own for _, situation in scene.of_rule(rule) for goal in met(rule, situation)}


def _about(stage: Stage, name: str) -> dict[Goal, tuple[str, ...]]:
    used = with_used(stage.usual.rulesets, [name])
    counts = {key: count for ruleset in used for key, count in ruleset.counts.items()}
    found: dict[Goal, tuple[str, ...]] = {}
    for owner, goal in goals_of(stage.usual.rulesets[name], counts):
        found[goal] = (*found.get(goal, ()), owner)
    return found


def judged(covered: Covered, stage: Stage) -> Covered:
    """With what is proven to be impossible, and what somebody gave a reason for.

    Raises ``RulesetError`` for a reason nothing needs.
    """
    program = stage.material(covered.ruleset.id, {}).program
    proven = replace(covered, never=never(program, {goal: covered.about[goal] for goal in covered.missing}))
    reasons = reviewed(stage.folder, covered.ruleset).uncovered
    if problems := tuple(_needless(proven, reasons)):
        raise RulesetError(problems)
    excused = {goal: one.reason for one in reasons for goal in _meant(proven, one)}
    return replace(proven, excused=excused)


def _meant(covered: Covered, reason: Reason) -> list[Goal]:
    return [goal for goal, owners in covered.about.items() if reason.rule in owners and str(goal) == reason.about]


def _needless(covered: Covered, reasons: Iterable[Reason]) -> Iterator[Problem]:
    for reason in reasons:
        goals = _meant(covered, reason)
        if not goals:
            yield reason.problem(f'"{reason.rule}" has no such goal: "{reason.about}"')
        elif covered.cases[goals[0]]:
            yield reason.problem(f'a case meets this by now: "{covered.cases[goals[0]][0].name}"')
        elif goals[0] in covered.never:
            yield reason.problem("this needs no reason: it is proven that it can never be met")
