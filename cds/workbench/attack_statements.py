"""Lines of a test's record about headache attacks, as Observations with components (headache.md 3.3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from cds.ruleset.systems import SYSTEMS
from cds.workbench.statements import Line, Resource, quantity
from cds.workbench.when import day_before, day_offsets

_LOCAL = SYSTEMS["headache-local"]
_USUAL = "usual"
_START = "08:00"

PARTS = (
    "attack-duration-min",
    "treated",
    "relieved-by-triptan-ergot",
    "laterality",
    "quality",
    "severity",
    "aggravated-by-activity",
    "nausea",
    "vomiting",
    "photophobia",
    "phonophobia",
    "aura-visual",
    "aura-sensory",
    "aura-speech",
    "aura-motor",
    "aura-brainstem",
    "aura-retinal",
    "aura-fully-reversible",
    "aura-gradual-5min",
    "aura-succession",
    "aura-duration-min",
    "aura-unilateral",
    "aura-positive",
    "aura-headache-within-60min",
)
KEYS = ("hours", "start", *PARTS)


def attack(line: Line, now: datetime) -> Iterator[Resource]:
    """One attack on each of the days, begun at ``start`` and ``hours`` long; or ``usual``: what attacks are like."""
    parts = [_part(code, line[code]) for code in PARTS if code in line]
    if line["attack"] == _USUAL:
        day = day_before(now, 1).isoformat()
        yield _observed([_part("typical", True), *parts]) | {"effectiveDateTime": day}
        return
    for offset in day_offsets(line["attack"]):
        began = datetime.combine(day_before(now, offset), time.fromisoformat(line.get("start", _START)), now.tzinfo)
        ended = {"end": (began + timedelta(hours=line["hours"])).isoformat()} if "hours" in line else {}
        yield _observed(parts) | {"effectivePeriod": {"start": began.isoformat(), **ended}}


def _observed(parts: list[Resource]) -> Resource:
    made: Resource = {"resourceType": "Observation", "status": "final", "code": _concept("headache-attack")}
    return made | ({"component": parts} if parts else {})


def _part(code: str, value: object) -> Resource:
    made = {"code": _concept(code)}
    if isinstance(value, bool):
        return made | {"valueBoolean": value}
    if isinstance(value, int | float):
        unit = " min" if code.endswith("-min") else ""
        return made | {"valueQuantity": quantity(f"{value}{unit}")}
    words = value if isinstance(value, list) else [value]
    return made | {"valueCodeableConcept": _concept(*words)}


def _concept(*codes: object) -> Resource:
    return {"coding": [{"system": _LOCAL, "code": str(code)} for code in codes]}
