"""Answers how many days an acute medicine was used: the kinds ``use-days`` and ``acute-medicines``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from cds.clinical import Number, State
from cds.facts.medicines import days, validity
from cds.facts.medicines.bounds import UseDays, union, use_days, weakest
from cds.facts.medicines.classes import NONOPIOID, Policy
from cds.facts.medicines.contents import contents, nameless
from cds.facts.medicines.days import HORIZON, NO_DAYS, QUARTER, WEEKS, WINDOWS, Days
from cds.facts.medicines.gathering import AcuteUse
from cds.facts.medicines.intended import begun
from cds.facts.medicines.use_evidence import known_from, use_evidence
from cds.facts.medicines.use_sources import Classed, Sources, united
from cds.facts.question import Answer
from cds.ruleset.medicine_kinds import ACUTE_CLASSES
from cds.ruleset.use_kinds import UNNAMED

_COUNTED = tuple(name for name in ACUTE_CLASSES if name != "gepant")
_PAIN_RELIEVERS = (*NONOPIOID, "opioid", "combination", "barbiturate")
_SEVERAL = (
    "ergot",
    "triptan",
    *NONOPIOID,
    "opioid",
    "combination",
)  # ICHD-3 8.2.6; combination: headache.md HD-MOH-028
_HEAVY = 3  # dated days that make a week one of more than two days of use


@dataclass(frozen=True, slots=True)
class Counted:
    """Use in every window, of one class or of several; ``sources`` are those of each class."""

    names: tuple[str, ...]
    sources: tuple[Sources, ...]
    windows: Mapping[str, UseDays]
    in_every_month: int = 0  # classes with use in each of the last three months

    @property
    def dated(self) -> Days:
        found = NO_DAYS
        for each in self.sources:
            found |= each.dated
        return found


def members(name: str, policy: Policy) -> tuple[str, ...]:
    """The classes of a family; a class is its own only member. Of `any` is also what names no class."""
    gepant = ("gepant",) if policy.count_gepant else ()
    families = {
        "nonopioid": NONOPIOID,
        "pain-reliever": _PAIN_RELIEVERS,
        "several": (*_SEVERAL, *gepant),
        "any": (*_COUNTED, *gepant, UNNAMED),
    }
    return families.get(name, (name,))


def counted_class(use: AcuteUse, name: str) -> Counted | None:
    """One class, or the reports that name none; None when nothing is known of it."""
    sources = use.sources.get(name)
    if sources is None:
        return None
    windows = {key: use_days(sources, window, use.policy) for key, window in WINDOWS.items()}
    return Counted((name,), (sources,), windows)


def counted_together(use: AcuteUse, names: Sequence[str], classes: Mapping[str, Counted]) -> Counted:
    """Several classes, from what was counted of each."""
    if len(names) == 1 and names[0] != UNNAMED:
        only = classes[names[0]]
        return replace(only, in_every_month=_in_every_month(classes, names))
    parts = [classes[name] for name in names if name != UNNAMED]
    unnamed = use.sources[UNNAMED] if UNNAMED in names else None
    sources = tuple(source for part in parts for source in part.sources)
    whole = _with_unnamed(united(sources), unnamed)
    windows = {
        key: union([part.windows[key] for part in parts], whole, window, use.policy) for key, window in WINDOWS.items()
    }
    named = tuple([part.names[0] for part in parts])
    sources = sources if unnamed is None else (*sources, unnamed)
    return Counted(named, sources, windows, _in_every_month(classes, named))


def _with_unnamed(whole: Sources, unnamed: Sources | None) -> Sources:
    """A dated use of an unnamed drug is a day of some use; a total without a class is one of all classes."""
    if unnamed is None:
        return whole
    return replace(
        whole,
        diary=whole.diary | unnamed.diary,
        documented=whole.documented | unnamed.documented,
        reports=unnamed.reports,
        duration=max((each for each in (whole.duration, unnamed.duration) if each is not None), default=None),
    )


def _in_every_month(classes: Mapping[str, Counted], names: Iterable[str]) -> int:
    """Classes, all non-opioids being one, with a day of use in each of the last three months (HD-MOH-028)."""

    def is_used(group: Iterable[str]) -> bool:
        months = [[classes[name].windows[key] for name in group if name in classes] for key in QUARTER]
        return all(any(max(each.estimate or 0, each.minimum) >= 1 for each in month) for month in months)

    groups = [(name,) for name in names if name not in NONOPIOID]
    return sum(is_used(group) for group in (*groups, NONOPIOID))


def use_answer(counted: Counted, use: AcuteUse, now: datetime) -> Answer:
    taken = [each for each in use.medicines if set(each.acute.names) & set(counted.names)]
    attributes: dict[str, Number | str] = {
        **window_attributes(counted.windows),
        "source": counted.windows["month"].source,
        "heavy_weeks": float(sum(days.count(counted.dated & week) >= _HEAVY for week in WEEKS)),
        "known_from": known_from(counted.sources, taken),
        "classes": float(counted.in_every_month),
        **_beginning(counted, now.date()),
        **_medicines(taken, counted, use.policy),
    }
    return Answer(State.PRESENT, attributes, use_evidence(counted.sources, taken, use.diary, now))


def window_attributes(windows: Mapping[str, UseDays]) -> dict[str, Number | str]:
    """``week_min`` … ``quarter_max`` and what goes with them, as kinds ``use-days`` and ``diary-days`` offer it."""
    attributes: dict[str, Number | str] = {}
    for key, counted in windows.items():
        found = (("min", counted.minimum), ("est", counted.estimate), ("max", counted.maximum))
        per = 4 if key == "week" else 1
        attributes |= {f"{key}_{bound}": round(value / per, 2) for bound, value in found if value is not None}
    months = [windows[key] for key in QUARTER]
    attributes |= _quarter(months)
    estimates = [month.estimate for month in months if month.estimate is not None]
    if months[0].estimate is not None:
        known = estimates if len(estimates) == len(months) else [months[0].estimate]
        attributes["mean_est"] = round(sum(known) / len(known), 2)
    return attributes | {
        "week_confidence": windows["week"].confidence,
        "month_confidence": months[0].confidence,
        "quarter_confidence": weakest(month.confidence for month in months),
        "coverage": round(months[0].coverage, 4),
        "discordant": _yes_no(months[0].discordant),
    }


def _quarter(months: Sequence[UseDays]) -> dict[str, float]:
    """The weakest of three months decides (4.7); it is unknown while one of them is."""
    bounds: dict[str, list[float | None]] = {
        "min": [month.minimum for month in months],
        "est": [month.estimate for month in months],
        "max": [month.maximum for month in months],
    }
    quarter = {}
    for bound, values in bounds.items():
        known = [value for value in values if value is not None]
        if len(known) == len(values):
            quarter[f"quarter_{bound}"] = round(min(known), 2)
    return quarter


def _beginning(counted: Counted, today: date) -> dict[str, Number | str]:
    """Since when use is known: by date, by the start of a statement, or by the patient's account (4.7)."""
    statements = [begun(each, today) for sources in counted.sources for each in sources.statements]
    known = [days.oldest(counted.dated), *statements, *(sources.duration for sources in counted.sources)]
    began = max((float(ago) for ago in known if ago is not None), default=None)
    if began is None:
        return {"earlier": "no"}
    return {"began_days": began, "earlier": _yes_no(began > 90)}


def _medicines(taken: Sequence[Classed], counted: Counted, policy: Policy) -> dict[str, Number | str]:
    """What is ordered, handed over and reported of it."""
    orders = [each.entry for each in taken if each.current and each.entry.type == validity.REQUEST]
    as_needed = [entry for entry in orders if any(dosage.as_needed for dosage in entry.dosages)]
    sources = counted.sources
    handed = {id(supply.entry): supply for each in sources for supply in each.supplies if supply.ago < HORIZON}
    recent = [each for each in taken if each.recent]
    return {
        "as_needed_order": _yes_no(bool(as_needed)),
        "scheduled_order": _yes_no(any(each.orders for each in sources) and len(as_needed) < len(orders)),
        "dispensed": _yes_no(bool(handed)),
        "reported": _yes_no(any(each.tells_use for each in sources)),
        "early_refills": float(sum(supply.early and supply.ago <= 90 for supply in handed.values())),
        **_for_sciatica(recent, f"{policy.fact}.sciatica", any(nameless(counted.names, sources, recent))),
        "substitution": _yes_no(any(each.acute.substitution for each in recent)),
        **contents(counted.names, sources, recent),
    }


def _for_sciatica(recent: Sequence[Classed], sciatica: str, some_nameless: bool) -> dict[str, str]:
    """Whether some of it, and whether all of it, is for sciatica; a dispensing may leave the reason to its order."""
    meant = [each for each in recent if sciatica in each.entry.reasons]
    classes = {name for each in meant for name in each.acute.names}

    def follows(each: Classed) -> bool:
        handed_out = each.entry.type in (validity.DISPENSE, validity.ADMINISTRATION)
        return handed_out and not each.entry.reason_stated and classes.issuperset(each.acute.names)

    only = meant and not some_nameless and all(each in meant or follows(each) for each in recent)
    return {"for_sciatica": _yes_no(bool(meant)), "only_for_sciatica": _yes_no(bool(only))}


def _yes_no(holds: bool) -> str:
    return "yes" if holds else "no"
