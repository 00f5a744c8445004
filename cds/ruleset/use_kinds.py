"""Kinds of fact that count days: of use of an acute medicine, and of headache."""

from __future__ import annotations

from cds.ruleset.kind import Attribute, Kind, Parameter, days, yes_no
from cds.ruleset.medicine_kinds import ACUTE_CLASSES, TAKEN

FAMILIES = ("nonopioid", "pain-reliever", "several", "any")
UNNAMED = "unnamed"

_CONFIDENCE = ("high", "moderate", "low", "none")

_WINDOWS = {
    "week": ("per week, over the last 28 days", "d/wk"),
    "month": ("in the last 30 days", "d/mo"),
    "month_2": ("30 to 59 days ago", "d/mo"),
    "month_3": ("60 to 89 days ago", "d/mo"),
    "month_4": ("90 to 119 days ago", "d/mo"),
    "quarter": ("in the lowest of the last three windows of 30 days", "d/mo"),
}


def _bounds_of_days(what: str, highest: str) -> dict[str, Attribute]:
    """``week_min`` … ``quarter_max``: what is proven, the best estimate, and what is possible.

    ``highest`` says more of what is possible.
    """
    attributes: dict[str, Attribute] = {}
    for window, (when, unit) in _WINDOWS.items():
        attributes |= {
            f"{window}_min": Attribute("number", f"proven days {what} {when}; by dated evidence", unit),
            f"{window}_est": Attribute("number", f"estimated days {what} {when}; unknown if no source tells", unit),
            f"{window}_max": Attribute("number", f"possible days {what} {when}; {highest}", unit),
        }
    return attributes | {
        "mean_est": Attribute(
            "number", f"mean of the estimated days {what}, over the last three windows of 30 days", "d/mo"
        ),
        "week_confidence": Attribute(
            "text", "confidence in `week_est`; `week_min` does not depend on it", values=_CONFIDENCE
        ),
        "month_confidence": Attribute(
            "text", "confidence in `month_est`; `month_min` does not depend on it", values=_CONFIDENCE
        ),
        "quarter_confidence": Attribute("text", "lowest confidence of the three windows", values=_CONFIDENCE),
        "coverage": Attribute("number", "share of the last 30 days that a diary documents, 0 to 1", "1"),
        "discordant": yes_no("two sources differ by more than 5 days, for the last 30 days"),
        "known_from": Attribute(
            "text", "kinds of evidence on record, for display; such as diary, as-needed order, dispensing"
        ),
    }


_USE_DAYS = Kind(
    "use-days",
    "on how many days acute medicines of a class were used. Present if the record says anything about that, "
    "even zero days",
    reads=("MedicationRequest", "Observation"),
    also=(*TAKEN, "QuestionnaireResponse"),
    parameters={
        "of": Parameter("fact", "the fact of kind `acute-medicines` that defines the classes", required=True),
        "class": Parameter(
            "text",
            "a class, or a family of classes: `nonopioid` (paracetamol, aspirin, nsaid, nonopioid-other), "
            "`pain-reliever` (nonopioid, opioid, combination, barbiturate), `several` (the classes of ICHD-3 "
            "8.2.6: ergot, triptan, nonopioid, opioid, combination) or `any` (all but gepants, and use "
            "without a class). `unnamed`: only use without a class. `count_gepant` adds gepants to `several` "
            "and `any`",
            required=True,
            choices=(*ACUTE_CLASSES, *FAMILIES, UNNAMED),
        ),
    },
    attributes={
        **_bounds_of_days("of use", "unknown if nothing shows access to the medicine"),
        "source": Attribute(
            "text",
            "source of `month_est`",
            values=("diary", "report", "statement", "confirmed-order", "dispensing", "order", "combined", "none"),
        ),
        "heavy_weeks": Attribute("number", "number of the last four weeks with at least 3 dated days of use", "1"),
        "began_days": days(
            "days since the earliest known use; by dated use or the start of a statement, at most 119, or by "
            "the duration that the patient states"
        ),
        "earlier": yes_no("use is known from more than 90 days ago"),
        "classes": Attribute(
            "number",
            "for a family, number of classes with use in each of the last three windows of 30 days; all of "
            "nonopioid count as one",
            "1",
        ),
        "as_needed_order": yes_no("there is an active as-needed order"),
        "scheduled_order": yes_no("there is an active scheduled order"),
        "dispensed": yes_no("it was dispensed in the last 120 days"),
        "reported": yes_no("actual use is recorded; by a diary, a total, an administration or the patient's statement"),
        "early_refills": Attribute(
            "number", "number of early refills in 90 days; early is before 75% of the previous supply was over", "1"
        ),
        "for_sciatica": yes_no("some of it was ordered or taken for sciatica in the last 120 days"),
        "only_for_sciatica": yes_no(
            "all of it in the last 120 days was for sciatica; a dispensing or administration without a reason "
            "counts with the orders of its class"
        ),
        "with_opioid": yes_no(
            "an opioid is part of it, alone or in a combination; unknown for a combination without a product on record"
        ),
        "with_barbiturate": yes_no("butalbital is part of it, alone or in a combination; unknown as for `with_opioid`"),
        "substitution": yes_no("opioid substitution treatment is part of it"),
        "drugs": Attribute("text", "names of the medicines, as recorded; the class if no product is on record"),
    },
    derivation=True,
    source="headache.md section 4, HD-MOH-002, HD-MOH-003; spine.md section 8",
    event="began",
)

_DIARY_DAYS = Kind(
    "diary-days",
    "number of days with headache, or with migraine. `unrecorded` holds while there is no diary, total or "
    "attack on record",
    reads=("Observation",),
    also=("QuestionnaireResponse",),
    parameters={
        "days": Parameter("codes", "a diary entry for a day, with or without it", required=True),
        "per_month": Parameter("codes", "days with it in 30 days, as the patient states", required=True),
        "per_quarter": Parameter("codes", "days with it in 3 months (MIDAS item A); an answer counts for 14 days"),
        "attacks": Parameter("codes", "attacks with a start and an end, or with a duration"),
        "attack_duration": Parameter("codes", "component: how long an attack without an end lasted"),
        "typical": Parameter("codes", "component: the entry describes the usual attack, not one on a date"),
        "migraine_of": Parameter(
            "fact", "the fact of kind `headache-attacks` whose attacks count if they are like migraine (ICHD-3 1.3 C)"
        ),
        "coverage_high": Parameter(
            "number", "share of documented days from which an estimate has high confidence", default=0.8
        ),
        "coverage_min": Parameter("number", "share of documented days from which a diary is extrapolated", default=0.5),
    },
    attributes={
        **_bounds_of_days("with it", "every day without an entry may be one"),
        "source": Attribute("text", "source of `month_est`", values=("diary", "report", "attacks", "none")),
        "earlier": yes_no("a day with it is on record from 91 to 119 days ago"),
        "doubled": yes_no(
            "the number of days has at least doubled; `month_est` is compared with the mean of the three windows before"
        ),
    },
    derivation=True,
    source="headache.md HD-MOH-004, HD-RF-006",
)

USE_KINDS = (_USE_DAYS, _DIARY_DAYS)
