"""One fact worked out of a record by itself: only what it asks for is read, and no rule is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cds import facts
from cds.clinical import Fact, Facts, Number
from cds.ruleset.cases import Case
from cds.ruleset.codes import CodeIndex
from cds.ruleset.model import FactSpec, Knowledge
from cds.ruleset.program import with_used
from cds.ruleset.questions import facts_named_by
from cds.workbench.explain import fact_lines, shown
from cds.workbench.given import moment, recorded


@dataclass(frozen=True, slots=True)
class Reader:
    """Some facts made ready to be read from records."""

    index: CodeIndex
    plan: facts.Plan

    @classmethod
    def of(cls, specs: Mapping[str, FactSpec], knowledge: Knowledge) -> Reader:
        return cls(CodeIndex.of(specs.values(), knowledge), facts.plan(specs))

    def facts(self, case: Case, folder: Path) -> Facts:
        """Raises ``InputError`` when the case itself is wrong."""
        return facts.derive(self.plan, recorded(case, self.index, folder), moment(case))


def reader_of(fact: str, ruleset: str, knowledge: Knowledge) -> Reader:
    return Reader.of(alone(fact, specs_of(ruleset, knowledge)), knowledge)


def specs_of(ruleset: str, knowledge: Knowledge) -> dict[str, FactSpec]:
    """The facts that a ruleset can speak of, by name."""
    return {name: spec for one in with_used(knowledge.rulesets, [ruleset]) for name, spec in one.facts.items()}


def alone(name: str, specs: Mapping[str, FactSpec]) -> dict[str, FactSpec]:
    """The fact and those that it is built upon; measured from no other."""
    names = [name]
    for one in names:
        names.extend(other for _, other in facts_named_by(specs[one]) if other not in names)
    return {one: replace(specs[one], anchors=()) for one in names}


def differences(case: Case, fact: Fact) -> Iterator[str]:
    """What is other than the case says. Attributes that it does not list may be anything."""
    assert case.comes_to is not None
    expected = case.comes_to
    if expected.state is not fact.state:
        yield f"fact {case.fact}: expected {expected.state.value}, but it is {fact.state.value}"
    elif len(expected.items) != len(fact.items):
        yield f"fact {case.fact}: expected {len(expected.items)}, but there are {len(fact.items)}"
    else:
        for one, other in zip((expected, *expected.items), (fact, *fact.items), strict=True):
            yield from (f"fact {case.fact}.{words}" for words in _unlike(one.attributes, other.attributes))


def _unlike(expected: Mapping[str, Number | str], found: Mapping[str, Number | str]) -> Iterator[str]:
    for name, value in expected.items():
        if found.get(name) != value:
            words = shown(found[name]) if name in found else "not known"
            yield f"{name}: expected {shown(value)}, but it is {words}"


def explained(fact: Fact) -> Iterator[str]:
    yield from fact_lines(fact, fact.attributes)
    for item in fact.items:
        yield from fact_lines(item, item.attributes, 1)
