"""Mutants of rules before the cases: first the rule alone, then, where it comes to something else, what follows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cds import conditions
from cds.clinical import Inference
from cds.conditions import Situation, Truth
from cds.ruleset.model import AnyOf, Condition, Count, Program, Rule, Test
from cds.ruleset.program import CircleError, stages
from cds.ruleset.selection import rules_of
from cds.workbench.mutation.mutant import Mutant
from cds.workbench.mutation.verdict import Verdict
from cds.workbench.mutation.witness import Witness
from cds.workbench.traces import Item

Truths = tuple[Truth, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """The rule before one witness, about the patient or one item."""

    witness: Witness
    item: Item
    situation: Situation


@dataclass(frozen=True, slots=True)
class Trial:
    """``witnesses`` are by the ruleset that they have something to say of."""

    witnesses: Mapping[str, Sequence[Witness]]
    _programs: dict[tuple[str, int], Program | None] = field(default_factory=dict)

    def of_rule(self, rule: Rule, mutants: Iterable[Mutant]) -> Iterator[Verdict]:
        rows = _rows(rule, self.witnesses.get(rule.ruleset, ()))
        for mutant in mutants:
            assert isinstance(mutant.changed, Rule)
            yield self._of_changed(rule, mutant, _changes(rule, mutant.changed, rows))
            self._programs.clear()

    def of_count(self, count: Count, mutants: Iterable[Mutant]) -> Iterator[Verdict]:
        for mutant in mutants:
            assert isinstance(mutant.changed, Count)
            yield self._of_count(count, mutant, mutant.changed)
            self._programs.clear()

    def _of_changed(
        self, rule: Rule, mutant: Mutant, changes: Mapping[str, tuple[Witness, Sequence[tuple[Item, Truth]]]]
    ) -> Verdict:
        assert isinstance(mutant.changed, Rule)
        differs = ""
        for witness, truths in changes.values():
            if witness.notices(_with(witness.scene.inference, rule.id, truths)):
                return Verdict(mutant, witness.name)
            differs = differs or witness.name
        for witness, truths in changes.values() if rule.conclude else ():
            if not witness.troupe.listens(rule.conclude, witness.case):
                continue
            if not _draws_otherwise(witness, rule, truths):
                continue
            program = self._program(witness, mutant)
            if program is None:
                return Verdict(mutant, refused=True)
            if witness.notices(conditions.infer(program, witness.scene.facts)):
                return Verdict(mutant, witness.name)
        return Verdict(mutant, differs=differs)

    def _of_count(self, count: Count, mutant: Mutant, changed: Count) -> Verdict:
        differs = ""
        for witness in self.witnesses.get(mutant.ruleset, ()):
            counts = witness.troupe.material.program.counts
            if counts.get(count.name) != count or not _counts_otherwise(witness, changed):
                continue
            if count.name in witness.told:
                return Verdict(mutant, f"the golden card of {witness.name}")
            program = self._program(witness, mutant)
            if program is None:
                return Verdict(mutant, refused=True)
            inference = conditions.infer(program, witness.scene.facts)
            if witness.notices(inference):
                return Verdict(mutant, witness.name)
            differs = differs or (witness.name if inference != witness.scene.inference else "")
        return Verdict(mutant, differs=differs)

    def _program(self, witness: Witness, mutant: Mutant) -> Program | None:
        key = (mutant.id, id(witness.troupe))
        if key not in self._programs:
            self._programs[key] = mutated(witness.troupe.material.program, mutant)
        return self._programs[key]


# The rule alone


def _rows(rule: Rule, witnesses: Iterable[Witness]) -> dict[Truths, list[Row]]:
    """By what the conditions came to. Only before witnesses who have the rule as it is."""
    rows: dict[Truths, list[Row]] = defaultdict(list)
    for witness in witnesses:
        if witness.troupe.rules.get(rule.id) == rule:
            for item, situation in witness.scene.of_rule(rule):
                truths = tuple(situation.truth(condition) for condition in rule.when)
                rows[truths].append(Row(witness, item, situation))
    return rows


def _changes(
    rule: Rule, changed: Rule, rows: Mapping[Truths, Sequence[Row]]
) -> dict[str, tuple[Witness, list[tuple[Item, Truth]]]]:
    """The witnesses before whom the changed rule comes to something else, with what it comes to."""
    kept = [number for number, condition in enumerate(rule.when) if any(condition is one for one in changed.when)]
    new = [condition for condition in changed.when if not any(condition is one for one in rule.when)]
    found: dict[str, tuple[Witness, list[tuple[Item, Truth]]]] = {}
    for truths, alike in rows.items():
        rest = _all(truths[number] for number in kept)
        if rest is False:
            continue
        before = _all(truths)
        for row in alike:
            after = _all([rest, *(row.situation.truth(condition) for condition in new)])
            if after is not before:
                found.setdefault(row.witness.name, (row.witness, []))[1].append((row.item, after))
    return found


def _all(truths: Iterable[Truth]) -> Truth:
    result: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            result = None
    return result


def _with(inference: Inference, name: str, truths: Iterable[tuple[Item, Truth]]) -> Inference:
    """What followed, were the rule to come to these."""
    fired, undecided = set(inference.fired), set(inference.undecided)
    for item, truth in truths:
        key = (name, item)
        fired.discard(key)
        undecided.discard(key)
        if truth is not False:
            (undecided if truth is None else fired).add(key)
    return Inference(frozenset(fired), frozenset(undecided))


def _counts_otherwise(witness: Witness, changed: Count) -> bool:
    for situation in witness.scene.situations.values():
        other = Situation(situation.facts, {**situation.counts, changed.name: changed}, situation.conclusions)
        if other.count(changed.name) != situation.count(changed.name):
            return True
    return False


def _draws_otherwise(witness: Witness, rule: Rule, truths: Iterable[tuple[Item, Truth]]) -> bool:
    """Whether with the rule its conclusion comes to something else, which another rule may draw as well."""
    others = [other for other in witness.troupe.drawing[rule.conclude] if other != rule.id]
    before = witness.scene.inference
    for item, truth in truths:
        if any((other, item) in before.fired for other in others):
            continue
        if truth is True or (rule.id, item) in before.fired:
            return True
        if not any((other, item) in before.undecided for other in others):
            return True
    return False


# The program


def mutated(program: Program, mutant: Mutant) -> Program | None:
    """The program with the mutant in it; None where its rules then wait for each other."""
    if isinstance(mutant.changed, Count):
        return replace(program, counts={**program.counts, mutant.changed.name: mutant.changed})
    assert isinstance(mutant.changed, Rule)
    changed = mutant.changed
    rules = [changed if rule.id == changed.id else rule for rule in rules_of(program)]
    before = next(rule for rule in rules_of(program) if rule.id == changed.id)
    drawn = {rule.conclude for rule in rules}
    if _settled(changed) & drawn <= _settled(before):
        return _in_place(program, changed)
    try:
        patient = stages([rule for rule in rules if not rule.each], program.counts)
        each = {name: stages([rule for rule in rules if rule.each == name], program.counts) for name in program.each}
    except CircleError:
        return None
    return replace(program, stages=patient, each=each)


def _in_place(program: Program, changed: Rule) -> Program:
    def swapped(of: tuple[tuple[Rule, ...], ...]) -> tuple[tuple[Rule, ...], ...]:
        return tuple(
            tuple(changed if rule.id == changed.id else rule for rule in stage)
            if any(rule.id == changed.id for rule in stage)
            else stage
            for stage in of
        )

    if changed.each:
        return replace(program, each={**program.each, changed.each: swapped(program.each[changed.each])})
    return replace(program, stages=swapped(program.stages))


def _settled(rule: Rule) -> set[str]:
    return {test.subject for test in _tests(rule.when) if test.relation in ("without", "unless")}


def _tests(when: Iterable[Condition]) -> Iterator[Test]:
    for condition in when:
        yield from condition.tests if isinstance(condition, AnyOf) else (condition,)
