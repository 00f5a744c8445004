"""Pins of facts: the plainest records that tell the facts of a ruleset from mistaken ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain
from pathlib import Path

from cds.clinical import Fact
from cds.ruleset.asked import tests_of
from cds.ruleset.cases import Case
from cds.ruleset.document import Entries, Spot
from cds.ruleset.model import FactSpec, Knowledge, Ruleset
from cds.ruleset.questions import facts_named_by
from cds.workbench.mutation.left_out import LeftOut
from cds.workbench.mutation.mutant import Mutant, numbered
from cds.workbench.mutation.of_facts import of_fact
from cds.workbench.pins.probing import Pattern, probes
from cds.workbench.single import Reader, alone, differences, specs_of

Asked = Mapping[str, frozenset[str]]
"""By fact, the attributes that some rule asks for."""


@dataclass(frozen=True, slots=True)
class FactPin:
    """``gives``: the record and what goes with it, as a case writes it. ``tells``: the mutants that would break it."""

    name: str
    fact: str
    gives: Pattern
    comes_to: Fact
    tells: tuple[Mutant, ...]


@dataclass(frozen=True, slots=True)
class FactsPinned:
    """``untold``: the mutants that no record tells; by some case a rule may tell them."""

    ruleset: Ruleset
    pins: tuple[FactPin, ...]
    untold: tuple[Mutant, ...]


def asked_attributes(knowledge: Knowledge) -> Asked:
    found: dict[str, set[str]] = {}
    for ruleset in knowledge.rulesets.values():
        counts = {name: count for one in knowledge.rulesets.values() for name, count in one.counts.items()}
        for test in chain.from_iterable(tests_of(rule, counts) for rule in ruleset.rules):
            found.setdefault(test.subject, set()).add(test.attribute)
    return {name: frozenset(attributes) for name, attributes in found.items()}


def pinned_facts(ruleset: Ruleset, knowledge: Knowledge, folder: Path, asked: Asked) -> FactsPinned:
    pins: list[FactPin] = []
    untold: list[Mutant] = []
    for spec in ruleset.facts.values():
        pinner = _Pinner(spec, ruleset, knowledge, folder, asked)
        pins += pinner.pins()
        untold += pinner.untold
    return FactsPinned(ruleset, tuple(pins), tuple(untold))


@dataclass(slots=True)
class _Pinner:
    """Lives as long as the pins of one fact are found."""

    spec: FactSpec
    ruleset: Ruleset
    knowledge: Knowledge
    folder: Path
    asked: Asked
    untold: list[Mutant] = field(default_factory=list)
    _specs: Mapping[str, FactSpec] = field(init=False)
    _readers: dict[tuple[str, str], Reader] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._specs = specs_of(self.ruleset.id, self.knowledge)

    def pins(self) -> Iterator[FactPin]:
        left = list(numbered(of_fact(self.spec)))
        while left:
            mutant = left.pop(0)
            pin = self._pin(mutant)
            if pin is None:
                self.untold.append(mutant)
                continue
            case = self._case(pin.fact, pin.gives, pin.comes_to)
            alike = [one for one in left if any(differences(case, self._fact(case, one)))]
            left = [one for one in left if one not in alike]
            yield replace(pin, tells=(mutant, *alike))

    def _pin(self, mutant: Mutant) -> FactPin | None:
        """Of the fact itself or, where that shows nothing, of one that is built upon it."""
        tried = tuple(probes(self.spec, mutant, self._left_out(mutant)))
        return next((pin for fact in self._touched() if (pin := self._pin_of(fact, mutant, tried))), None)

    def _pin_of(self, fact: str, mutant: Mutant, tried: Iterable[Pattern]) -> FactPin | None:
        """By the first record that tells by what some rule asks for, or else the first that tells at all."""
        by_others = None
        asked = self.asked.get(fact, frozenset())
        for gives in tried:
            case = self._case(fact, gives)
            whole, other = self._fact(case), self._fact(case, mutant)
            if whole == other:
                continue
            pin = FactPin(_name(fact, mutant), fact, gives, _listing(whole, asked), (mutant,))
            if any(differences(self._case(fact, gives, pin.comes_to), other)):
                return pin
            fuller = _listing(whole, asked | _unlike(whole, other))
            if by_others is None and any(differences(self._case(fact, gives, fuller), other)):
                by_others = replace(pin, comes_to=fuller)
        return by_others

    def _touched(self) -> Iterator[str]:
        """The fact, and those of the ruleset that are built upon it."""
        yield self.spec.name
        for name, other in self.ruleset.facts.items():
            if any(named == self.spec.name for _, named in facts_named_by(other)):
                yield name

    def _left_out(self, mutant: Mutant) -> LeftOut:
        assert isinstance(mutant.changed, FactSpec)
        before, after = self._reader(self.spec.name), self._reader(self.spec.name, mutant)
        return LeftOut(self.spec, mutant.changed, before.index, after.index, self.knowledge.valuesets)

    def _fact(self, case: Case, mutant: Mutant | None = None) -> Fact:
        return self._reader(case.fact, mutant).facts(case, self.folder)[case.fact]

    def _reader(self, fact: str, mutant: Mutant | None = None) -> Reader:
        key = fact, mutant.id if mutant else ""
        if key not in self._readers:
            changed = {self.spec.name: mutant.changed} if mutant and isinstance(mutant.changed, FactSpec) else {}
            self._readers[key] = Reader.of(alone(fact, {**self._specs, **changed}), self.knowledge)
        return self._readers[key]

    def _case(self, fact: str, gives: Pattern, comes_to: Fact | None = None) -> Case:
        lines = {key: tuple(Entries(line, _NOWHERE, {}) for line in gives.get(key, ())) for key in _LINES}
        return Case(
            name="",
            ruleset=self.ruleset.id,
            today=date.fromisoformat(gives.get("today", self.ruleset.about.revised)),
            place=self.spec.place,
            patient=gives.get("patient", {}),
            fact=fact,
            comes_to=comes_to,
            record=lines["record"],
            drafts=lines["drafts"],
            background=lines["background"],
        )


_LINES = ("record", "drafts", "background")
_NOWHERE = Spot("", 0)


def _name(fact: str, mutant: Mutant) -> str:
    whose = "" if mutant.subject == fact else f"{mutant.subject} "
    return f"{fact}: not {whose}{mutant.what} ({mutant.kind})"


def _listing(fact: Fact, attributes: frozenset[str]) -> Fact:
    """With these attributes only, as far as they are known."""
    known = {name: value for name, value in fact.attributes.items() if name in attributes}
    return Fact(fact.name, fact.state, known, items=tuple(_listing(item, attributes) for item in fact.items))


def _unlike(fact: Fact, other: Fact) -> frozenset[str]:
    """The attributes that are not the same."""
    pairs = zip((fact, *fact.items), (other, *other.items), strict=False)
    return frozenset(
        name for one, two in pairs for name, value in one.attributes.items() if two.attributes.get(name) != value
    )
