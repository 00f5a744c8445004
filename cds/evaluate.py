"""The one pure pipeline: a patient's record and a moment in, an outcome out.

The endpoint calls ``evaluate``; the ruleset tests and the explanations call ``decide`` inside it, which also runs the
rules that no card depends on. There is no other evaluator.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from cds import conditions, facts
from cds.clinical import Facts, Inference
from cds.engine.part import Part, Whole
from cds.errors import Disagreement
from cds.outcome import Firing, Outcome, Unanswered
from cds.reasons import Outlines, Reasoning, reasonings
from cds.record import PatientRecord
from cds.ruleset.advice import INDICATORS
from cds.ruleset.codes import CodeIndex
from cds.ruleset.model import Knowledge, Program, Rule, Service
from cds.ruleset.program import program_of
from cds.ruleset.reach import Reach
from cds.ruleset.selection import EVERY_RULE, Rules, numbered, only, rules_of


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that is computed once for the rulesets that some services share."""

    program: Program
    index: CodeIndex
    plan: facts.Plan
    engine: Part
    outlines: Outlines
    reach: Reach
    shadow: frozenset[str]  # rulesets that are evaluated but not shown
    background: bool  # whether a fact asks for orders that are not under review
    rules: Rules = EVERY_RULE  # those that are run; the others are as if they were not written

    def part(self, rulesets: Collection[str]) -> Prepared:
        """The same, of which only the rules of some rulesets are run: nothing is compiled anew."""
        ids = {rule.id for rule in rules_of(self.program) if rule.ruleset in rulesets}
        numbers = numbered(self.program)
        return replace(self, rules=sum(numbers[name] for name in ids))


def prepare(knowledge: Knowledge, rulesets: Iterable[str], hook: str = "", whole: Whole | None = None) -> Prepared:
    """Compiles the rulesets named, with those they use; for one hook, only what its cards need. Once per process.

    With a ``whole`` that has all these rules its engine answers, and none is made.
    """
    program = program_of(knowledge, rulesets, hook)
    return Prepared(
        program=program,
        index=CodeIndex.of(program.facts.values(), knowledge),
        plan=facts.plan(program.facts),
        engine=(whole or Whole.of(program)).part(program),
        outlines=Outlines.of(program),
        reach=Reach.of(program),
        shadow=frozenset(ruleset.id for ruleset in knowledge.rulesets.values() if ruleset.status == "draft"),
        background=any(spec.parameters.get("background") for spec in program.facts.values()),
    )


def evaluate(
    prepared: Prepared, service: Service, record: PatientRecord, now: datetime, *, cross_check: bool = True
) -> Outcome:
    """What the service has to say about the patient at this moment.

    ``now`` is aware; its zone is the one calendar days are counted in. Raises as ``decide`` does. Of the rules only
    those run that have a say in a card within reach of what is recorded: the outcome has no other conclusions.
    """
    known = facts.derive(prepared.plan, record, now)
    rules = prepared.reach.rules(known, prepared.rules)
    if not rules:
        return Outcome(at=now, facts=known, inferred=False)
    deceased = record.patient.deceased
    return decide(prepared, service, known, now, deceased=deceased, cross_check=cross_check, rules=rules)


def decide(
    prepared: Prepared,
    service: Service,
    known: Facts,
    now: datetime,
    *,
    deceased: bool = False,
    cross_check: bool = True,
    rules: Rules = EVERY_RULE,
) -> Outcome:
    """What follows from facts that are known already, by all rules or by some that need no others.

    Raises ``Disagreement`` when the engine and the plain evaluator differ (with ``cross_check``), ``EngineFault``
    when the engine fails.
    """
    rules &= prepared.rules
    asked = prepared.reach.asked(rules, known)
    inference = prepared.engine.infer(asked, rules)
    program = only(prepared.program, rules)
    if cross_check:
        _compare(inference, conditions.infer(program, asked))
    outcome = Outcome(at=now, facts=known, asked=asked)
    if not inference.fired and not inference.undecided:
        return outcome
    reasoned = reasonings(program, prepared.outlines, asked, inference)
    return _outcome(prepared, service, reasoned, outcome, deceased=deceased)


def _compare(inference: Inference, reference: Inference) -> None:
    if inference != reference:
        differing = (inference.fired ^ reference.fired) | (inference.undecided ^ reference.undecided)
        names = ", ".join(sorted({rule_id for rule_id, _ in differing}))
        raise Disagreement(f"the engine and the plain evaluator disagree on {names}")


def _outcome(
    prepared: Prepared, service: Service, reasoned: tuple[Reasoning, ...], outcome: Outcome, *, deceased: bool
) -> Outcome:
    firings = [each.firing(rule) for each in reasoned for rule in each.fired() if rule.card or rule.system]
    cards = sorted((firing for firing in firings if firing.rule.card), key=_order)
    shown = () if deceased else tuple(firing for firing in cards if _shows(firing.rule, prepared, service))
    acting = () if deceased else (one for one in firings if one.rule.system and _shows(one.rule, prepared, service))
    return replace(
        outcome,
        conclusions=_conclusions(reasoned),
        drawn=frozenset((rule.conclude, each.item) for each in reasoned for rule in each.fired() if rule.conclude),
        recommendations=shown,
        actions=tuple(sorted(acting, key=lambda firing: (firing.rule.id, firing.item or ""))),
        withheld=tuple(firing for firing in cards if deceased or not _shows(firing.rule, prepared, service)),
        unanswered=tuple(_unanswered(reasoned)),
    )


def _shows(rule: Rule, prepared: Prepared, service: Service) -> bool:
    return rule.ruleset not in prepared.shadow and (not rule.hooks or service.hook in rule.hooks)


def _order(firing: Firing) -> tuple[int, str, int, str, str]:
    """Most urgent first. A card without a tier comes after those with one, within its indicator."""
    card = firing.rule.card
    assert card is not None
    return (INDICATORS.index(card.indicator), card.tier or "T9", firing.rule.rank, firing.rule.id, firing.item or "")


def _conclusions(reasoned: Iterable[Reasoning]) -> dict[str, tuple[Rule, ...]]:
    drawn: dict[str, tuple[Rule, ...]] = {}
    for rule in (rule for each in reasoned for rule in each.fired() if rule.conclude):
        drawn[rule.conclude] = (*drawn.get(rule.conclude, ()), rule)
    return drawn


def _unanswered(reasoned: Iterable[Reasoning]) -> Iterable[Unanswered]:
    for each in reasoned:
        for rule in each.undecided():
            yield Unanswered(rule, each.item, each.missing(rule))
