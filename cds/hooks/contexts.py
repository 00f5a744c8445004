"""Reads the context of a hook: the patient, the user and the orders it speaks of, each fault named by its field.

Resources in a context are kept as the client's own JSON: they may exist nowhere else, and updates must give them back
unspoiled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from cds.errors import RequestError
from cds.hooks.library import USERS, Field, Hook

Resource: TypeAlias = Mapping[str, Any]

_TYPED = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)/([\w.\-]+)(?:/_history/[\w.\-]+)?$", re.ASCII)
_ID = re.compile(r"(?=.*[A-Za-z0-9])[\w.\-:]+", re.ASCII)  # dots alone would be a way up in an address


@dataclass(frozen=True, slots=True)
class Context:
    """One context, understood. ``remarks`` say what was tolerated, without repeating it."""

    hook: Hook
    patient: str  # id
    encounter: str | None = None  # id
    user: str | None = None  # "Practitioner/a"
    proposed: tuple[Resource, ...] = ()  # all of them
    selected: frozenset[str] | None = None  # references of those to advise on; None: on all
    references: tuple[str, ...] = ()  # dispatched orders, which are not in the context themselves
    remarks: tuple[str, ...] = ()

    def is_selected(self, resource: Resource) -> bool:
        return self.selected is None or not self.selected.isdisjoint(_names(resource))


REFERENCE = re.compile(r"[A-Z][A-Za-z]+/[^\s/]+")
"""``Type/id``, as far as an id can be told from what cannot be one."""


def reference_to(resource: Resource) -> str:
    """``Type/id``; an empty text when the resource has no id."""
    id_ = resource.get("id")
    return f"{resource['resourceType']}/{id_}" if isinstance(id_, str) and id_ else ""


def _names(resource: Resource) -> frozenset[str]:
    """What a selection may call it; some clients leave the type away."""
    reference = reference_to(resource)
    return frozenset({reference, reference.partition("/")[2]} - {""})


def understood(hook: Hook, context: Mapping[str, Any]) -> Context:
    """Raises ``RequestError`` naming every field that is missing or of the wrong type."""
    values = _values(hook, context)
    user, remarks = _user(hook, values.get("userId"))
    proposed = tuple(values.get(hook.proposed) or ())
    selected, dangling = _selected(values.get("selections"), proposed)
    return Context(
        hook=hook,
        patient=values["patientId"],
        encounter=values.get("encounterId"),
        user=user,
        proposed=proposed,
        selected=selected,
        references=tuple(values.get("dispatchedOrders") or ()),
        remarks=(*remarks, *dangling),
    )


def _values(hook: Hook, context: Mapping[str, Any]) -> dict[str, Any]:
    values, wrong = dict[str, Any](), list[str]()
    for field in hook.fields:
        try:
            values[field.name] = _value(field, context)
        except RequestError as error:
            wrong += error.diagnostics
    if wrong:
        raise RequestError(*wrong)
    return values


def _value(field: Field, context: Mapping[str, Any]) -> Any:
    names = (field.name, *field.aliases)
    given = next((value for name in names if (value := _at(context, name)) not in (None, "")), None)
    if given is None:
        if field.required:
            raise RequestError(f"context.{field.name} is required")
        return None
    return _READERS[field.type](f"context.{field.name}", given)


def _at(context: Mapping[str, Any], path: str) -> Any:
    value: Any = context
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _id(place: str, given: Any) -> str:
    """A bare id; the ``Patient/`` that older clients put before it is taken off. Ids may be longer than FHIR allows."""
    kind = place.removeprefix("context.").removesuffix("Id").capitalize()
    *before, id_ = _text(place, given).split("/")
    if not _ID.fullmatch(id_) or (before and before[-1] != kind):
        raise RequestError(f"{place} must be the id of a resource of type {kind}")
    return id_


def _text(place: str, given: Any) -> str:
    if not isinstance(given, str) or not given.strip():
        raise RequestError(f"{place} must be a text")
    return given.strip()


def _reference(place: str, given: Any) -> str:
    """``Type/id``, also out of an absolute URL or a FHIR Reference; otherwise as given."""
    text = _text(place, given.get("reference") if isinstance(given, Mapping) else given)
    typed = _TYPED.search(text)
    return f"{typed[1]}/{typed[2]}" if typed else text


def _references(place: str, given: Any) -> list[str]:
    each = given if isinstance(given, list) else [given]
    return [_reference(f"{place}[{index}]", one) for index, one in enumerate(each)]


def _resources(place: str, given: Any) -> list[Resource]:
    """The resources of a Bundle, of a bare list, or the one resource, with or without ``{"resource": …}`` around it."""
    if isinstance(given, Mapping) and given.get("resourceType") == "Bundle":
        given, place = given.get("entry") or [], f"{place}.entry"
    each = given if isinstance(given, list) else [given]
    return [resource for index, one in enumerate(each) for resource in _resource(f"{place}[{index}]", one)]


def _resource(place: str, given: Any) -> Iterator[Resource]:
    """An entry without a resource says nothing; one that is no object cannot be understood."""
    if not isinstance(given, Mapping):
        raise RequestError(f"{place} must be an object")
    resource = given.get("resource", given)
    if isinstance(resource, Mapping) and isinstance(resource.get("resourceType"), str):
        yield resource
    elif resource is given and "entry" in given:  # a Bundle that does not say so
        yield from _resources(place, given["entry"] or [])


_READERS: Mapping[str, Any] = {
    "id": _id,
    "user": _reference,
    "reference": _reference,
    "references": _references,
    "resources": _resources,
}


def _user(hook: Hook, user: str | None) -> tuple[str | None, tuple[str, ...]]:
    """Advice for clinicians is not given to a patient. A user that cannot be told is no user."""
    if user is None:
        return None, ()
    kind, slash, _ = user.partition("/")
    if not slash or kind not in USERS:
        return None, ("context.userId is not a reference of the form Type/id",)
    if kind not in hook.users:
        raise RequestError(f"context.userId must be one of {', '.join(sorted(hook.users))} at {hook.name}")
    return user, ()


def _selected(
    selections: list[str] | None, proposed: tuple[Resource, ...]
) -> tuple[frozenset[str] | None, tuple[str, ...]]:
    """A selection that is not among the orders is ignored. When none of them is, all orders are advised on."""
    if not selections:
        return None, ()
    there = frozenset().union(*map(_names, proposed)) & frozenset(selections)
    dangling = ("context.selections names orders that are not in context.draftOrders",)
    return there or None, () if len(there) == len(set(selections)) else dangling
