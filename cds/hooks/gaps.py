"""The card that says what could not be checked because data were not supplied: silence must not read as all clear."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cds.clinical import State
from cds.hooks.call import Call
from cds.hooks.catalogue import Offer
from cds.hooks.detail import bullets
from cds.hooks.prefetch import NOT_SUPPLIED
from cds.hooks.wording import authored, escaped
from cds.outcome import Unanswered
from cds.ruleset.advice import INDICATORS, Indicator
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
    "ServiceRequest": "Orders for examinations, referrals and therapy",
    "AllergyIntolerance": "Allergies and intolerances",
    "QuestionnaireResponse": "Answers to questionnaires",
    "MedicationStatement": "Medicines as the patient takes them",
    "MedicationDispense": "Medicines handed over",
    "MedicationAdministration": "Medicines given",
}
"""What clinicians call the resource types that facts read."""
_FEW = 6  # rules that are told one by one
_MOST = 8  # subjects that are told by name


def gap_card(call: Call, offer: Offer, unavailable: Mapping[str, str]) -> dict[str, Any] | None:
    """None when nothing that was not supplied could have made a difference to the cards.

    ``unavailable``: resource type -> why it was not supplied. Gaps in the record itself are no gaps of supply: rules
    that mind those say so on their own.
    """
    if not unavailable:
        return None
    service = offer.service
    undecided = [one for one in call.outcome.unanswered if _would_show(call, one, service)]
    helpful = _helpful(call, offer, unavailable)
    types = sorted({*_types(call, offer, unavailable), *helpful})
    if not types or not (undecided or helpful):
        return None
    rules = tuple({one.rule.id: one.rule for one in undecided}.values())
    missing = bullets(f"{RECORDS[kind]}: {escaped(unavailable[kind])}" for kind in types)
    unchecked = f"\n\n**Not checked**\n\n{bullets(_not_checked(call, rules))}" if rules else ""
    ruleset = call.knowledge.rulesets[rules[0].ruleset if rules else service.rulesets[0]]
    return {
        "uuid": call.new_id(),
        "summary": f"Not all data were supplied: {_consequence(len(rules))}",
        "detail": f"**Data not supplied**\n\n{missing}{unchecked}",
        "indicator": _indicator(rules, [unavailable[kind] for kind in types]),
        "source": {"label": service.title, "topic": {"system": ruleset.url, "code": TOPIC}},
    }


def _indicator(rules: Iterable[Rule], why: Iterable[str]) -> Indicator:
    """A type that a client leaves away is its habit; one that could not be read today may hide an emergency."""
    critical = any(rule.card and rule.card.indicator == "critical" for rule in rules)
    return "warning" if critical and any(reason != NOT_SUPPLIED for reason in why) else "info"


def _consequence(checks: int) -> str:
    if not checks:
        return "what they hold was not looked at"
    return f"{_checks(checks)} {'was' if checks == 1 else 'were'} not made"


def _not_checked(call: Call, rules: Sequence[Rule]) -> Iterator[str]:
    """Few rules by their titles, many by the subject they are on, the most urgent subjects first."""
    if len(rules) <= _FEW:
        yield from dict.fromkeys(authored(rule.title) for rule in rules)
        return
    numbers: Counter[str] = Counter()
    for rule in sorted(rules, key=_urgency):
        numbers[rule.ruleset] += 1
    subjects = tuple(numbers.items())
    for ruleset, number in subjects[:_MOST]:
        yield f"{authored(call.knowledge.rulesets[ruleset].title)}: {_checks(number)}"
    if others := subjects[_MOST:]:
        yield f"Other subjects: {_checks(sum(number for _, number in others))}"


def _urgency(rule: Rule) -> int:
    assert rule.card is not None  # only what would show is told
    return INDICATORS.index(rule.card.indicator)


def _checks(number: int) -> str:
    return "1 check" if number == 1 else f"{number} checks"


def _types(call: Call, offer: Offer, unavailable: Mapping[str, str]) -> set[str]:
    """Those without which some fact is not known."""
    facts = call.outcome.facts
    return {
        kind
        for kind in unavailable
        if any(facts[name].state is State.UNSUPPLIED for name in offer.prepared.plan.needing(kind))
    }


def _helpful(call: Call, offer: Offer, unavailable: Mapping[str, str]) -> set[str]:
    """Types that facts do without, and that could have added to them.

    What a client tried to supply and could not is always told; what it left away only where the record holds something
    that a card is about, for many clients have no such data of anybody.
    """
    added_to = offer.prepared.plan.added_to
    kinds = [kind for kind in unavailable if kind in added_to]
    doubtful = frozenset(name for kind in kinds for name in added_to[kind])
    near = bool(doubtful) and offer.prepared.reach.near(call.outcome.facts, doubtful)
    return {kind for kind in kinds if near or unavailable[kind] != NOT_SUPPLIED}


def _would_show(call: Call, one: Unanswered, service: Service) -> bool:
    rule = one.rule
    shown_here = not rule.hooks or service.hook in rule.hooks
    return rule.card is not None and shown_here and call.knowledge.rulesets[rule.ruleset].status == "active"
