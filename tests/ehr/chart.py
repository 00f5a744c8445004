"""The resources of one patient as a FHIR server holds them: read, searched and changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

Resource: TypeAlias = dict[str, Any]
Parameters: TypeAlias = Sequence[tuple[str, str]]

_WHOSE = ("subject", "patient", "for")  # what the element is called differs from type to type
_WHEN = ("effectiveDateTime", "onsetDateTime", "performedDateTime", "authoredOn", "authored", "whenHandedOver")
_PREFIXES: Mapping[str, Callable[[str, str], bool]] = {
    "eq": lambda ours, asked: ours == asked,
    "lt": lambda ours, asked: ours < asked,
    "gt": lambda ours, asked: ours > asked,
    "le": lambda ours, asked: ours <= asked,
    "ge": lambda ours, asked: ours >= asked,
}


class NotUnderstood(Exception):
    """A search that a strict server refuses."""


class Chart:
    """As the server has it now; a transaction changes it."""

    def __init__(self, bundle: Resource) -> None:
        self.resources: dict[str, Resource] = {
            f"{one['resourceType']}/{one['id']}": one for one in (entry["resource"] for entry in bundle["entry"])
        }

    @property
    def patient(self) -> str:
        """The id of whom it is about."""
        return next(reference.partition("/")[2] for reference in self.resources if reference.startswith("Patient/"))

    def search(self, kind: str, parameters: Parameters) -> list[Resource]:
        """Raises ``NotUnderstood`` for what is not among the queries that CDS Hooks asks clients to support."""
        found = [one for one in self.resources.values() if one["resourceType"] == kind]
        for name, text in parameters:
            if name == "_sort":
                found.sort(key=_day, reverse=text.startswith("-"))
            elif name != "_count":
                found = list(filter(_matcher(name, text), found))
        return found

    def apply(self, entries: Iterable[Mapping[str, Any]]) -> list[str]:
        """The entries of a transaction, in FHIR's order: deletions, then creations, then updates. Where each went."""
        order = ["DELETE", "POST", "PUT"]
        return [self._apply(each) for each in sorted(entries, key=lambda one: order.index(one["request"]["method"]))]

    def _apply(self, entry: Mapping[str, Any]) -> str:
        method, reference = entry["request"]["method"], str(entry["request"]["url"])
        if method == "DELETE":
            del self.resources[reference]
            return reference
        if method == "POST":
            reference = f"{reference}/new-{len(self.resources)}"
        self.resources[reference] = {**entry["resource"], "id": reference.partition("/")[2]}
        return reference


def _matcher(name: str, text: str) -> Callable[[Resource], bool]:
    if name in ("patient", "subject"):
        whose = text if "/" in text else f"Patient/{text}"
        return lambda one: any(one.get(each, {}).get("reference") == whose for each in _WHOSE)
    if name == "code":
        asked = set(text.split(","))
        return lambda one: any(asked & {f"{system}|{code}", code} for system, code in _codes(one))
    if name == "_id":
        return lambda one: one["id"] in text.split(",")
    if name == "date":
        prefix, day = (text[:2], text[2:]) if text[:2] in _PREFIXES else ("eq", text)
        return lambda one: _PREFIXES[prefix](_day(one)[: len(day)], day)
    raise NotUnderstood(name)


def _codes(resource: Resource) -> Iterator[tuple[str, str]]:
    """Of the element that the parameter ``code`` looks at."""
    concepts = [resource.get("code"), resource.get("medicationCodeableConcept")]
    concepts += [one.get("code") for one in resource.get("condition", ())]  # of a FamilyMemberHistory
    for concept in concepts:
        yield from ((one.get("system", ""), one["code"]) for one in (concept or {}).get("coding", ()) if "code" in one)


def _day(resource: Resource) -> str:
    return next((str(resource[name]) for name in _WHEN if name in resource), "")
