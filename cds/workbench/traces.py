"""What each case says of each rule, by the plain evaluator: facts worked out once, then any question about any rule.

Coverage and mutation testing ask here. No engine is made, so that all rulesets fit into one process.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from cds import conditions, facts
from cds.clinical import Facts, Inference
from cds.conditions import Situation, Truth, of_item
from cds.ruleset.cases import Case
from cds.ruleset.codes import CodeIndex
from cds.ruleset.load import load
from cds.ruleset.model import Condition, Knowledge, Program, Rule, Test
from cds.ruleset.parts import Parts
from cds.ruleset.program import program_of
from cds.workbench.given import known

Item: TypeAlias = str | None
"""The order a rule with ``each`` is about; None for rules about the patient."""


@dataclass(frozen=True, slots=True)
class Material:
    """A ruleset with those it uses, ready to read cases, as a site with these parameters would run it."""

    knowledge: Knowledge
    program: Program
    index: CodeIndex
    plan: facts.Plan


@dataclass(frozen=True, slots=True)
class Scene:
    """One case: its facts, and what followed from them about the patient (None) and about each item."""

    case: Case
    material: Material
    facts: Facts
    inference: Inference
    situations: Mapping[Item, Situation]

    def of_rule(self, rule: Rule) -> Iterator[tuple[Item, Situation]]:
        """The situations in which the rule is looked at: the patient's, or with ``each`` one for each item."""
        if not rule.each:
            yield None, self.situations[None]
            return
        for item in self.facts[rule.each].items:
            yield item.name, self.situations[item.name]

    def truths(self, rule: Rule) -> Iterator[tuple[Item, tuple[Truth, ...]]]:
        """What each condition of the rule came to, in each of its situations."""
        for item, situation in self.of_rule(rule):
            yield item, tuple(situation.truth(condition) for condition in rule.when)


def truth(situation: Situation, condition: Condition | Test) -> Truth:
    """What a condition, or one test of an `any`, comes to in a situation; it need not be one of the program's."""
    return situation.truth(condition)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where cases are played: each ruleset is made ready once for each set of site parameters that some case wants."""

    folder: Path
    usual: Knowledge  # with the parameters as they are without a site's own
    parts: Parts
    _materials: dict[tuple[str, str], Material] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path) -> Stage:
        return cls(folder, load(folder), Parts(folder))

    def material(self, ruleset: str, parameters: Mapping[str, Any]) -> Material:
        site = json.dumps(parameters, sort_keys=True)
        if (ruleset, site) not in self._materials:
            knowledge = self.parts.part(ruleset, parameters) if parameters else self.usual
            program = program_of(knowledge, (ruleset,))
            index = CodeIndex.of(program.facts.values(), knowledge)
            self._materials[ruleset, site] = Material(knowledge, program, index, facts.plan(program.facts))
        return self._materials[ruleset, site]

    def scene(self, case: Case) -> Scene:
        """Raises ``InputError`` when the case itself is wrong."""
        material = self.material(case.ruleset, case.parameters)
        found, _ = known(material.program, material.index, material.plan, case, self.folder)
        return played(case, material, found)

    def scenes(self, cases: Iterable[Case]) -> Iterator[Scene]:
        """Those with a request or about a single fact are passed over: they say nothing of a rule."""
        return (self.scene(case) for case in cases if not (case.request or case.fact))


def played(case: Case, material: Material, found: Facts) -> Scene:
    """What follows from facts that were worked out before."""
    inference = conditions.infer(material.program, found)
    return Scene(case, material, found, inference, dict(_situations(material.program, found, inference)))


def _situations(program: Program, found: Facts, inference: Inference) -> Iterator[tuple[Item, Situation]]:
    patient = Situation(found, program.counts, _concluded(program, inference, None))
    yield None, patient
    for name in program.each:
        for item in found[name].items:
            about = of_item(patient, item.name)
            about.conclusions.update(_concluded(program, inference, item.name))
            yield item.name, about


def _concluded(program: Program, inference: Inference, item: Item) -> dict[str, Truth]:
    """Conclusions that were drawn are true; those that might have been, unknown."""
    drawing = {rule.id: rule.conclude for rule in _rules(program) if rule.conclude}
    unknown: dict[str, Truth] = {drawing[id_]: None for id_, of in inference.undecided if of == item and id_ in drawing}
    return unknown | {drawing[id_]: True for id_, of in inference.fired if of == item and id_ in drawing}


def _rules(program: Program) -> Iterator[Rule]:
    for stages in (program.stages, *program.each.values()):
        for stage in stages:
            yield from stage
