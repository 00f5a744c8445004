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
    "ergot": _class_codes("ergotamine and dihydroergotamine, also with caffeine"),
    "triptan": _class_codes("triptans, also with naproxen"),
    "ditan": _class_codes("lasmiditan; goes before triptan, because ATC files it among the triptans"),
    "gepant": _class_codes("gepants; not part of `any` and `several` unless `count_gepant`"),
    "combination": _class_codes("products and codes that are combination analgesics"),
    "opioid_combination": _class_codes("combination analgesics with an opioid, where only the product is known"),
    "barbiturate_combination": _class_codes("combination analgesics with butalbital, where only the product is known"),
    "adjuvant": _class_codes("ingredients that make a combination of a simple analgesic or opioid: caffeine …"),
    "opioid": _class_codes("opioids"),
    "substitution": _class_codes("opioids of substitution treatment: counted, and flagged"),
    "aspirin": _class_codes("aspirin by any code"),
    "antiplatelet": _class_codes("aspirin by a code that means the antiplatelet dose: never counted"),
    "paracetamol": _class_codes("paracetamol"),
    "nsaid": _class_codes("NSAIDs other than aspirin"),
    "nsaid_except": _class_codes("codes of `nsaid` by prefix that are none: glucosamine, diacerein"),
    "nonopioid_other": _class_codes("metamizole and other simple analgesics"),
    "barbiturate": _class_codes("butalbital: alone its own class, with an analgesic a combination"),
    "topical": _class_codes("products for the skin, eye or ear: never counted unless `count_topical`"),
    "not_counted": _class_codes("relaxants, gabapentinoids, antiemetics …: never counted"),
}

LOCAL = Parameter(
    "names",
    "routes by which it does not count: " + ", ".join(ROUTES),
    default=("topical", "ophthalmic", "otic"),
    choices=ROUTES,
)
DRAFTS = Parameter("flag", "the orders under review count as current", default=False)
BACKGROUND = Parameter(
    "flag",
    "so do the orders of the session that are not selected; only asked with `each`, about one that is",
    default=False,
)

_MEDICATION = Kind(
    "medication",
    "a medicine that is taken now, or was within `within`; topical, eye and ear preparations do not count",
    reads=ORDERS,
    denies=True,
    also=TAKEN,
    parameters={
        "in": IN,
        "except": EXCEPT,
        "within": Parameter("days", "exposure that ended no longer ago than this counts as well"),
        "local": LOCAL,
        "route": Parameter(
            "text",
            "whether an unstated route counts (glucocorticoids: stated)",
            default="any",
            choices=("any", "stated"),
        ),
        "drafts": DRAFTS,
        "background": BACKGROUND,
        "for": Parameter("codes", "reasons for treatment that `reason` tells apart"),
        "window": Parameter("days", "period over which covered_days counts", default=365.0),
        "unit": Parameter("unit", "unit of daily_dose", default="mg/d"),
        "weight": Parameter("fact", "the fact of kind observation, in kg, that dose_by_weight goes by"),
    },
    attributes={
        "phase": Attribute("text", "taken now, or ended within `within`", values=("current", "ended")),
        "currency": Attribute(
            "text",
            "uncertain: an order without any end that is older than 180 days, on hold, or stopped at an unknown date. "
            "Counts for what must not be missed (verify that it is taken), not for advice",
            values=("certain", "uncertain"),
        ),
        "started_days": days("days since the current run of treatment began; of ended treatment, since it began"),
        "raised_days": days("days since its daily dose was last raised; unknown when no raise is recorded"),
        "ended_days": days("days since it ended; only of ended treatment with a known end"),
        "continuous_days": days("length of the current run of covered days, gaps of up to 7 days joined"),
        "covered_days": days("days covered by certain exposure within `window`"),
        "daily_dose": Attribute(
            "number", "sum of the greatest daily doses now; `at least` when a dose cannot be computed", "{unit}"
        ),
        "dose_by_weight": Attribute(
            "number", "daily_dose, where that is in mg/d, for each kilogram of `weight`", "mg/kg/d"
        ),
        "taken_hours": Attribute("number", "hours since a dated intake; bounds without a time of day", "h"),
        "ordered": yes_no("an order under review, or of the session where `background`, is part of it"),
        "as_needed": yes_no("all of it is to be taken as needed"),
        "ingredient": Attribute("text", "what it is, as recorded; several with commas"),
        "ingredients": Attribute(
            "number", "different ingredients among the codes of `in`; those of combination products count singly", "1"
        ),
        "sources": Attribute("number", "orders, statements and supplies whose doses add up", "1"),
        "single_dose": Attribute("number", "greatest single dose now", "mg"),
        "weekly_dose": Attribute(
            "number", "sum of the greatest doses a week now; `at least` when a dose cannot be computed", "mg/wk"
        ),
        "per_area": yes_no("a dose is stated by body surface"),
        "course_days": days("longest course, from its start to its stated end; unknown when one states no end"),
        "reason": Attribute(
            "text", "the stated reason is in `for`, is another, or none is stated", values=("yes", "other", "unstated")
        ),
        "route_unstated": yes_no("something was left out because its route is not stated"),
    },
    source="spine.md NRM-05",
    event="started",
)

_ACUTE_MEDICINES = Kind(
    "acute-medicines",
    "which medicines are acute headache and pain drugs, of which class, and where their use is written down; "
    "`use-days` and `draft-medication` refer to it",
    reads=("MedicationRequest", "Observation"),
    also=(*TAKEN, "QuestionnaireResponse", "Condition"),
    parameters={
        **CLASS_CODES,
        "diary": Parameter("codes", "a day with or without use, of a class or drug in a component", required=True),
        "per_month": Parameter("codes", "days of use in 30 days, by the patient's account", required=True),
        "per_week": Parameter("codes", "usual days of use a week, by the patient's account", required=True),
        "duration": Parameter("codes", "how long use has been at this level", required=True),
        "class_component": Parameter("codes", "component that names the class or drug", required=True),
        "pain": Parameter("codes", "pain and headache as a reason for aspirin", required=True),
        "sciatica": Parameter("codes", "sciatica as a reason for treatment", required=True),
        "opioid_use_disorder": Parameter("codes", "opioid use disorder as a reason for treatment", required=True),
        "aspirin_analgesic_mg": Parameter("number", "single aspirin dose from which it is an analgesic", default=300.0),
        "coverage_high": Parameter(
            "number", "diary coverage from which an estimate is of high confidence", default=0.8
        ),
        "coverage_min": Parameter("number", "diary coverage from which a diary is scaled up", default=0.5),
        "reports_prove": Parameter("flag", "a reported total counts as proven", default=False),
        "count_topical": Parameter("flag", "topical NSAIDs count", default=False),
        "count_gepant": Parameter("flag", "gepants are part of `any` and `several`", default=False),
    },
    attributes={
        "classes": Attribute("text", "classes the record has something on, for people"),
        "drugs": Attribute("text", "drugs the record has something on, for people"),
        "reported": yes_no("anyone recorded actual use: diary, total, administration or statement of the patient"),
        "unmapped": Attribute("number", "medicines on record that no code explains", "1"),
    },
    derivation=True,
    source="headache.md HD-MOH-001",
)

_DRAFT_MEDICATION = Kind(
    "draft-medication",
    "a draft order for a medicine",
    parameters={
        "in": Parameter("codes", "value sets or codes; without it every draft order for a medicine"),
        "except": EXCEPT,
        "of": Parameter("fact", "the fact of kind acute-medicines that says which class it is of"),
        "local": Parameter(
            "names", "routes that are not systemic", default=("topical", "ophthalmic", "otic"), choices=ROUTES
        ),
        "for": Parameter("codes", "reasons for treatment that `reason` tells apart"),
        "after": Parameter("fact", "the fact of kind medication whose current run of days the order adds to"),
        "unit": Parameter("unit", "unit of daily_dose", default="mg/d"),
    },
    attributes={
        "title": Attribute("text", "what is ordered, as written"),
        "class": Attribute("text", "acute class; unknown when it is none", values=ACUTE_CLASSES),
        "substitution": yes_no("it is opioid substitution treatment; unknown without `of`"),
        "systemic": yes_no("by a route that reaches the circulation"),
        "scheduled": yes_no("to be taken on a schedule that is stated"),
        "as_needed": yes_no("to be taken as needed"),
        "course_days": days("days the order lasts, refills included; unknown when nothing limits it"),
        "open_ended": yes_no("nothing limits how long it is taken"),
        "planned_days": days("the current run of days of `after` and the days of this order, refills included"),
        "planned_days_28": Attribute("number", "days of use its schedule gives within the next 28 days", "d"),
        "permitted_days_28": Attribute("number", "days of use its quantity allows in 28 days, one dose a day", "d"),
        "permitted_days_30": Attribute("number", "days of use its quantity allows in 30 days, one dose a day", "d"),
        "single_dose": Attribute("number", "greatest single dose", "mg"),
        "daily_dose": Attribute("number", "greatest daily dose", "{unit}"),
        "refills": Attribute("number", "repeats allowed", "1"),
        "has_timing": yes_no("a schedule, or how often as needed, is stated"),
        "has_quantity": yes_no("a quantity to dispense is stated"),
        "reason": Attribute(
            "text", "the stated reason is in `for`, is another, or none is stated", values=("yes", "other", "unstated")
        ),
    },
    items=True,
    source="headache.md HD-MOH-012, spine.md NRM-05",
)

_UNMAPPED_MEDICINES = Kind(
    "unmapped-medicines",
    "medicines on record that no code explains: what they contain is not known to any rule",
    reads=ORDERS,
    also=TAKEN,
    attributes={
        "number": Attribute("number", "how many", "1"),
        "names": Attribute("text", "as recorded"),
    },
    source="spine.md NRM-05",
)

MEDICINE_KINDS = (_MEDICATION, _ACUTE_MEDICINES, _DRAFT_MEDICATION, _UNMAPPED_MEDICINES)
