"""The hooks of the CDS Hooks library (2.0.0 build): versions, fields of their contexts, and who may be their user.

``aliases`` are names that the library's own published examples, its older versions and the guides built on it use.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

_CLINICIANS = frozenset({"Practitioner", "PractitionerRole"})
_ANYONE = _CLINICIANS | {"Patient", "RelatedPerson"}
USERS = _ANYONE | {"Device", "Person", "Organization", "CareTeam", "HealthcareService"}


@dataclass(frozen=True, slots=True)
class Field:
    """``token``: may stand in a prefetch template. ``aliases``: other names that clients give it, dotted for a path."""

    name: str
    type: Literal["id", "user", "reference", "references", "resources"]
    required: bool = True
    token: bool = True
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hook:
    """``proposed``: the field with what the clinician is about to do, or has just recorded.

    ``orders``: these are orders, to be reviewed and perhaps changed before they are signed.
    """

    name: str
    fields: tuple[Field, ...]
    users: frozenset[str] = _CLINICIANS
    proposed: str = ""
    orders: bool = False
    deprecated: bool = False
    version: str = "1.0"  # of the page that defines it; "" for an organisation's own hook


_PATIENT = Field("patientId", "id")
_USER = Field("userId", "user")
_ENCOUNTER = Field("encounterId", "id", required=False)
_USUAL = (_USER, _PATIENT, _ENCOUNTER)
_DURING = (_USER, _PATIENT, Field("encounterId", "id"))


def _content(name: str, *aliases: str) -> Field:
    return Field(name, "resources", token=False, aliases=aliases)


HOOKS: dict[str, Hook] = {
    hook.name: hook
    for hook in (
        Hook("patient-view", _USUAL, _ANYONE),
        Hook(
            "order-select",
            (*_USUAL, Field("selections", "references", token=False), _content("draftOrders")),
            proposed="draftOrders",
            orders=True,
        ),
        Hook("order-sign", (*_USUAL, _content("draftOrders")), proposed="draftOrders", orders=True),
        Hook(
            "order-dispatch",
            (
                _PATIENT,
                Field("dispatchedOrders", "references", aliases=("dispatched-orders", "order")),
                Field("performer", "reference"),
                Field("fulfillmentTasks", "resources", False, False, ("fulfillment-tasks", "task")),
            ),
            version="1.1",
        ),
        Hook("appointment-book", (*_USUAL, _content("appointments")), _ANYONE, "appointments"),
        Hook("encounter-start", _DURING),
        Hook("encounter-discharge", _DURING),
        Hook(
            "medication-refill",
            (Field("userId", "user", required=False), _PATIENT, _ENCOUNTER, _content("medications")),
            proposed="medications",
            orders=True,
            version="0.1.0",
        ),
        Hook(
            "allergyintolerance-create",
            (*_USUAL, _content("allergyIntolerance", "allergyIntolerances")),
            proposed="allergyIntolerance",
            version="0.1.0",
        ),
        Hook("problem-list-item-create", (*_USUAL, _content("conditions")), proposed="conditions", version="0.1.0"),
        Hook(
            "medication-verify",
            (*_USUAL, _content("medication", "order.resource")),
            proposed="medication",
            orders=True,
            version="0.1.0",
        ),
        Hook(
            "medication-prescribe",
            (*_USUAL, _content("medications")),
            proposed="medications",
            orders=True,
            deprecated=True,
        ),
        Hook("order-review", (*_USUAL, _content("orders")), proposed="orders", orders=True, deprecated=True),
    )
}


def hook_named(name: str) -> Hook:
    """A hook of the library, or one of an organisation's own (with a dot), which has at least a patient."""
    return HOOKS.get(name) or Hook(name, (_PATIENT, Field("userId", "user", False), _ENCOUNTER), USERS, version="")
