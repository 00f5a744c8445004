"""Cards that stop what others offer: one offers to order what the other, once ordered, says must not be.

A card says so when it is critical and offers to delete the order; a warning leaves the choice, and is no contradiction.

What an offered order is to the facts about orders is found out by the fact layer itself, from the template.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

import z3

from cds import conditions
from cds.clinical import Fact, Facts, State
from cds.facts import Plan, derive, plan
from cds.fhir.bundle import patient_record
from cds.ruleset.advice import Suggestion
from cds.ruleset.codes import CodeIndex
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import FactSpec, Knowledge, Rule, Test
from cds.workbench import stories
from cds.workbench.given import ZONE
from cds.workbench.plainest import Known, plainest, whole
from cds.workbench.soundness.finding import Finding, Witness
from cds.workbench.soundness.solving import Prover
from cds.workbench.soundness.symbols import Symbol, Symbols, Term
from cds.workbench.soundness.witness import Refuted, read

_ORDERS = ("MedicationRequest", "ServiceRequest")
_NOON = datetime(2026, 1, 1, 12, tzinfo=ZONE)  # of an order that has no dates any day will do

Template: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Offer:
    """A suggestion to order something; ``rule`` fires where its card makes this offer."""

    rule: Rule
    of: Rule
    label: str
    order: Mapping[str, Fact]


def findings(prover: Prover, own: Sequence[Rule], knowledge: Knowledge) -> Iterator[Finding]:
    """``own``: the rules that are looked at here, each beside all that run with it."""
    mine = {rule.id for rule in own}
    deleting = [deletes for rule in prover.rules for deletes in _deleting(rule)]
    offering = [rule for rule in prover.rules if rule.id in mine or any(_of(one) in mine for one in deleting)]
    found: set[tuple[str, str, str]] = set()
    for offer in _offers(offering, prover.specs, knowledge) if deleting else ():
        for rule in deleting:
            key = (offer.of.ruleset, offer.label, rule.id)  # cards of one ruleset that offer the same are told once
            there = offer.order[rule.each].state is State.PRESENT and mine & {offer.of.id, _of(rule)}
            if there and key not in found and (witness := _witness(prover, offer, rule)):
                found.add(key)
                yield _finding(offer, rule, witness)


def _finding(offer: Offer, rule: Rule, witness: Witness) -> Finding:
    message = f'rule "{offer.of.id}" offers "{offer.label}" on an input on which "{_of(rule)}" would delete that order'
    return Finding("contradiction", offer.of.ruleset, (offer.label, _of(rule)), offer.of.place, message, witness)


# What is offered


def _offers(rules: Iterable[Rule], specs: Mapping[str, FactSpec], knowledge: Knowledge) -> Iterator[Offer]:
    index, planned = CodeIndex.of(specs.values(), knowledge), plan(specs)
    for rule in rules:
        for suggestion in rule.card.suggest if rule.card else ():
            for action in suggestion.actions:
                if action.type == "create" and (action.template or {}).get("resourceType") in _ORDERS:
                    order = _as_facts(action.template or {}, specs, index, planned)
                    yield Offer(_offering(rule, suggestion), rule, suggestion.label, order)


def _deleting(rule: Rule) -> Iterator[Rule]:
    for suggestion in rule.card.suggest if rule.card and rule.each and rule.card.indicator == "critical" else ():
        if any(action.type == "delete" for action in suggestion.actions):
            yield _offering(rule, suggestion)


def _offering(rule: Rule, suggestion: Suggestion) -> Rule:
    """The rule as it fires where the suggestion is made; its id is its own, and what is suggested."""
    when = (Test(suggestion.when, "present"),) if suggestion.when else ()
    unless = (Test(suggestion.unless, "unless"),) if suggestion.unless else ()
    return replace(rule, id=f"{rule.id} {suggestion.label}", when=(*rule.when, *when, *unless), conclude="")


def _of(offering: Rule) -> str:
    """The id of the rule itself."""
    return offering.id.partition(" ")[0]


def _as_facts(template: Template, specs: Mapping[str, FactSpec], index: CodeIndex, planned: Plan) -> dict[str, Fact]:
    """What the facts about orders say of the order that the template makes, in a record with nothing else."""
    order = {**_filled(template), "id": "offered", "subject": {"reference": f"Patient/{stories.PATIENT_ID}"}}
    drafts = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": order}]}
    chart = json.dumps(stories.bundle({}, (), _NOON)).encode()
    record = patient_record(chart, index, ZONE, drafts=json.dumps(drafts).encode())
    facts = derive(planned, record, _NOON)
    return {name: _only(facts, name) for name, spec in specs.items() if KINDS[spec.kind].items}


def _only(facts: Facts, name: str) -> Fact:
    items = facts[name].items
    return items[0] if items else Fact(name, State.ABSENT)


def _filled(part: Any) -> Any:
    """Without what is known only when the order is made: whose it is, when, and on what evidence."""
    if isinstance(part, Mapping):
        return {key: _filled(value) for key, value in part.items() if not (isinstance(value, str) and "{" in value)}
    return [_filled(one) for one in part] if isinstance(part, list | tuple) else part


# Whether both can be


def _witness(prover: Prover, offer: Offer, rule: Rule) -> Witness | None:
    both = (offer.rule, rule)
    offered = prover.formulas.rule(offer.rule).true
    deleted = prover.formulas.rule(rule).true
    names = sorted(prover.facts_under(both))
    said = list(_said(prover.formulas.symbols, offer.order, names))
    solver = prover.solver(both)
    if solver.check(offered, z3.substitute(deleted, *said)) != z3.sat:
        return None
    program = prover.part(both)

    def is_so(facts: Known) -> bool:
        inferred = conditions.infer(program, whole(program.facts, _with(offer, prover.specs, facts)))
        fired = set(inferred.fired)
        return any(name == offer.rule.id for name, _ in fired) and (rule.id, _new(rule, prover.specs)) in fired

    found = read(solver.model(), prover.formulas.symbols, names)
    if not is_so(found):
        raise Refuted(f"{offer.rule.id}, {rule.id} on {found}")
    least = plainest(found, is_so)
    return Witness(_with(offer, prover.specs, least), (offer.of, rule))


def _said(symbols: Symbols, order: Mapping[str, Fact], names: Sequence[str]) -> Iterator[tuple[Term, Term]]:
    """What stands for facts about an order, each with what is so of the one that is offered."""
    for name in names:
        if name in order:
            fact, state = order[name], symbols.state(name)
            yield from ((one, z3.BoolVal(False)) for one in (state.denied, state.unusable))
            yield state.known, z3.BoolVal(True)
            yield state.present, z3.BoolVal(fact.state is State.PRESENT)
            for attribute, symbol in symbols.asked(name).items():
                yield from _of_attribute(symbol, fact.attributes.get(attribute))


def _of_attribute(symbol: Symbol, value: object) -> Iterator[tuple[Term, Term]]:
    yield symbol.known, z3.BoolVal(value is not None)
    if symbol.texts is not None:
        yield from ((term, z3.BoolVal(text == value)) for text, term in symbol.texts.items())
    elif isinstance(value, float):
        yield from ((end, z3.IntVal(int(value)) if end.is_int() else z3.RealVal(value)) for end in symbol[1:3])


def _new(rule: Rule, specs: Mapping[str, FactSpec]) -> str:
    """The offered order, beside the one that the offering card may be about."""
    return f"{specs[rule.each].kind}/2"


def _with(offer: Offer, specs: Mapping[str, FactSpec], facts: Known) -> dict[str, Fact]:
    """The facts about orders speak of both."""
    found = dict(facts)
    for name, order in offer.order.items():
        kind = specs[name].kind
        first = [replace(facts[name], name=f"{kind}/1")] if name in facts else []
        second = [replace(order, name=f"{kind}/2")] if order.state is State.PRESENT else []
        if items := (*first, *second):
            found[name] = Fact(name, State.PRESENT, items[0].attributes, items=items)
    return found
