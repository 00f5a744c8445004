"""What can still be understood of JSON that does not fit: entry by entry, then member by member, noting what was lost.

The syntax has been checked by then; the doubt is about shapes only. A member that cannot be read never costs its
neighbours, but a resource without one of its decisive members is not read at all: it might say the opposite.
"""

from __future__ import annotations

from functools import cache
from threading import Lock
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin

import msgspec

from cds.fhir.bundles import TYPES, AnyResource, Unreadable
from cds.fhir.datatypes import CodeableConcept, Element
from cds.fhir.structs import DECISIVE, Resource

Known = TypeVar("Known")
Kind = Any  # a type as msgspec understands it: a class, a tuple of one, a union

_making = Lock()

DEEPEST = 32  # levels; resources nest by their questionnaire items and contained Bundles only


@cache
def decoder(kind: Kind) -> msgspec.json.Decoder[Any]:
    """Made one at a time: the library completes what it knows of nested types in place, and a thread that meets it
    half-made ends the process.
    """
    with _making:
        return msgspec.json.Decoder(kind)


@cache
def _tuple_of(kind: Kind) -> Kind:
    return tuple[kind, ...]


def tuple_of(kind: type[Known]) -> type[tuple[Known, ...]]:
    known: Kind = kind
    return cast(type[tuple[Known, ...]], _tuple_of(known))


def fitting(sent: msgspec.Raw | bytes, kind: type[Known]) -> Known | None:
    """The value if it fits as a whole, else None."""
    known: Kind = kind
    try:
        found: Known = decoder(known).decode(sent)
    except (msgspec.DecodeError, RecursionError):
        return None
    return found


def salvaged(sent: msgspec.Raw | bytes, kind: Kind, place: str, lost: list[str], depth: int = 0) -> Any:
    """As much of the value as can be understood, None if nothing; the places of the rest are added to ``lost``."""
    whole = fitting(sent, kind)
    if whole is not None or (len(memoryview(sent)) == 4 and bytes(sent) == b"null"):
        return whole
    expected: Any = _required(kind)
    if depth < DEEPEST:
        if expected is AnyResource:
            return _resource(sent, place, lost, depth)
        origin: Any = get_origin(expected)
        if origin is tuple:
            return _list(sent, get_args(expected)[0], place, lost, depth)
        if isinstance(expected, type) and issubclass(expected, (Element, Resource)):
            members = _members(sent, expected, place, lost, depth)
            return None if members is None else expected(**members)
    lost.append(place)
    return None


@cache
def _required(kind: Kind) -> Kind:
    """``X`` of ``X | None``."""
    origin: Any = get_origin(kind)
    if kind is AnyResource or origin not in (Union, UnionType):
        return kind
    others = [each for each in get_args(kind) if each is not NoneType]
    if set(others) == set(get_args(AnyResource)):
        return AnyResource
    return others[0] if len(others) == 1 else kind


def _list(sent: msgspec.Raw | bytes, kind: Kind, place: str, lost: list[str], depth: int) -> tuple[Any, ...] | None:
    """The elements that could be read; None stands for the others where the list may hold it, to keep the positions."""
    elements = fitting(sent, list[msgspec.Raw])
    if elements is None:
        lost.append(place)
        return None
    read = tuple(salvaged(each, kind, f"{place}[{i}]", lost, depth + 1) for i, each in enumerate(elements))
    return read if NoneType in get_args(kind) else tuple(each for each in read if each is not None)


@cache
def _fields(kind: Kind) -> tuple[msgspec.structs.FieldInfo, ...]:
    with _making:
        return msgspec.structs.fields(kind)


def _members(sent: msgspec.Raw | bytes, kind: Kind, place: str, lost: list[str], depth: int) -> dict[str, Any] | None:
    members = fitting(sent, dict[str, msgspec.Raw])
    if members is None:
        lost.append(place)
        return None
    read = {}
    for field in _fields(kind):
        if (member := members.get(field.encode_name)) is not None:
            read[field.name] = salvaged(member, field.type, f"{place}.{field.encode_name}", lost, depth + 1)
    # What was sent as null and what could not be read both take the default; only the latter is in `lost`.
    return {name: value for name, value in read.items() if value is not None}


def _resource(sent: msgspec.Raw | bytes, place: str, lost: list[str], depth: int) -> Any:
    tag = fitting(sent, _Tag)
    kind = TYPES.get(tag.resource_type) if tag else None
    if kind is None:
        lost.append(f"{place}.resourceType")
        return Unreadable(tag.resource_type if tag else None, concept=None)
    before = len(lost)
    members = _members(sent, kind, place, lost, depth) or {}
    decisive = {f"{place}.{field.encode_name}" for field in _fields(kind) if field.name in DECISIVE}
    if decisive.isdisjoint(lost[before:]):
        return kind(**members)
    concept = members.get("code") or members.get("medication_codeable_concept")
    return Unreadable(kind.__name__, concept if isinstance(concept, CodeableConcept) else None)


class _Tag(msgspec.Struct, rename="camel"):
    resource_type: str
