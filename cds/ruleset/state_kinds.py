"""Kinds of fact about the state of the body: kidney function, calcium, pregnancy, allergies."""

from __future__ import annotations

from cds.ruleset.kind import EXCEPT, IN, WITHIN, Attribute, Kind, Parameter, days, yes_no

_MEASURED = {
    "measured_days": days("days since it was measured"),
    "newer_unusable": yes_no("a newer value cannot be used; the newest usable one is taken"),
}


def _codes(about: str) -> Parameter:
    return Parameter("codes", about, required=True)


STATE_KINDS = (
    Kind(
        "allergy",
        "an allergy or intolerance that is active or has no clinical status. Denied if one was refuted and "
        "none is active",
        reads=("AllergyIntolerance",),
        denies=True,
        parameters={"in": IN, "except": EXCEPT},
        attributes={
            "severity": Attribute(
                "text",
                "severity of the worst reaction; `mild` only if every entry states a severity",
                values=("mild", "moderate", "severe"),
            ),
            "criticality": Attribute(
                "text", "criticality; `high` if one entry is, `low` only if all are", values=("low", "high")
            ),
            "substance": Attribute("text", "substance, as recorded"),
            "recorded_days": days("days since the newest entry was recorded"),
        },
    ),
    Kind(
        "kidney-function",
        "glomerular filtration rate: the reported value or, if a creatinine is newer, the value calculated "
        "from that by CKD-EPI 2021 (adults only)",
        reads=("Observation",),
        also=("Patient",),
        parameters={
            "in": _codes("filtration rates as laboratories report them"),
            "creatinine": _codes("creatinine in serum or plasma"),
            "within": WITHIN,
        },
        attributes={
            "value": Attribute(
                "number", "the rate; bounds if the sex or the exact age is not known", "mL/min/{1.73_m2}"
            ),
            "basis": Attribute("text", "origin of the rate", values=("reported", "calculated")),
            **_MEASURED,
        },
        derivation=True,
        source="spine.md MED-01; Inker et al., N Engl J Med 2021;385:1737",
        event="measured",
    ),
    Kind(
        "blood-pressure",
        "the latest blood pressure and the mean of the last two readings. Systolic and diastolic are one "
        "reading if they share a panel or a time",
        reads=("Observation",),
        parameters={
            "in": _codes("systolic pressure, in a panel or alone"),
            "diastolic": _codes("diastolic pressure, in a panel or alone"),
            "within": Parameter(
                "days", "maximum age of the readings that `readings` counts and the mean uses", default=90.0
            ),
        },
        attributes={
            "systolic": Attribute("number", "systolic pressure of the latest reading, however old", "mm[Hg]"),
            "diastolic": Attribute("number", "diastolic pressure of the latest reading, however old", "mm[Hg]"),
            "mean_systolic": Attribute(
                "number", "mean systolic pressure of the last two readings; unknown if there are fewer", "mm[Hg]"
            ),
            "mean_diastolic": Attribute(
                "number", "mean diastolic pressure of the last two readings; unknown if there are fewer", "mm[Hg]"
            ),
            "readings": Attribute("number", "number of readings within `within`", "1"),
            **_MEASURED,
        },
        derivation=True,
        source="headache.md section 10, HD-RX-002",
        event="measured",
    ),
    Kind(
        "corrected-calcium",
        "total calcium, corrected with an albumin measured within 24 hours of it. A value that was sent as "
        "corrected is not changed",
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
            "value": Attribute("number", "the latest value", "mmol/L"),
            "level": Attribute(
                "text", "position in the range; a value on a limit is normal", values=("low", "normal", "high")
            ),
            "preliminary": yes_no("a preliminary result"),
            "basis": Attribute("text", "kind of correction", values=("as sent", "albumin", "uncorrected")),
            **_MEASURED,
        },
        derivation=True,
        source="spine.md 0.4, SPM-03",
        event="measured",
    ),
    Kind(
        "pregnancy",
        "the patient is pregnant, by an observation of the last 294 days, an active diagnosis, a positive "
        "test of the last 90 days, or an expected delivery at most 14 days past. The end of a pregnancy, or a "
        "statement that the patient is not pregnant, cancels everything stated until that day; "
        "for 294 days the fact is then denied",
        reads=("Condition", "Observation"),
        denies=True,
        also=("QuestionnaireResponse",),
        parameters={
            "in": _codes("pregnancy, as a diagnosis or as the value of an observation"),
            "status": _codes("observations that say whether the patient is pregnant"),
            "test": _codes("pregnancy tests; a positive one counts for 90 days"),
            "not": _codes("not pregnant, as a diagnosis or as the value of an observation"),
            "ended": _codes("what ends a pregnancy"),
            "delivery": _codes("observations of the date of a delivery"),
            "edd": _codes("observations of the expected date of delivery"),
            "gestation": _codes("observations of the gestational age"),
            "lmp": _codes("observations of the first day of the last menstrual period"),
        },
        attributes={
            "gestation_days": Attribute(
                "number", "completed days of gestation; unknown if nothing dates the pregnancy", "d"
            ),
            "dated_by": Attribute(
                "text",
                "basis of the gestational age",
                values=("expected delivery", "gestational age", "last menstrual period", "diagnosis"),
            ),
            "stated_days": days("days since it was last stated"),
        },
        derivation=True,
        source="spine.md NRM-07",
    ),
)
