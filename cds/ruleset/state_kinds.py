"""Kinds of fact about the state of the body: kidney function, calcium, pregnancy, allergies."""

from __future__ import annotations

from cds.ruleset.kind import EXCEPT, IN, WITHIN, Attribute, Kind, Parameter, days, yes_no

_MEASURED = {
    "measured_days": days("days since it was measured"),
    "newer_unusable": yes_no("something newer is recorded that cannot be used"),
}


def _codes(about: str) -> Parameter:
    return Parameter("codes", about, required=True)


STATE_KINDS = (
    Kind(
        "allergy",
        "an allergy or intolerance that is on record and not refuted, inactive or resolved",
        reads=("AllergyIntolerance",),
        denies=True,
        parameters={"in": IN, "except": EXCEPT},
        attributes={
            "severity": Attribute("text", "of its worst reaction", values=("mild", "moderate", "severe")),
            "criticality": Attribute("text", "high if any is; low if all are", values=("low", "high")),
            "substance": Attribute("text", "to what, as recorded"),
            "recorded_days": days("days since the newest was recorded"),
        },
    ),
    Kind(
        "kidney-function",
        "glomerular filtration rate: as reported or, where a creatinine is newer, calculated by CKD-EPI 2021",
        reads=("Observation",),
        also=("Patient",),
        parameters={
            "in": _codes("filtration rates as laboratories report them"),
            "creatinine": _codes("creatinine in serum or plasma"),
            "within": WITHIN,
        },
        attributes={
            "value": Attribute("number", "the rate; bounds when sex or age are not known", "mL/min/{1.73_m2}"),
            "basis": Attribute("text", "where it is from", values=("reported", "calculated")),
            **_MEASURED,
        },
        derivation=True,
        source="spine.md MED-01; Inker et al., N Engl J Med 2021;385:1737",
        event="measured",
    ),
    Kind(
        "blood-pressure",
        "the latest blood pressure and the mean of the last two; systolic and diastolic of one reading belong together",
        reads=("Observation",),
        parameters={
            "in": _codes("systolic pressure, in a panel or by itself"),
            "diastolic": _codes("diastolic pressure, in a panel or by itself"),
            "within": Parameter("days", "both readings of the mean are no older than this", default=90.0),
        },
        attributes={
            "systolic": Attribute("number", "systolic pressure of the latest reading, however old", "mm[Hg]"),
            "diastolic": Attribute("number", "diastolic pressure of the latest reading, however old", "mm[Hg]"),
            "mean_systolic": Attribute(
                "number", "mean systolic pressure of the last two readings; unknown with fewer", "mm[Hg]"
            ),
            "mean_diastolic": Attribute(
                "number", "mean diastolic pressure of the last two readings; unknown with fewer", "mm[Hg]"
            ),
            "readings": Attribute("number", "readings within `within`", "1"),
            **_MEASURED,
        },
        derivation=True,
        source="headache.md section 10, HD-RX-002",
        event="measured",
    ),
    Kind(
        "corrected-calcium",
        "total calcium, corrected with the albumin of within 24 hours; one that came corrected is left so",
        reads=("Observation",),
        parameters={
            "in": _codes("total calcium, corrected or not"),
            "corrected": _codes("codes of `in` that mean a corrected value"),
            "albumin": _codes("albumin in serum"),
            "low": Parameter("number", "lower limit, in mmol/L", default=2.15),
            "high": Parameter("number", "upper limit, in mmol/L", default=2.55),
            "within": WITHIN,
        },
        attributes={
            "value": Attribute("number", "the value", "mmol/L"),
            "level": Attribute("text", "where the value lies; on a limit is normal", values=("low", "normal", "high")),
            "preliminary": yes_no("a preliminary result"),
            "basis": Attribute("text", "how it was corrected", values=("as sent", "albumin", "uncorrected")),
            **_MEASURED,
        },
        derivation=True,
        source="spine.md 0.4, SPM-03",
        event="measured",
    ),
    Kind(
        "pregnancy",
        "the patient is pregnant: by what was observed, by a diagnosis, or by a date of delivery that is not over",
        reads=("Condition", "Observation"),
        denies=True,
        also=("QuestionnaireResponse",),
        parameters={
            "in": _codes("pregnancy, as a diagnosis or as the value of an observation"),
            "status": _codes("observations of whether the patient is pregnant"),
            "test": _codes("pregnancy tests: a positive one counts for 90 days"),
            "not": _codes("not pregnant, as a diagnosis or as the value of an observation"),
            "ended": _codes("what ends a pregnancy"),
            "delivery": _codes("observations that state a date of delivery"),
            "edd": _codes("observations of the expected date of delivery"),
            "gestation": _codes("observations of the gestational age"),
            "lmp": _codes("observations of the first day of the last menstrual period"),
        },
        attributes={
            "gestation_days": Attribute("number", "completed days of gestation; unknown when nothing dates it", "d"),
            "dated_by": Attribute(
                "text",
                "what dates it",
                values=("expected delivery", "gestational age", "last menstrual period", "diagnosis"),
            ),
            "stated_days": days("days since it was last stated"),
        },
        derivation=True,
        source="spine.md NRM-07",
    ),
)
