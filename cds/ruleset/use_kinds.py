"""Kinds of fact that count days: of use of an acute medicine, and of headache."""

from __future__ import annotations

from cds.ruleset.kind import Attribute, Kind, Parameter, days, yes_no
from cds.ruleset.medicine_kinds import ACUTE_CLASSES, TAKEN

FAMILIES = ("nonopioid", "pain-reliever", "several", "any")
UNNAMED = "unnamed"

_CONFIDENCE = ("high", "moderate", "low", "none")

_WINDOWS = {
    "week": ("a week, over the last 28 days", "d/wk"),
    "month": ("in the last 30 days", "d/mo"),
    "month_2": ("in the 30 days before those", "d/mo"),
    "month_3": ("in the third 30 days back", "d/mo"),
    "month_4": ("in the fourth 30 days back", "d/mo"),
    "quarter": ("in the weakest of the last three times 30 days", "d/mo"),
}


def _bounds_of_days(what: str) -> dict[str, Attribute]:
    """``week_min`` … ``quarter_max``: what is proven, the best estimate, and what cannot be excluded."""
    attributes: dict[str, Attribute] = {}
    for window, (when, unit) in _WINDOWS.items():
        attributes |= {
            f"{window}_min": Attribute("number", f"days {what} {when}, by dated evidence", unit),
            f"{window}_est": Attribute("number", f"best estimate of days {what} {when}; unknown without one", unit),
            f"{window}_max": Attribute("number", f"days {what} {when} that cannot be excluded", unit),
        }
    return attributes | {
        "mean_est": Attribute("number", f"mean of days {what} in the last three times 30 days", "d/mo"),
        "week_confidence": Attribute("text", "how good week_est is; week_min needs none", values=_CONFIDENCE),
        "month_confidence": Attribute("text", "how good month_est is; month_min needs none", values=_CONFIDENCE),
        "quarter_confidence": Attribute("text", "the weakest of the three months", values=_CONFIDENCE),
        "coverage": Attribute("number", "share of the last 30 days that a diary documents, 0 to 1", "1"),
        "discordant": yes_no("two sources of the last 30 days differ by more than 5 days"),
        "known_from": Attribute("text", "what the record has on it, for people: diary, as-needed order, dispensing …"),
    }


_USE_DAYS = Kind(
    "use-days",
    "days on which an acute medicine of a class was taken; present when the record has anything on it, even a zero",
    reads=("MedicationRequest", "Observation"),
    also=(*TAKEN, "QuestionnaireResponse"),
    parameters={
        "of": Parameter(
            "fact", "the fact of kind acute-medicines that says which medicine is of which class", required=True
        ),
        "class": Parameter(
            "text",
            "a class; a family: nonopioid (paracetamol, aspirin, NSAID, other), pain-reliever (nonopioid, opioid, "
            "combination, barbiturate), several (the classes of ICHD-3 8.2.6), any; or unnamed (reports of use that "
            "name no class)",
            required=True,
            choices=(*ACUTE_CLASSES, *FAMILIES, UNNAMED),
        ),
    },
    attributes={
        **_bounds_of_days("of use"),
        "source": Attribute(
            "text",
            "where month_est is from",
            values=("diary", "report", "statement", "confirmed-order", "dispensing", "order", "combined", "none"),
        ),
        "heavy_weeks": Attribute("number", "of the last four weeks, those with 3 or more dated days of use", "1"),
        "began_days": days(
            "days since the earliest use known: dated use or statement start, at most 119, or reported duration"
        ),
        "earlier": yes_no("use is known from more than 90 days ago"),
        "classes": Attribute("number", "families: classes with use in each of the last three months", "1"),
        "as_needed_order": yes_no("there is an active order to take it as needed"),
        "scheduled_order": yes_no("there is an active order to take it on a schedule"),
        "dispensed": yes_no("it was dispensed in the last 120 days"),
        "reported": yes_no("actual use was recorded: diary, total, administration or statement of the patient"),
        "early_refills": Attribute("number", "early refills in 90 days: before 0.75 of the supply was over", "1"),
        "for_sciatica": yes_no("something of it was ordered or taken for sciatica in the last 120 days"),
        "only_for_sciatica": yes_no("all of it was; a dispensing that gives no reason goes with an order of its class"),
        "with_opioid": yes_no("an opioid, alone or in a combination; unknown of a combination without a product"),
        "with_barbiturate": yes_no("butalbital, alone or in a combination; unknown in the same way"),
        "substitution": yes_no("opioid substitution treatment is part of it"),
        "drugs": Attribute("text", "the drugs, as recorded; the class where no product is on record"),
    },
    derivation=True,
    source="headache.md section 4, HD-MOH-002, HD-MOH-003; spine.md section 8",
    event="began",
)

_DIARY_DAYS = Kind(
    "diary-days",
    "days with headache, or with migraine; unusable, so `unrecorded`, while nothing was written down on them",
    reads=("Observation",),
    also=("QuestionnaireResponse",),
    parameters={
        "days": Parameter("codes", "a day with or without it", required=True),
        "per_month": Parameter("codes", "days with it in 30 days, by the patient's account", required=True),
        "per_quarter": Parameter("codes", "days with it in 3 months (MIDAS item A), not older than 14 days"),
        "attacks": Parameter("codes", "attacks with a start and an end, or a duration"),
        "attack_duration": Parameter("codes", "component: how long an attack without an end lasted"),
        "typical": Parameter("codes", "component: the entry describes the usual attack and happened on no date"),
        "migraine_of": Parameter(
            "fact", "the fact of kind headache-attacks whose attacks count where they are like migraine (ICHD-3 1.3 C)"
        ),
        "coverage_high": Parameter(
            "number", "diary coverage from which an estimate is of high confidence", default=0.8
        ),
        "coverage_min": Parameter("number", "diary coverage from which a diary is scaled up", default=0.5),
    },
    attributes={
        **_bounds_of_days("with it"),
        "source": Attribute("text", "where month_est is from", values=("diary", "report", "attacks", "none")),
        "earlier": yes_no("a day with it is on record from more than 90 days ago, at most 119"),
        "doubled": yes_no("month_est is twice the mean of the three times 30 days before, or more"),
    },
    derivation=True,
    source="headache.md HD-MOH-004, HD-RF-006",
)

USE_KINDS = (_USE_DAYS, _DIARY_DAYS)
