"""What `cds explain` is asked: about which patient, which rule, and in which form the answer is wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NoReturn

from cds.errors import InputError
from cds.evaluate import Prepared, decide, prepare
from cds.facts import derive
from cds.fhir.bundle import patient_record
from cds.hooks.catalogue import Catalogue, Offer
from cds.hooks.received import received
from cds.outcome import Outcome
from cds.reasons import Reasoning
from cds.ruleset.model import Program, Rule
from cds.ruleset.names import unknown
from cds.ruleset.selection import only, rules_of
from cds.workbench.explain import flips_lines, reasoned, report_lines, rule_lines, silence_lines
from cds.workbench.explain_json import firing_json, flips_json, report_json, silence_json
from cds.workbench.flips import NEW_ORDER, Flips, flips
from cds.workbench.graph import Graph, graph
from cds.workbench.whynot import Silence, none_on_record, shut, silence

_USUAL_HOOK = "patient-view"
_NO_ORDER = "silent: it is asked of each order, and there is none"


@dataclass(frozen=True, slots=True)
class Question:
    """Why this, for one patient at one moment; ``rule_id`` None: why every card.

    ``remark``: what has to be said first, such as that the service does not run the rule.
    """

    prepared: Prepared
    outcome: Outcome
    rule_id: str | None
    remark: str = ""

    @property
    def program(self) -> Program:
        return only(self.prepared.program, self.prepared.rules)

    def lines(self) -> Iterator[str]:
        if self.rule_id is None:
            yield from report_lines(self.outcome)
            return
        if self.remark:
            yield self.remark
        yield from rule_lines(self.prepared, self.outcome, [self.rule_id])
        if self._lacks_orders:
            yield f"{self.rule_id}: {_NO_ORDER}"
        for reasoning, rule in self._asked():
            if reasoning.truth(rule) is not True:
                yield from silence_lines(self._silence(reasoning, rule))

    def as_json(self) -> object:
        if self.rule_id is None:
            return report_json(self.outcome)
        if self._lacks_orders:
            return [{"rule": self.rule_id, "item": None, "outcome": "silent", "remark": _NO_ORDER}]
        return [self._rule_json(reasoning, rule) for reasoning, rule in self._asked()]

    def _rule_json(self, reasoning: Reasoning, rule: Rule) -> dict[str, object]:
        truth = reasoning.truth(rule)
        told = firing_json(reasoning.firing(rule), truth)
        why_not = {} if truth is True else {"why_not": silence_json(self._silence(reasoning, rule))}
        return told | why_not | ({"remark": self.remark} if self.remark else {})

    def graph(self) -> Graph:
        """What led to the cards; or all about one rule, also of what failed."""
        if self.rule_id:
            closed = {rule: none_on_record(names) for rule, names in shut(self.program, self.outcome.facts).items()}
            return graph(f"Why {self.rule_id}, or why not", self.program, self._asked(), closed)
        cards = {(firing.rule.id, firing.item) for firing in self.outcome.recommendations}
        seeds = (
            (reasoning, rule)
            for reasoning in reasoned(self.prepared, self.outcome)
            for rule in reasoning.fired()
            if (rule.id, reasoning.item) in cards
        )
        return graph("Why these cards", self.program, seeds)

    def flips(self, enough: Callable[[], bool]) -> Iterator[Flips]:
        """What would make the rule fire, or be silent, or of one that is undecided either; of each order."""
        program, facts = self.program, self.outcome.facts
        asked = [(reasoning.item, rule, reasoning.truth(rule)) for reasoning, rule in self._asked()]
        new = [(NEW_ORDER, rule, False) for rule in rules_of(program) if rule.id == self.rule_id]
        for item, rule, truth in asked or new:
            for wanted in (True, False):
                if truth is not wanted:
                    yield flips(program, facts, rule, item, wanted=wanted, enough=enough)

    def _asked(self) -> Iterator[tuple[Reasoning, Rule]]:
        for reasoning in reasoned(self.prepared, self.outcome):
            for rule in reasoning.outline.rules.values():
                if rule.id == self.rule_id:
                    yield reasoning, rule

    @property
    def _lacks_orders(self) -> bool:
        return next(self._asked(), None) is None

    def _silence(self, reasoning: Reasoning, rule: Rule) -> Silence:
        return silence(self.program, self.outcome.facts, reasoning, rule)


@dataclass(frozen=True, slots=True)
class FlipQuestion:
    """What would make a rule come out otherwise. ``enough``: whether it was searched long enough."""

    question: Question
    enough: Callable[[], bool]

    def lines(self) -> Iterator[str]:
        if self.question.remark:
            yield self.question.remark
        for found in self.question.flips(self.enough):
            yield from flips_lines(found)

    def as_json(self) -> object:
        return flips_json(self.question.flips(self.enough))


def ask(
    served: Catalogue, content: bytes, now: datetime, *, service_id: str, hook: str | None, rule_id: str | None
) -> Question:
    """The question about the patient of a FHIR Bundle, or of a whole hook request (which names its own hook).

    A rule that the service does not run is asked with its own ruleset. Raises ``InputError`` for a rule, or a hook of
    the service, that there is not; what reading the content raises.
    """
    rules = {rule.id: rule for ruleset in served.knowledge.rulesets.values() for rule in ruleset.rules}
    if rule_id and rule_id not in rules:
        _unknown("rule", rule_id, rules)
    offers = served.offers(service_id)
    if b'"hookInstance"' in content:
        if hook:
            raise InputError("a hook request names its own hook: leave --hook out")
        call = received(offers, content, now)
        offer, record = call.offer, call.record
        apart = _apart(offer, rules[rule_id]) if rule_id else offer
        if apart is not offer:
            record = received({offer.service.hook: apart}, content, now).record
    else:
        name = hook or _USUAL_HOOK
        offer = offers.get(name) or _unknown("hook of this service", name, offers)
        apart = _apart(offer, rules[rule_id]) if rule_id else offer
        record = patient_record(content, apart.prepared.index, now.tzinfo or UTC)
    known = derive(apart.prepared.plan, record, now)
    outcome = decide(apart.prepared, apart.service, known, now, deceased=record.patient.deceased)
    remark = "" if apart is offer else f"{service_id} does not run {rule_id} at {offer.service.hook}: asked by itself."
    return Question(apart.prepared, outcome, rule_id, remark)


def _apart(offer: Offer, rule: Rule) -> Offer:
    """The offer, if it runs the rule; else one of the rule's own ruleset and those it uses."""
    if any(one.id == rule.id for one in rules_of(only(offer.prepared.program, offer.prepared.rules))):
        return offer
    return replace(offer, prepared=prepare(offer.knowledge, (rule.ruleset,)))


def _unknown(what: str, name: str, names: Iterable[str]) -> NoReturn:
    raise InputError(unknown(what, name, names))
