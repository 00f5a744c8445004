"""How much of the rulesets their own cases show: every goal, with the cases that meet it.

A case vouches for the rules of its own ruleset only, for of these its lists are exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cds.ruleset.cases import Case
from cds.ruleset.model import Ruleset
from cds.ruleset.program import with_used
from cds.ruleset.selection import rules_of
from cds.workbench.goals import Goal, goals_of
from cds.workbench.showing import met
from cds.workbench.traces import Scene, Stage


@dataclass(frozen=True, slots=True)
class Covered:
    """One ruleset: its goals, with the rules or counts each is about and the cases that meet it."""

    ruleset: Ruleset
    about: Mapping[Goal, tuple[str, ...]]
    cases: Mapping[Goal, tuple[Case, ...]]

    @property
    def missing(self) -> tuple[Goal, ...]:
        return tuple(goal for goal in self.about if not self.cases[goal])


def coverage(stage: Stage, rulesets: Iterable[str], scenes: Iterable[Scene]) -> tuple[Covered, ...]:
    """Of the named rulesets, by what is played in ``scenes``."""
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
