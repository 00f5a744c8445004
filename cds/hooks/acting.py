"""System actions: what is added to orders without anybody being asked, where service and caller have agreed to it.

They only ever update orders that the client sent, and only by adding: nothing is created, deleted or taken away.
"""

from __future__ import annotations

from typing import Any

from cds.fhir.templates import added, filled_in
from cds.fhir.write import problems
from cds.hooks.call import Call
from cds.hooks.contexts import Resource
from cds.hooks.detail import Basis, evidence_references
from cds.hooks.suggestions import Unavailable, order_of, values_of
from cds.outcome import Firing
from cds.ruleset.model import Service


def acting(call: Call, service: Service, *, allowed: bool) -> dict[str, Any]:
    """The member ``systemActions`` of a response; none when there is nothing to add. ``allowed``: to this caller."""
    if not allowed or not service.system_actions:
        return {}
    actions: dict[str, dict[str, Any]] = {}
    for firing in call.outcome.actions:
        try:
            order = order_of(call, firing)
        except Unavailable:
            continue  # it has no id: the client could not tell which one is meant
        assert firing.item is not None
        before = actions.get(firing.item)
        changed = _changed(before["resource"] if before else order, call, firing)
        if changed is not None:
            actions[firing.item] = _action(changed, firing, before)
    return {"systemActions": list(actions.values())} if actions else {}


def _changed(order: Resource, call: Call, firing: Firing) -> Resource | None:
    """The whole order with the additions of one rule. None when it says all of it already, or would not be FHIR."""
    values = values_of(call, firing, evidence_references(call, Basis.of(call, (firing,))))
    changed = order
    for action in firing.rule.system:
        changed = added(changed, filled_in(action.template or {}, values))
    return None if changed == order or set(problems(changed)) - set(problems(order)) else changed


def _action(resource: Resource, firing: Firing, before: dict[str, Any] | None) -> dict[str, Any]:
    """One update for each order, whatever the number of rules: two would undo each other."""
    told = [before["description"]] if before else []
    description = "; ".join([*told, *(action.description for action in firing.rule.system)])
    return {"type": "update", "description": description, "resource": resource}
