"""What a card looks like: everything its rule says of it, with the texts as they are filled in for one patient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cds.hooks.call import Call
from cds.hooks.cards import summary
from cds.hooks.contexts import Context
from cds.hooks.detail import own_words
from cds.hooks.library import hook_named
from cds.hooks.suggestions import applies
from cds.outcome import Firing, Outcome
from cds.ruleset.advice import Action, Card, Link, Suggestion
from cds.ruleset.cases import Case
from cds.ruleset.systems import short_name
from cds.workbench.bench import Ready
from cds.workbench.golden import GOLDEN, Look, Looks


def differences(looks: Looks, ready: Ready, case: Case, outcome: Outcome) -> Iterator[tuple[str, str]]:
    """Each card that is written down for this case and looks otherwise, with its rule."""
    due = {rule: one for rule, one in looks.items() if one.get("case") == case.name}
    found = {firing.rule.id: firing for firing in reversed(shown(outcome))} if due else {}
    for rule, expected in due.items():
        if rule not in found:
            yield rule, f"card {rule}: {GOLDEN} says that this case shows it"
            continue
        actual = {"case": case.name, **look(_call(ready, case, outcome), found[rule])}
        for member in dict.fromkeys((*expected, *actual)):
            if expected.get(member) != actual.get(member):
                was, now = _said(expected.get(member)), _said(actual.get(member))
                yield rule, f"card {rule}: {member} is {now}, not {was}"


def _said(value: Any) -> str:
    return "not said" if value is None else f"{value!r}"


def shown(outcome: Outcome) -> tuple[Firing, ...]:
    """The firings that a clinician sees something of."""
    return (*outcome.recommendations, *outcome.actions)


def _call(ready: Ready, case: Case, outcome: Outcome) -> Call:
    context = Context(hook_named(case.hook or "patient-view"), "")
    return Call(ready.knowledge, ready.prepared.program, context, outcome, str)


@dataclass(slots=True)
class Gathering:
    """The first look of each card, while the cases of one ruleset go by."""

    looks: dict[str, Look] = field(default_factory=dict)

    def see(self, ready: Ready, case: Case, outcome: Outcome) -> None:
        for firing in shown(outcome):
            rule = firing.rule
            if rule.ruleset == case.ruleset and rule.id not in self.looks:
                self.looks[rule.id] = {"case": case.name, **look(_call(ready, case, outcome), firing)}


def look(call: Call, firing: Firing) -> Look:
    """Of a rule with a card, or with system actions only."""
    rule = firing.rule
    members = {
        **(_card(call, firing, rule.card) if rule.card else {}),
        "rank": rule.rank if rule.card else None,
        "hooks": sorted(rule.hooks),
        "system": [_action(action) for action in rule.system],
    }
    return {name: value for name, value in members.items() if value not in (None, "", [])}


def _card(call: Call, firing: Firing, card: Card) -> dict[str, Any]:
    return {
        "indicator": card.indicator,
        "tier": card.tier,
        "merge": card.merge,
        "quiet": f"{card.quiet:g} days" if card.quiet else "none",
        "summary": summary(call, firing),
        "detail": own_words(call, firing),
        "unsaid": [remark.subject for remark in card.remarks if not call.holds(remark.subject, firing)],
        "suggestions": [_suggestion(call, firing, one) for one in card.suggest],
        "selection": "" if card.selection == "any" else card.selection,
        "offer_at_most": card.offer_at_most,
        "override": [reason.code for reason in card.override],
        "links": [_link(link) for link in card.links],
    }


def _suggestion(call: Call, firing: Firing, suggestion: Suggestion) -> dict[str, Any]:
    offered = applies(call, firing, suggestion)
    members = {
        "label": suggestion.label,
        "recommended": suggestion.recommended or None,
        "when": suggestion.when,
        "unless": suggestion.unless,
        "offered": None if offered else False,
        "actions": [_action(action) for action in suggestion.actions],
    }
    return {name: value for name, value in members.items() if value not in (None, "")}


def _action(action: Action) -> str:
    """``create ServiceRequest snomed 183543005: Refer``; what it is about, when its template says so."""
    template = action.template or {}
    about = (str(template.get("resourceType", "")), *_codes(template))
    return f"{' '.join(filter(None, (action.type, *about)))}: {action.description}"


def _codes(template: Mapping[str, Any]) -> Iterator[str]:
    concept = template.get("code") or template.get("medicationCodeableConcept") or {}
    for coding in concept.get("coding", ()):
        yield f"{short_name(coding['system'])} {coding['code']}"


def _link(link: Link) -> str:
    context = f" ({link.app_context})" if link.app_context else ""
    return f"{link.label}: {link.type} {link.url}{context}"
