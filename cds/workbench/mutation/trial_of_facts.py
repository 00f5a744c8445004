"""Mutants of facts before the cases that give a record: the fact is worked out again, and only then what follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from cds import conditions, facts
from cds.clinical import Fact, Facts
from cds.facts.kinds import OF_UNMAPPED
from cds.facts.question import asked_of
from cds.ruleset.model import FactSpec
from cds.ruleset.questions import facts_named_by
from cds.workbench.given import moment
from cds.workbench.mutation.mentions import forms, gone, mentions
from cds.workbench.mutation.mutant import Mutant
from cds.workbench.mutation.verdict import Verdict
from cds.workbench.mutation.witness import Witness
from cds.workbench.single import Reader
from cds.workbench.traces import Material


@dataclass(slots=True)
class FactTrial:
    """``witnesses`` are by the ruleset that they have something to say of."""

    folder: Path
    witnesses: Mapping[str, Sequence[Witness]]
    _mentions: dict[str, frozenset[str]] = field(default_factory=dict)
    _readings: dict[tuple[str, int], Reader] = field(default_factory=dict)
    _plans: dict[tuple[str, int], facts.Plan] = field(default_factory=dict)

    def verdict(self, spec: FactSpec, mutant: Mutant) -> Verdict:
        if spec.kind == "setting":
            return self._of_setting(spec, mutant)
        differs = ""
        for witness, changed in self._changes(spec, mutant):
            known = Facts.known({**witness.scene.facts, **changed})
            inference = conditions.infer(witness.troupe.material.program, known)
            if witness.notices(inference):
                return Verdict(mutant, witness.name)
            differs = differs or witness.name
        self._plans.clear()
        self._readings.clear()
        return Verdict(mutant, differs=differs)

    def _of_setting(self, spec: FactSpec, mutant: Mutant) -> Verdict:
        """The loader holds what a site sets against the choices: it would refuse the site of a case that set this."""
        assert isinstance(mutant.changed, FactSpec)
        possible = mutant.changed.parameters["choices"]
        assert isinstance(possible, tuple)
        if spec.parameters["value"] not in possible:
            return Verdict(mutant, refused=True)
        for witness in self.witnesses.get(spec.ruleset, ()):
            there = witness.troupe.material.program.facts.get(spec.name)
            if there is not None and there.parameters["value"] not in possible:
                return Verdict(mutant, witness.name)
        return Verdict(mutant)

    def _changes(self, spec: FactSpec, mutant: Mutant) -> Iterator[tuple[Witness, dict[str, Fact]]]:
        """The witnesses whose record says something else to the mutant, with what."""
        assert isinstance(mutant.changed, FactSpec)
        witnesses = self.witnesses.get(spec.ruleset, ())
        codes = forms(gone(spec, mutant.changed), witnesses[0].troupe.material.knowledge) if witnesses else frozenset()
        for witness in witnesses:
            there = witness.troupe.material.program.facts.get(spec.name)
            if witness.record is None or there is None or not _alike(there, spec):
                continue
            if spec.name not in witness.troupe.heeded and witness.troupe.heeded.isdisjoint(
                witness.troupe.hanging_on(spec.name)
            ):
                continue
            if changed := self._changed(spec, mutant, codes, witness):
                yield witness, changed

    def _changed(self, spec: FactSpec, mutant: Mutant, codes: frozenset[str], witness: Witness) -> dict[str, Fact]:
        if mutant.kind == "codes":
            return self._read_again(witness, mutant) if self._mentioned(codes, witness) else {}
        if spec.name in witness.scene.facts.possible or _looks_at_orders(mutant):
            return self._worked_out(witness, mutant)
        return {}

    # Other parameters: the record stays as it was read

    def _worked_out(self, witness: Witness, mutant: Mutant) -> dict[str, Fact]:
        key = (mutant.id, id(witness.troupe))
        if key not in self._plans:
            self._plans[key] = _planned(witness.troupe.material, mutant)
        assert witness.record is not None
        found = facts.derive(self._plans[key], witness.record, moment(witness.case))
        names = witness.troupe.hanging_on(mutant.subject)
        return {name: found[name] for name in names if _tells(found[name]) != _tells(witness.scene.facts[name])}

    # Codes: the record is read again, for the fact and those that hang together with it

    def _read_again(self, witness: Witness, mutant: Mutant) -> dict[str, Fact]:
        as_it_is, other = (self._read(witness, mutant, id_) for id_ in ("", mutant.id))
        names = witness.troupe.hanging_on(mutant.subject)
        return {name: other[name] for name in names if _tells(other[name]) != _tells(as_it_is[name])}

    def _read(self, witness: Witness, mutant: Mutant, id_: str) -> Facts:
        key = (id_, id(witness.troupe)) if id_ else (f"{mutant.subject}", id(witness.troupe))
        if key not in self._readings:
            specs = _hanging_together(witness.troupe.hanging_on(mutant.subject), witness.troupe.material.program.facts)
            if id_:
                assert isinstance(mutant.changed, FactSpec)
                anchors = specs[mutant.subject].anchors
                specs = {**specs, mutant.subject: replace(mutant.changed, anchors=anchors)}
            self._readings[key] = Reader.of(specs, witness.troupe.material.knowledge)
        return self._readings[key].facts(witness.case, self.folder)

    def _mentioned(self, codes: frozenset[str], witness: Witness) -> bool:
        if witness.name not in self._mentions:
            self._mentions[witness.name] = mentions(witness, self.folder)
        return not codes.isdisjoint(self._mentions[witness.name])


def _alike(there: FactSpec, spec: FactSpec) -> bool:
    return (there.kind, there.codes, there.parameters) == (spec.kind, spec.codes, spec.parameters)


def _looks_at_orders(mutant: Mutant) -> bool:
    return mutant.what.startswith(("`drafts:", "`background:"))


def _planned(material: Material, mutant: Mutant) -> facts.Plan:
    assert isinstance(mutant.changed, FactSpec)
    changed = replace(mutant.changed, anchors=material.program.facts[mutant.subject].anchors)
    if _looks_at_orders(mutant):
        return facts.plan({**material.program.facts, mutant.subject: changed})
    asked = asked_of({mutant.subject: changed})
    return replace(material.plan, facts={**material.plan.facts, **asked})


def _tells(fact: Fact) -> tuple[object, ...]:
    return (fact.state, fact.attributes, [(item.name, item.state, item.attributes) for item in fact.items])


def _hanging_together(dependants: Sequence[str], specs: Mapping[str, FactSpec]) -> dict[str, FactSpec]:
    """The fact, those that hang on it, and all that these are worked out from."""
    names = list(dependants)
    if any(specs[one].kind in OF_UNMAPPED for one in names):
        return dict(specs)
    for one in names:
        needed = (*specs[one].anchors, *(built_on for _, built_on in facts_named_by(specs[one])))
        names.extend(other for other in needed if other not in names)
    return {one: specs[one] for one in names}
