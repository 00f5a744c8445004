"""What patients write down on days: diary entries, and totals by their own account (headache.md 4.2, 4.3)."""

from __future__ import annotations

import math
from datetime import datetime
from types import MappingProxyType

from cds.clinical import Bounds, Coding, Number, Quantity
from cds.facts.dates import past
from cds.facts.medicines import days
from cds.facts.medicines.classes import Policy, of_codes
from cds.facts.medicines.days import NO_DAYS, Days
from cds.facts.medicines.use_sources import Report
from cds.facts.statements import Unusable
from cds.record import ObservationEntry
from cds.ruleset.medicine_kinds import ACUTE_CLASSES
from cds.ruleset.use_kinds import UNNAMED

_CLASS_CODES = MappingProxyType({**{f"class-{name}": name for name in ACUTE_CLASSES}, "class-unknown": UNNAMED})
_EXCLUDED = ("not_counted", "topical", "antiplatelet", "nsaid_except")
_RECALL = 120  # days; an older total is not used at all

# Units of a count of days, as days of the period that the question is about (headache.md 3.2). A rate for the other
# period is converted. Only the answer to a question has no unit: there a number is a plain count.
_DAYS = MappingProxyType({"d": 1.0, "{days}": 1.0})
_ANSWER = "QuestionnaireResponse"
_PER_MONTH = MappingProxyType({**_DAYS, "d/mo": 1.0, "/mo": 1.0, "d/wk": 30 / 7, "/wk": 30 / 7})
_PER_WEEK = MappingProxyType({**_DAYS, "d/wk": 1.0, "/wk": 1.0, "d/mo": 7 / 30, "/mo": 7 / 30})
_LENGTHS = MappingProxyType({"d": 1.0, "{days}": 1.0, "wk": 7.0, "mo": 30.0, "a": 365.0})


def diary_days(entry: ObservationEntry, now: datetime) -> Days:
    """The local dates an entry is about. A month is no date."""
    today = now.date()
    if entry.period:
        return days.period(*entry.period, today)
    if entry.instant:
        return days.day((today - entry.instant.astimezone(now.tzinfo).date()).days)
    if entry.effective and entry.effective.earliest == entry.effective.latest:
        return days.day((today - entry.effective.latest).days)
    return NO_DAYS


def named_classes(entry: ObservationEntry, policy: Policy) -> tuple[str, ...] | None:
    """The classes an entry names, by class or by drug: none for a drug that is not counted, "unnamed" for one that no
    code explains. None when it names no drug at all.
    """
    wanted = f"{policy.fact}.class_component"
    components = [each for each in entry.components if wanted in each.sets and isinstance(each.value, tuple)]
    names = [name for each in components for name in _named(each, policy)]
    return tuple(dict.fromkeys(names)) if components else None


def _named(component: ObservationEntry, policy: Policy) -> tuple[str, ...]:
    codes = [value.code for value in _codings(component) if value.code.startswith("class-")]
    if codes:
        return tuple(_CLASS_CODES[code] for code in codes if code in _CLASS_CODES)
    held = policy.held(component.value_sets)
    if not held.isdisjoint(_EXCLUDED):
        return ()
    return of_codes(held).names or (UNNAMED,)


def _codings(entry: ObservationEntry) -> tuple[Coding, ...]:
    return tuple(each for each in entry.value if isinstance(each, Coding)) if isinstance(entry.value, tuple) else ()


def report(entry: ObservationEntry, now: datetime, *, weekly: bool) -> Report | Unusable | None:
    """A total that is not older than 120 days. A range counts as its midpoint, "at least n" as n."""
    factors, most = (_PER_WEEK, 7.0) if weekly else (_PER_MONTH, 30.0)
    ago = stated_ago(entry, now)
    if ago is None:
        return Unusable(entry, None, "has no date")
    if not 0 <= ago <= _RECALL:
        return None
    if not isinstance(entry.value, Quantity):
        return Unusable(entry, entry.effective, "is not a number")
    unit = entry.value.unit or ("d" if entry.type == _ANSWER else "")
    if (factor := factors.get(unit)) is None:
        return Unusable(entry, entry.effective, "has a unit that does not fit days" if unit else "has no unit")
    low, estimate, high = (min(each * factor, most) for each in _spread(entry.value.value))
    return Report(ago, low, estimate, high, weekly, entry)


def duration(entry: ObservationEntry, now: datetime) -> float | None:
    """Days for which use has been at its level, at least; a statement of at most 120 days ago."""
    ago = stated_ago(entry, now)
    if ago is None or not 0 <= ago <= _RECALL or not isinstance(entry.value, Quantity):
        return None
    factor = _LENGTHS.get(entry.value.unit or "")
    return None if factor is None else _spread(entry.value.value)[0] * factor


def stated_ago(entry: ObservationEntry, now: datetime) -> int | None:
    """How many days ago it was stated, from the latest day of a partial date or the end of a period; below 0 when all
    of it is in the future.
    """
    if entry.instant:
        return (now.date() - entry.instant.astimezone(now.tzinfo).date()).days
    if entry.effective:
        when = past(entry.effective, now.date()) or entry.effective
        return (now.date() - when.latest).days
    return None


def _spread(number: Number) -> tuple[float, float, float]:
    if not isinstance(number, Bounds):
        return number, number, number
    low = max(number.low, 0.0)
    return low, low if math.isinf(number.high) else (low + number.high) / 2, number.high
