"""A witness as a case that `cds test` runs: the facts, and exactly what follows from them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from cds import conditions
from cds.clinical import Bounds, Fact, Number, State
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import FactSpec, Knowledge, Program, Rule
from cds.ruleset.program import program_of, with_used
from cds.ruleset.selection import rules_of
from cds.ruleset.spoken import number
from cds.workbench.plainest import whole
from cds.workbench.soundness.finding import Finding, Witness

_HOOK = "patient-view"


def cases(finding: Finding, knowledge: Knowledge) -> Iterator[str]:
    """For the tests.yaml of the ruleset that knows all the rules; of each of them, where there is no such one."""
    witness = finding.witness
    if witness is None:
        return
    for home in _homes(knowledge, [rule.ruleset for rule in (*witness.fired, *witness.silent)]):
        yield from _case(knowledge, home, finding, witness)


def _homes(knowledge: Knowledge, rulesets: Sequence[str]) -> tuple[str, ...]:
    knowing = [name for name in dict.fromkeys(rulesets) if set(rulesets) <= _used(knowledge, name)]
    return tuple(knowing[:1]) or tuple(dict.fromkeys(rulesets))


def _used(knowledge: Knowledge, name: str) -> set[str]:
    return {ruleset.id for ruleset in with_used(knowledge.rulesets, [name])}


def _case(knowledge: Knowledge, home: str, finding: Finding, witness: Witness) -> Iterator[str]:
    program = program_of(knowledge, [home])
    hook = _hook(witness.fired)
    yield f"# rulesets: {home}"
    yield f"- name: {json.dumps(f'{finding.sort}: {finding.name}', ensure_ascii=False)}"
    if hook != _HOOK:
        yield f"  hook: {hook}"
    facts = [line for name, fact in witness.facts.items() for line in _fact(program, name, fact)]
    yield "  facts:" if facts else "  facts: {}"
    yield from facts
    for key, names in _followed(knowledge, home, program, witness, hook).items():
        if names or key in ("conclusions", "cards"):
            yield f"  {key}: [{', '.join(names)}]"


def _hook(rules: Sequence[Rule]) -> str:
    """One at which all of their cards show."""
    limits = [rule.hooks for rule in rules if rule.card and rule.hooks]
    common = frozenset.intersection(*limits) if limits else frozenset({_HOOK})
    return _HOOK if _HOOK in common or not common else min(common)


def _followed(knowledge: Knowledge, home: str, program: Program, witness: Witness, hook: str) -> dict[str, list[str]]:
    """Of the ruleset's own rules."""
    inference = conditions.infer(program, whole(program.facts, witness.facts))
    fired, undecided = ({name for name, _ in names} for names in (inference.fired, inference.undecided))
    own = [rule for rule in rules_of(program) if rule.ruleset == home]
    shown = knowledge.rulesets[home].status == "active"
    return {
        "conclusions": sorted({rule.conclude for rule in own if rule.id in fired and rule.conclude}),
        "cards": sorted(
            rule.id
            for rule in own
            if shown and rule.id in fired and rule.card and (not rule.hooks or hook in rule.hooks)
        ),
        "unanswered": sorted(rule.id for rule in own if rule.id in undecided),
        "system": sorted(
            rule.id for rule in own if rule.id in fired and rule.system and (not rule.hooks or hook in rule.hooks)
        ),
    }


def _fact(program: Program, name: str, fact: Fact) -> Iterator[str]:
    spec = program.facts.get(name)
    if spec is None:
        return
    told = ", ".join(_told(spec, one) for one in _orders(fact)) if fact.items else _told(spec, fact)
    yield f"    {name}: [{told}]" if KINDS[spec.kind].items else f"    {name}: {told}"


def _orders(fact: Fact) -> list[Fact]:
    """Each in its place: those that it is not of are absent."""
    items = {int(item.name.rpartition("/")[2]): item for item in fact.items}
    return [items.get(number, Fact(fact.name, State.ABSENT)) for number in range(1, max(items) + 1)]


def _told(spec: FactSpec, fact: Fact) -> str:
    if fact.state is not State.PRESENT or not fact.attributes:
        return fact.state.value
    attributes = {attribute: _value(value) for attribute, value in fact.attributes.items()}
    if set(attributes) == {"value"} and not KINDS[spec.kind].items:
        return attributes["value"]
    return f"{{{', '.join(f'{attribute}: {value}' for attribute, value in attributes.items())}}}"


def _value(value: Number | str) -> str:
    if isinstance(value, Bounds):
        return f"between {number(value.low)} and {number(value.high)}"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return number(value)
