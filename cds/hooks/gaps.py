"""The card that says what could not be checked because data were not supplied: silence must not read as all clear."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cds.clinical import State
from cds.hooks.call import Call
from cds.hooks.detail import bullets
from cds.hooks.prefetch import NOT_SUPPLIED
from cds.hooks.wording import authored, escaped
from cds.outcome import Unanswered
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import Rule, Service

TOPIC = "data-not-supplied"
RECORDS: Mapping[str, str] = {
    "Patient": "Age and gender",
    "Condition": "Problems and diagnoses",
    "Observation": "Findings and results",
    "MedicationRequest": "Prescriptions",
    "Procedure": "Procedures",
    "DiagnosticReport": "Reports of examinations",
    "Encounter": "Visits",
    "FamilyMemberHistory": "Family history",
    "Task": "Tasks",
    "QuestionnaireResponse": "Answers to questionnaires",
    "MedicationStatement": "Medicines as the patient takes them",
    "MedicationDispense": "Medicines handed over",
    "MedicationAdministration": "Medicines given",
}
"""What clinicians call the resource types that facts read."""
_FEW = 6


def gap_card(call: Call, service: Service, unavailable: Mapping[str, str]) -> dict[str, Any] | None:
    """None when nothing that a card depends on is unknown for want of supply, and no answer of the client was spoilt.

    ``unavailable``: resource type -> why it was not supplied. Gaps in the record itself are no gaps of supply: rules
    that mind those say so on their own.
    """
    if not unavailable:
        return None
    undecided = [one for one in call.outcome.unanswered if _would_show(call, one, service)]
    spoilt = _spoilt(call, unavailable)
    types = sorted({*_types(call, unavailable), *spoilt})
    if not types or not (undecided or spoilt):
        return None
    rules = tuple({one.rule.id: one.rule for one in undecided}.values())
    missing = bullets(f"{RECORDS[kind]}: {escaped(unavailable[kind])}" for kind in types)
    unchecked = f"\n\n**Not checked**\n\n{bullets(_not_checked(call, rules))}" if rules else ""
    ruleset = call.knowledge.rulesets[rules[0].ruleset if rules else service.rulesets[0]]
    return {
        "uuid": call.new_id(),
        "summary": f"Not all data were supplied: {_consequence(len(rules))}",
        "detail": f"**Data not supplied**\n\n{missing}{unchecked}",
        "indicator": "info",
        "source": {"label": service.title, "topic": {"system": ruleset.url, "code": TOPIC}},
    }


def _consequence(checks: int) -> str:
    if not checks:
        return "what they hold was not looked at"
    return "1 check was not made" if checks == 1 else f"{checks} checks were not made"


def _not_checked(call: Call, rules: Sequence[Rule]) -> Iterator[str]:
    """Few rules by their titles, many by the subject they are on."""
    if len(rules) <= _FEW:
        yield from dict.fromkeys(authored(rule.title) for rule in rules)
        return
    for ruleset, number in Counter(rule.ruleset for rule in rules).items():
        yield f"{authored(call.knowledge.rulesets[ruleset].title)}: {number} {'check' if number == 1 else 'checks'}"


def _types(call: Call, unavailable: Mapping[str, str]) -> set[str]:
    needed = {
        kind
        for name, fact in call.outcome.facts.items()
        if fact.state is State.UNSUPPLIED
        for kind in KINDS[call.program.facts[name].kind].reads
    }
    return needed & unavailable.keys()


def _spoilt(call: Call, unavailable: Mapping[str, str]) -> set[str]:
    """Types that no fact depends on, so that leaving them away is no gap; a client that tried and failed is one."""
    helpful = {kind for spec in call.program.facts.values() for kind in KINDS[spec.kind].also}
    return {kind for kind, why in unavailable.items() if why != NOT_SUPPLIED and kind in helpful}


def _would_show(call: Call, one: Unanswered, service: Service) -> bool:
    rule = one.rule
    shown_here = not rule.hooks or service.hook in rule.hooks
    return rule.card is not None and shown_here and call.knowledge.rulesets[rule.ruleset].status == "active"
