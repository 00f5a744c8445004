"""Resource templates: filling in the patient, the user, dates and the evidence.

A string may be, or contain, ``{patient}``, ``{encounter}``, ``{user}`` (references, ``Type/id``), ``{today}``,
``{today+7d}``, ``{today-7d}``, ``{now}`` and ``{<fact>.onset+42d}``, so many days from an event of a fact. A string
that is ``{evidence}`` becomes references to the data used, inside a list as its elements. What has no value (no
encounter, an unknown user) takes the member it stands in, and whatever that leaves empty, out of the resource.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from cds.errors import Problem
from cds.fhir.write import problems
from cds.ruleset.model import Rule
from cds.ruleset.templates import holds_null

_PLACEHOLDER = re.compile(
    r"\{(patient|encounter|user|today|now|today([+-]\d{1,4})d|[a-z][a-z0-9_]*\.[a-z]+[+-]\d{1,4}d)\}"
)
_EVIDENCE = "{evidence}"
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Values:
    """``now`` is aware; its zone is the one days are counted in. ``day_of`` knows the events of facts."""

    patient: str
    encounter: str | None
    user: str | None
    now: datetime
    evidence: tuple[str, ...]
    day_of: Callable[[str], date | None]

    def of(self, match: re.Match[str]) -> str | None:
        name, days = match[1], match[2]
        if name == "now":
            return self.now.isoformat(timespec="seconds")
        if "." in name:
            day = self.day_of(name)
            return day.isoformat() if day else None
        if name.startswith("today"):
            return (self.now.date() + timedelta(days=int(days or 0))).isoformat()
        return {"patient": self.patient, "encounter": self.encounter, "user": self.user}[name]


def filled_in(template: Mapping[str, Any], values: Values) -> dict[str, Any]:
    """A resource, or a merge patch, with every placeholder replaced."""
    return {key: part for key, member in template.items() if (part := _filled(member, values)) is not _ABSENT}


def _filled(part: Any, values: Values) -> Any:
    if isinstance(part, str):
        return _text(part, values)
    if isinstance(part, Mapping):
        return filled_in(part, values) or (_ABSENT if part else {})
    if isinstance(part, list | tuple):
        return list(_elements(part, values)) or (_ABSENT if part else [])
    return part


def _elements(parts: list[Any] | tuple[Any, ...], values: Values) -> Iterator[Any]:
    for part in parts:
        element = _filled(part, values)
        if part == _EVIDENCE:
            yield from () if element is _ABSENT else element
        elif element is not _ABSENT:
            yield element


def _text(text: str, values: Values) -> Any:
    if "{" not in text:  # nearly all of them
        return text
    if text == _EVIDENCE:
        return [{"reference": reference} for reference in values.evidence] or _ABSENT
    found = {match[0]: values.of(match) for match in _PLACEHOLDER.finditer(text)}
    if None in found.values():
        return _ABSENT
    return _PLACEHOLDER.sub(lambda match: found[match[0]] or "", text)


_EXAMPLES = tuple(
    Values("Patient/example", encounter, user, datetime.fromisoformat("2026-11-21T10:00:00+00:00"), evidence, day_of)
    for encounter in ("Encounter/example", None)
    for user in ("Practitioner/example", None)
    for evidence in (("Observation/example",), ())
    for day_of in (lambda _: date(2027, 1, 2), lambda _: None)
)
"""One of each shape a filled template can have: with everything, then without some of what may be missing."""

_MAY_BE_MISSING = re.compile(r"\{(encounter|user|evidence|\w+\.\w+[+-]\d+d)\}")


def template_problems(rules: Iterable[Rule]) -> tuple[Problem, ...]:
    """The templates of new resources that do not make valid FHIR in every shape."""
    trials = _Trials()
    found = {
        Problem(rule.place.file, rule.place.line, f'{rule.id}: suggestion "{suggestion.label}": {problem}')
        for rule in rules
        for suggestion in (rule.card.suggest if rule.card else ())
        for action in suggestion.actions
        if action.type == "create" and action.template is not None
        for problem in trials.problems(action.template)
    }
    return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class _Trials:
    """The problems of templates as written, and of those that are right when whole, by what they may lack."""

    _written: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _lacking: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def problems(self, template: Mapping[str, Any]) -> tuple[str, ...]:
        """Many cards suggest the same, and many templates lack the same."""
        written = repr(template)
        if written not in self._written:
            self._written[written] = self._found(template)
        return self._written[written]

    def _found(self, template: Mapping[str, Any]) -> tuple[str, ...]:
        whole, *others = _EXAMPLES
        if found := _problems_of(template, [whole]):
            return (*found, *_problems_of(template, others))
        gaps = repr(_gaps(template))
        if gaps not in self._lacking:
            self._lacking[gaps] = _problems_of(template, others)
        return self._lacking[gaps]


def _problems_of(template: Mapping[str, Any], examples: Iterable[Values]) -> tuple[str, ...]:
    distinct = {repr(filled): filled for filled in (filled_in(template, values) for values in examples)}
    return tuple(problem for filled in distinct.values() for problem in _resource_problems(filled))


def _gaps(part: Any) -> Any:
    """The members of a template; of their texts those that may be missing, and of which type a resource is: what else
    they say, every shape says.
    """
    if isinstance(part, Mapping):
        return {key: member if key == "resourceType" else _gaps(member) for key, member in part.items()}
    if isinstance(part, list):
        return [_gaps(element) for element in part]
    return part if isinstance(part, str) and _MAY_BE_MISSING.search(part) else None


def _resource_problems(filled: Mapping[str, Any]) -> Iterator[str]:
    yield from problems(filled)
    if holds_null(filled):
        yield "null is no value in FHIR"


def patched(resource: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the resource with a JSON merge patch (RFC 7396) applied; what it does not name is kept as it is."""
    result = dict(resource)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, Mapping):
            before = result.get(key)
            result[key] = patched(before if isinstance(before, Mapping) else {}, value)
        else:
            result[key] = value
    return result


def added(resource: Mapping[str, Any], addition: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the resource with what it did not say before. Its own values stay, its lists become longer.

    An element with the ``url`` or ``system`` of one that is there takes its place: told twice, it is there once.
    """
    result = dict(resource)
    for key, value in addition.items():
        own = result.get(key)
        if own is None:
            result[key] = value
        elif isinstance(own, Mapping) and isinstance(value, Mapping):
            result[key] = added(own, value)
        elif isinstance(own, list) and isinstance(value, list):
            names = {name for each in value if (name := _named(each))}
            kept = (each for each in own if each in value or _named(each) not in names)
            result[key] = [*kept, *(each for each in value if each not in own)]
    return result


def _named(element: Any) -> str | None:
    """What tells an extension from others, or an identifier."""
    return element.get("url") or element.get("system") if isinstance(element, Mapping) else None
