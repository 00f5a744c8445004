"""Asks one fact, named "x", of a small record, on 21 November 2026 at ten in the morning."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from msgspec.structs import replace

from cds.clinical import Bounds, Coding, Fact, Quantity, Span
from cds.facts import derive, plan
from cds.record import ConditionEntry, Entry, EventEntry, FamilyEntry, ObservationEntry, Patient, PatientRecord
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import Codes, FactSpec, Place

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
EVERYTHING = frozenset({name for kind in KINDS.values() for name in (*kind.reads, *kind.also)})
IN = frozenset({"x.in"})
BORN_1980 = Patient(id="p", born=Span(date(1980, 5, 17), date(1980, 5, 17)), gender="female")

Some = TypeVar("Some", bound=Entry)


def ago(days: int) -> Span:
    day = TODAY - timedelta(days=days)
    return Span(day, day)


def year(number: int) -> Span:
    return Span(date(number, 1, 1), date(number, 12, 31))


def hours_ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def code(name: str) -> tuple[Coding, ...]:
    return (Coding("test", name, name.capitalize()),)


def condition(name: str = "numbness", **given: Any) -> ConditionEntry:
    """An active condition, unless told otherwise."""
    standard = {"reference": f"Condition/{name}", "codings": code(name), "sets": IN, "clinical_status": "active"}
    return ConditionEntry(type="Condition", **{**standard, **given})


def observation(value: Any, name: str = "numbness", *, days: int | None = 0, **given: Any) -> ObservationEntry:
    """An observation of so many days ago, without a time of day; with ``instant`` at that time."""
    when = None if days is None else ago(days)
    if instant := given.get("instant"):
        when = Span(instant.date(), instant.date())
    standard = {"type": "Observation", "reference": f"Observation/{name}", "codings": code(name), "sets": IN}
    return ObservationEntry(value=value, **{**standard, "effective": when, **given})


def measured(value: float | Bounds, unit: str | None = "mL", **given: Any) -> ObservationEntry:
    return observation(Quantity(value, unit), "volume", **given)


def done(type: str = "Procedure", *, days: int | None = 0, **given: Any) -> EventEntry:
    when = None if days is None else ago(days)
    standard = {"reference": f"{type}/e", "codings": code("event"), "sets": IN, "status": "completed", "when": when}
    return EventEntry(type=type, **{**standard, **given})


def relative(relationship: str, **given: Any) -> FamilyEntry:
    standard = {"reference": f"FamilyMemberHistory/{relationship}", "codings": code("gout"), "sets": IN}
    return FamilyEntry(
        type="FamilyMemberHistory", relationship=relationship, **{"status": "completed", **standard, **given}
    )


def among(entry: Some, *parameters: str) -> Some:
    """The same entry, found by other parameters of the fact."""
    return replace(entry, sets=frozenset(f"x.{parameter}" for parameter in parameters))


def spec(kind: str, *, codes: Iterable[str] = ("in",), name: str = "x", **parameters: Any) -> FactSpec:
    declared = {"title": "Numbness", "anchors": parameters.pop("anchors", ())}
    asked = {
        parameter: Codes(sets=(f"{name} {parameter}",)) for parameter in codes if parameter in KINDS[kind].parameters
    }
    return FactSpec(
        name=name,
        kind=kind,
        codes=asked,
        parameters=parameters,
        place=Place("test.yaml", 1),
        ruleset="test",
        **declared,
    )


def record(*entries: Entry, patient: Patient = BORN_1980, **given: Any) -> PatientRecord:
    by_choice: dict[str, tuple[Entry, ...]] = {}
    for entry in entries:
        for choice in sorted(entry.sets | getattr(entry, "value_sets", frozenset())):
            by_choice[choice] = (*by_choice.get(choice, ()), entry)
    return PatientRecord(patient=patient, entries=by_choice, **{"supplied": EVERYTHING, **given})


def facts(specs: Iterable[FactSpec], told: PatientRecord, *, now: datetime = NOW) -> Mapping[str, Fact]:
    """Every fact asked for; none may have an attribute that its kind does not declare."""
    by_name = {one.name: one for one in specs}
    derived = derive(plan(by_name), told, now)
    for name, fact in derived.items():
        assert undeclared(fact, by_name[name]) == set()
        assert not any(undeclared(item, by_name[name]) for item in fact.items)
    return derived


def undeclared(fact: Fact, asked: FactSpec) -> set[str]:
    from_anchors = {name for name in fact.attributes if name.partition("_before_")[2] in asked.anchors}
    return set(fact.attributes) - set(KINDS[asked.kind].attributes) - from_anchors


def ask(kind: str, *entries: Entry, codes: Iterable[str] = ("in",), now: datetime = NOW, **parameters: Any) -> Fact:
    return facts([spec(kind, codes=codes, **parameters)], record(*entries), now=now)["x"]
