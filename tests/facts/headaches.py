"""Headache attacks of a small record, as the fact "x" finds them; "y" is asked about them."""

from datetime import datetime, timedelta
from typing import Any

from cds.clinical import Bounds, Coding, Fact, Quantity, Span
from cds.record import Entry, ObservationEntry, Patient
from cds.ruleset.headache_kinds import FINDINGS, ITEMS
from cds.ruleset.systems import SYSTEMS
from tests.facts.asking import BORN_1980, NOW, facts, record, spec

CODES = ("attacks", *ITEMS, *FINDINGS)
MIGRAINE: dict[str, Any] = {
    "laterality": "unilateral",
    "quality": "pulsating",
    "severity": "severe",
    "activity": True,
    "nausea": "mild",
    "vomiting": False,
    "photophobia": True,
    "phonophobia": True,
}
TENSION: dict[str, Any] = {
    "laterality": "bilateral",
    "quality": "pressing",
    "severity": "mild",
    "activity": False,
    "nausea": "none",
    "vomiting": False,
    "photophobia": False,
    "phonophobia": False,
}
AURA: dict[str, Any] = {
    "aura_visual": True,
    "aura_reversible": True,
    "aura_gradual": True,
    "aura_succession": False,
    "aura_minutes": 25,
    "aura_unilateral": True,
    "aura_positive": False,
    "aura_headache": False,
}


def attack(*, days: float = 10, hours: float | None = 10, name: str = "", **said: Any) -> ObservationEntry:
    """An attack that began so many days ago at ten in the morning, as long as ``hours``; None: it has no end."""
    start = NOW - timedelta(days=days)
    end = None if hours is None else start + timedelta(hours=hours)
    return ObservationEntry(
        type="Observation",
        reference=name or f"Observation/{days}",
        codings=(Coding("test", "attack"),),
        sets=frozenset({"x.attacks"}),
        effective=Span(start.date(), (end or start).date()),
        instant=end or start,
        period=None if end is None else (start.date(), end.date()),
        began=start,
        components=tuple(part(each, value, f"Observation/{days}", when=start) for each, value in said.items()),
    )


def told(parameter: str, value: Any, *, days: int = 3, type: str = "Observation") -> ObservationEntry:
    """The same by itself, not as a part of an attack."""
    when = NOW - timedelta(days=days)
    return part(parameter, value, f"{type}/{parameter}-{days}", type=type, when=when)


def part(
    parameter: str, value: Any, reference: str, *, type: str = "Observation", when: datetime | None = None
) -> ObservationEntry:
    return ObservationEntry(
        type=type,
        reference=reference,
        codings=(Coding("test", parameter),),
        sets=frozenset({f"x.{parameter}"}),
        value=_value(parameter, value),
        effective=None if when is None else Span(when.date(), when.date()),
    )


def _value(parameter: str, value: Any) -> Any:
    if parameter in ("duration", "aura_minutes") and isinstance(value, int | float):
        return Quantity(float(value), "min")
    if isinstance(value, bool | Quantity) or value is None:
        return value
    if isinstance(value, int | float | Bounds):
        return Quantity(value, None)
    words = value if isinstance(value, list) else [value]
    return tuple(Coding(SYSTEMS["headache-local"], word) for word in words)


def asked(kind: str, *entries: Entry, patient: Patient = BORN_1980, now: datetime = NOW, **parameters: Any) -> Fact:
    specs = [spec("headache-attacks", codes=CODES), spec(kind, codes=(), name="y", of="x", **parameters)]
    return facts(specs, _with_parts(entries, patient), now=now)["y"]


def attacks(*entries: Entry, patient: Patient = BORN_1980, **parameters: Any) -> Fact:
    return facts([spec("headache-attacks", codes=CODES, **parameters)], _with_parts(entries, patient))["x"]


def _with_parts(entries: tuple[Entry, ...], patient: Patient) -> Any:
    parts = [one for entry in entries for one in getattr(entry, "components", ())]
    return record(*entries, *parts, patient=patient)
