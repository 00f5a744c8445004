"""An attribute of a fact in words: "onset 14 days ago", "200 mL", "side left"."""

from __future__ import annotations

from collections.abc import Mapping

from cds.clinical import Number
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import FactSpec
from cds.ruleset.questions import unit_of
from cds.ruleset.spoken import amount

_SINCE = ("_days", "_hours")
LENGTHS = frozenset(
    {"longest_days", "due_in_days", "continuous_days", "covered_days", "course_days", "planned_days", "gestation_days"}
)
"""Numbers of days that are no time since something."""


def name(attribute: str) -> str:
    """The event of a date; "" for the value itself."""
    event = attribute.partition("_before_")[0]
    for ending in _SINCE:
        event = event.removesuffix(ending)
    return "" if attribute == "value" else event.replace("_", " ")


def valued(spec: FactSpec, attribute: str, value: Number | str, specs: Mapping[str, FactSpec]) -> str:
    """The value alone; ``specs`` name the fact from which a date is measured."""
    event, between, anchor = attribute.partition("_before_")
    if between:
        return _apart(value, within(specs[anchor].title))
    if KINDS[spec.kind].attributes[event].type == "text":
        return str(value)
    shown = amount(value, unit_of(spec, event))
    if event.endswith(_SINCE) and event not in LENGTHS:
        return "today" if value == 0 else f"{shown} ago"
    return shown


def whole(spec: FactSpec, attribute: str, value: Number | str, specs: Mapping[str, FactSpec]) -> str:
    """With its name; a value that has a unit needs none."""
    shown = valued(spec, attribute, value, specs)
    label = name(attribute) or ("" if any(one.isalpha() for one in shown) else "value")
    return f"{label} {shown}".lstrip()


def _apart(days: Number | str, anchor: str) -> str:
    if not isinstance(days, int | float):
        return f"{amount(days, 'd')} before {anchor}"
    side = "before" if days > 0 else "after"
    return f"{amount(float(abs(days)), 'd')} {side} {anchor}" if days else f"on the day of {anchor}"


def within(title: str) -> str:
    """A title within a sentence: Fever becomes fever; MRI, T4, X-ray and Baker's cyst stay."""
    first = title.partition(" ")[0]
    stays = first[1:] != first[1:].lower() or (len(first) > 1 and not first[1].isalpha()) or first.endswith("'s")
    return title if stays else title[:1].lower() + title[1:]
