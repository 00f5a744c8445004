"""What a card proposes: new resources from templates, changed or cancelled drafts.

New resources are valid FHIR whatever is filled in: ``cds.fhir.templates`` proves every shape of theirs at the start.
What a client's draft becomes is checked each time, against what it was: most real drafts are not valid to begin with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cds.fhir.templates import Values, filled_in, patched
from cds.fhir.write import problems
from cds.hooks.call import Call
from cds.hooks.contexts import REFERENCE, Resource, reference_to
from cds.outcome import Firing
from cds.ruleset.advice import Action, Suggestion

_SIGNING = "order-sign"
_PRIORITIES = ("routine", "urgent", "asap", "stat")


@dataclass(frozen=True, slots=True)
class Unavailable(Exception):
    """An action that cannot be offered for this order; ``reason`` is shown to the clinician."""

    reason: str


def suggestions(
    call: Call, firings: Iterable[Firing], evidence: tuple[str, ...]
) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """The suggestions of a card, and in words those that could not be offered.

    Of several that create the same thing, the one with the highest priority stays, in the first one's place.
    """
    offered: dict[object, dict[str, Any]] = {}
    refused = []
    for firing in firings:
        assert firing.rule.card is not None
        values = values_of(call, firing, evidence)
        for suggestion in firing.rule.card.suggest:
            if not applies(call, firing, suggestion):
                continue
            try:
                actions = [_action(call, firing, action, values) for action in suggestion.actions]
            except Unavailable as unavailable:
                refused.append(f"{suggestion.label}: {unavailable.reason}")
                continue
            key = tuple(map(_identity, actions))
            if key not in offered or _priority(actions) > _priority(offered[key]["actions"]):
                offered[key] = _suggestion(call, suggestion, actions)
    return list(offered.values()), tuple(refused)


def applies(call: Call, firing: Firing, suggestion: Suggestion) -> bool:
    """Whether it is offered, by its ``when`` and ``unless``."""
    if suggestion.unless and call.holds(suggestion.unless, firing):
        return False
    return not suggestion.when or call.holds(suggestion.when, firing)


def one_recommended(offered: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """At most the first recommendation: a card of which only one may be chosen cannot recommend two (CH-111)."""
    first = next((one for one in offered if "isRecommended" in one), None)
    return [
        one if one is first else {key: value for key, value in one.items() if key != "isRecommended"} for one in offered
    ]


def values_of(call: Call, firing: Firing, evidence: tuple[str, ...]) -> Values:
    encounter = call.context.encounter
    return Values(
        patient=f"Patient/{call.context.patient}",
        encounter=f"Encounter/{encounter}" if encounter else None,
        user=call.context.user,
        now=call.outcome.at,
        evidence=evidence,
        day_of=lambda placeholder: call.day(placeholder, firing),
    )


def _suggestion(call: Call, suggestion: Suggestion, actions: list[dict[str, Any]]) -> dict[str, Any]:
    """To cancel an order is recommended only when it is about to be signed (spine.md 0.1)."""
    early = call.context.hook.name != _SIGNING and any(action["type"] == "delete" for action in actions)
    recommended = {"isRecommended": True} if suggestion.recommended and not early else {}
    return {"label": suggestion.label, "uuid": call.new_id(), **recommended, "actions": actions}


def _action(call: Call, firing: Firing, action: Action, values: Values) -> dict[str, Any]:
    written = {"type": action.type, "description": action.description}
    if action.type == "delete":
        return {**written, "resourceId": reference_to(order_of(call, firing))}
    template = action.template or {}
    if action.type == "create":
        return {**written, "resource": filled_in(template, values)}
    order = order_of(call, firing)
    changed = patched(order, filled_in(template, values))
    if set(problems(changed)) - set(problems(order)):
        raise Unavailable("the changed order would not be valid FHIR")
    return {**written, "resource": changed}


def order_of(call: Call, firing: Firing) -> Resource:
    """The draft the rule fired on: one that the client sent, among orders, with an id to name it by."""
    drafts = call.context.proposed if call.context.hook.orders else ()
    order = next((draft for draft in drafts if reference_to(draft) == firing.item), None)
    if order is None or not firing.item or not REFERENCE.fullmatch(firing.item):
        raise Unavailable("the order has no id by which it could be changed")
    return order


def _identity(action: Mapping[str, Any]) -> object:
    """What an action does, whatever its words and its priority: two with the same identity say the same."""
    resource = action.get("resource")
    if resource is None or action["type"] == "update":
        return (action["type"], action.get("resourceId"), repr(resource))
    return (action["type"], resource["resourceType"], *_codes(resource))


def _codes(resource: Mapping[str, Any]) -> Iterator[object]:
    """A resource without a code is like no other."""
    concept = resource.get("code") or resource.get("medicationCodeableConcept") or {}
    codings = concept.get("coding", ())
    yield from ((coding.get("system"), coding.get("code")) for coding in codings)
    if not codings:
        yield repr(resource)


def _priority(actions: Iterable[Mapping[str, Any]]) -> int:
    """The place of the highest; what a client's own order calls its priority may be none of FHIR's."""
    stated = [action.get("resource", {}).get("priority") for action in actions]
    return max(_PRIORITIES.index(one) if one in _PRIORITIES else 0 for one in stated)
