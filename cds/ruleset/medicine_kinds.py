"""Kinds of fact about medicines: exposure, classes of acute medicines, and orders under review."""

from __future__ import annotations

from cds.ruleset.kind import EXCEPT, IN, Attribute, Kind, Parameter, days, yes_no

ORDERS = ("MedicationRequest",)
TAKEN = ("MedicationStatement", "MedicationDispense", "MedicationAdministration")
ACUTE_CLASSES = (
    "ergot",
    "triptan",
    "ditan",
    "gepant",
    "combination",
    "opioid",
    "aspirin",
    "paracetamol",
    "nsaid",
    "nonopioid-other",
    "barbiturate",
)
ROUTES = (
    "topical",
    "ophthalmic",
    "otic",
    "nasal",
    "inhaled",
    "rectal",
    "intra-articular",
    "intralesional",
    "epidural",
)


def _class_codes(about: str) -> Parameter:
    return Parameter("codes", about, required=True)


CLASS_CODES = {
    "ergot": _class_codes("ergotamine and dihydroergotamine, with or without caffeine"),
    "triptan": _class_codes("triptans, with or without naproxen"),
    "ditan": _class_codes("lasmiditan; checked before `triptan`, because ATC classifies it as a triptan"),
    "gepant": _class_codes("gepants; in `any` and `several` only with `count_gepant`"),
    "combination": _class_codes("combination analgesics, by product or by code"),
    "opioid_combination": _class_codes("combination analgesics with an opioid, known only as a product"),
    "barbiturate_combination": _class_codes("combination analgesics with butalbital, known only as a product"),
    "adjuvant": _class_codes("ingredients such as caffeine that make a simple analgesic or an opioid a combination"),
    "opioid": _class_codes("opioids"),
    "substitution": _class_codes("opioids of substitution treatment: counted as opioids, with `substitution` yes"),
    "aspirin": _class_codes("aspirin by any code"),
    "antiplatelet": _class_codes("aspirin by a code that means the antiplatelet dose: never counted"),
    "paracetamol": _class_codes("paracetamol"),
    "nsaid": _class_codes("NSAIDs other than aspirin"),
    "nsaid_except": _class_codes("codes that match `nsaid` by prefix but are no NSAID: glucosamine, diacerein"),
    "nonopioid_other": _class_codes("metamizole and other simple analgesics"),
    "barbiturate": _class_codes("butalbital: a class of its own if alone, a combination with an analgesic"),
    "topical": _class_codes("products for the skin, eye or ear: counted only with `count_topical`"),
    "not_counted": _class_codes("relaxants, gabapentinoids, antiemetics and others: never counted"),
}

LOCAL = Parameter(
    "names",
    "a medicine that is given only by these routes does not count",
    default=("topical", "ophthalmic", "otic"),
    choices=ROUTES,
)
DRAFTS = Parameter("flag", "orders under review count as taken now", default=False)
BACKGROUND = Parameter(
    "flag",
    "the unselected orders of the session count too; only a rule with `each` may then ask for the fact",
    default=False,
)
_REASON = Attribute(
    "text",
    "stated reason is in `for`; `other`: another one is stated, `unstated`: none is",
    values=("yes", "other", "unstated"),
)

_MEDICATION = Kind(
    "medication",
    "a medicine that is taken now or, if `within` is given, was taken until recently. Denied if a statement "
    "says that it is not taken",
    reads=ORDERS,
    denies=True,
    also=TAKEN,
    parameters={
        "in": IN,
        "except": EXCEPT,
        "within": Parameter("days", "a medicine that ended at most this long ago, or at an unknown date, counts too"),
        "local": LOCAL,
        "route": Parameter(
            "text",
            "`any`: a medicine without a stated route counts; `stated`: it does not, for glucocorticoids for example",
            default="any",
            choices=("any", "stated"),
        ),
        "drafts": DRAFTS,
        "background": BACKGROUND,
        "for": Parameter("codes", "reasons for treatment: `reason` says whether the stated one is among them"),
        "window": Parameter("days", "period for `covered_days`, which ends today", default=365.0),
        "unit": Parameter("unit", "unit of `daily_dose`", default="mg/d"),
        "weight": Parameter("fact", "the fact of kind `observation` that gives the weight in kg, for `dose_by_weight`"),
    },
    attributes={
        "phase": Attribute(
            "text", "phase of treatment; ended within `within`, or current", values=("current", "ended")
        ),
        "currency": Attribute(
            "text",
            "certainty that it is taken; `uncertain`: on hold, only intended, stopped at an unknown date, or "
            "without an end and older than 180 days, undated, or dispensed for an unstated time. It counts "
            "for what must not be missed (verify that it is taken), not for other advice",
            values=("certain", "uncertain"),
        ),
        "started_days": days("days since the current run of treatment began; for ended treatment, since it began"),
        "raised_days": days("days since the daily dose was last raised; unknown if no raise is recorded"),
        "ended_days": days("days since it ended; only for ended treatment with a known end"),
        "continuous_days": days("length of the current run of covered days; gaps of up to 7 days do not end it"),
        "covered_days": days("number of days in `window` covered by certain treatment"),
        "daily_dose": Attribute(
            "number", "highest total daily dose now; a lower bound if one dose cannot be computed", "{unit}"
        ),
        "dose_by_weight": Attribute("number", "daily dose per kilogram of `weight`; only with `unit: mg/d`", "mg/kg/d"),
        "taken_hours": Attribute(
            "number", "hours since the last recorded administration; bounds if the time of day is unknown", "h"
        ),
        "ordered": yes_no("an order under review is part of it; with `background`, also an unselected order"),
        "as_needed": yes_no("all of it is taken only as needed"),
        "ingredient": Attribute("text", "name, as recorded; several are separated by commas"),
        "ingredients": Attribute(
            "number", "number of different ingredients in `in`; each ingredient of a combination counts", "1"
        ),
        "sources": Attribute("number", "number of orders, statements and dispensings whose doses add up", "1"),
        "single_dose": Attribute("number", "highest single dose now", "mg"),
        "weekly_dose": Attribute(
            "number", "highest total weekly dose now; a lower bound if one dose cannot be computed", "mg/wk"
        ),
        "per_area": yes_no("a dose is stated per body surface"),
        "course_days": days(
            "length of the longest course, from its start to its stated end; unknown if one has no stated end"
        ),
        "reason": _REASON,
        "route_unstated": yes_no("an entry was left out because its route is not stated"),
    },
    source="spine.md NRM-05",
    event="started",
)

_ACUTE_MEDICINES = Kind(
    "acute-medicines",
    "the acute headache and pain medicines, their classes, and the codes with which their use is recorded. "
    "`use-days` and `draft-medication` refer to it",
    reads=("MedicationRequest", "Observation"),
    also=(*TAKEN, "QuestionnaireResponse", "Condition"),
    parameters={
        **CLASS_CODES,
        "diary": Parameter(
            "codes",
            "a diary entry for a day, with or without use; a component may name the class",
            required=True,
        ),
        "per_month": Parameter("codes", "days of use in 30 days, as the patient states", required=True),
        "per_week": Parameter("codes", "usual days of use per week, as the patient states", required=True),
        "duration": Parameter("codes", "how long use has been at this level", required=True),
        "class_component": Parameter("codes", "component that names the class or drug", required=True),
        "pain": Parameter("codes", "pain and headache as a reason for aspirin", required=True),
        "sciatica": Parameter("codes", "sciatica as a reason for treatment", required=True),
        "opioid_use_disorder": Parameter("codes", "opioid use disorder as a reason for treatment", required=True),
        "aspirin_analgesic_mg": Parameter(
            "number", "single dose, in mg, from which aspirin counts as an analgesic", default=300.0
        ),
        "coverage_high": Parameter(
            "number", "share of documented days from which an estimate has high confidence", default=0.8
        ),
        "coverage_min": Parameter("number", "share of documented days from which a diary is extrapolated", default=0.5),
        "reports_prove": Parameter("flag", "a total that the patient states counts as proven", default=False),
        "count_topical": Parameter("flag", "topical NSAIDs count", default=False),
        "count_gepant": Parameter("flag", "gepants are part of `any` and `several`", default=False),
    },
    attributes={
        "classes": Attribute("text", "classes of which the record shows use or access, for display"),
        "drugs": Attribute("text", "acute medicines in the record, for display"),
        "reported": yes_no("actual use is recorded; by a diary, a total, an administration or the patient's statement"),
        "unmapped": Attribute("number", "number of unrecognised medicines that may be acute medicines", "1"),
    },
    derivation=True,
    source="headache.md HD-MOH-001",
)

_DRAFT_MEDICATION = Kind(
    "draft-medication",
    "a draft order for a medicine",
    parameters={
        "in": Parameter("codes", "value sets or codes; if left out, every draft order for a medicine counts"),
        "except": EXCEPT,
        "of": Parameter("fact", "the fact of kind `acute-medicines` that defines the classes"),
        "local": Parameter(
            "names", "routes that are not systemic", default=("topical", "ophthalmic", "otic"), choices=ROUTES
        ),
        "for": Parameter("codes", "reasons for treatment: `reason` says whether the stated one is among them"),
        "after": Parameter(
            "fact", "the fact of kind `medication` whose treatment the order continues, for `planned_days`"
        ),
        "unit": Parameter("unit", "unit of `daily_dose`", default="mg/d"),
    },
    attributes={
        "title": Attribute("text", "name of the medicine, as written"),
        "class": Attribute("text", "acute class; unknown if it has none, or without `of`", values=ACUTE_CLASSES),
        "substitution": yes_no("it is opioid substitution treatment; unknown without `of`"),
        "systemic": yes_no("its route reaches the circulation"),
        "scheduled": yes_no("a schedule is stated"),
        "as_needed": yes_no("it is to be taken as needed"),
        "course_days": days("days that the order lasts, with refills; unknown if nothing limits it"),
        "open_ended": yes_no("nothing limits how long it is taken"),
        "planned_days": days(
            "days of the current run of `after` plus the days of this order with refills; a lower bound if "
            "nothing limits the order"
        ),
        "planned_days_28": Attribute("number", "days of the next 28 on which its schedule has a dose", "d"),
        "permitted_days_28": Attribute(
            "number", "days of use that its quantity allows in 28 days; one tablet a day, with refills", "d"
        ),
        "permitted_days_30": Attribute(
            "number", "days of use that its quantity allows in 30 days; one tablet a day, with refills", "d"
        ),
        "single_dose": Attribute("number", "highest single dose", "mg"),
        "daily_dose": Attribute("number", "highest daily dose", "{unit}"),
        "refills": Attribute("number", "number of repeats allowed", "1"),
        "has_timing": yes_no("a schedule or a maximum dose per period is stated"),
        "has_quantity": yes_no("a quantity to dispense is stated"),
        "reason": _REASON,
    },
    items=True,
    source="headache.md HD-MOH-012, spine.md NRM-05",
)

_UNMAPPED_MEDICINES = Kind(
    "unmapped-medicines",
    "unrecognised medicines: medicines on record whose codes the rules do not know. No rule knows what they contain",
    reads=ORDERS,
    also=TAKEN,
    attributes={
        "number": Attribute("number", "number of them", "1"),
        "names": Attribute("text", "their names, as recorded"),
    },
    source="spine.md NRM-05",
)

MEDICINE_KINDS = (_MEDICATION, _ACUTE_MEDICINES, _DRAFT_MEDICATION, _UNMAPPED_MEDICINES)
