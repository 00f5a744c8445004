"""Kinds of fact about measured numbers."""

from __future__ import annotations

from cds.ruleset.kind import EXCEPT, IN, SIDE, WITHIN, WITHIN_HOURS, Attribute, Kind, Parameter, days, yes_no

_READS = ("Observation",)
_ALSO = ("QuestionnaireResponse",)
_UNIT = Parameter("unit", "UCUM unit in which the value is compared", required=True)
_MRC = "{score}"

_MEASURED = {
    "measured_days": days("days since it was measured"),
    "measured_hours": Attribute("number", "hours since it was measured; bounds if the time of day is unknown", "h"),
}
_NEWER_UNUSABLE = yes_no("a newer value cannot be used; `value` is the newest usable one")
_LATEST = {**_MEASURED, "preliminary": yes_no("a preliminary result"), "newer_unusable": _NEWER_UNUSABLE}

MEASURE_KINDS = (
    Kind(
        "observation",
        "a measured number, from an Observation, a component of one, or a questionnaire answer",
        reads=_READS,
        also=_ALSO,
        parameters={
            "in": IN,
            "except": EXCEPT,
            "unit": _UNIT,
            "take": Parameter(
                "text",
                "which of several values; an unusable value leaves the highest and the lowest open on one side",
                default="latest",
                choices=("latest", "earliest", "highest", "lowest"),
            ),
            "within": WITHIN,
            "within_hours": WITHIN_HOURS,
        },
        attributes={
            "value": Attribute("number", "the measured value; a value such as `>10` is known within bounds", "{unit}"),
            **_MEASURED,
            "side": SIDE,
            "preliminary": yes_no("a preliminary result"),
            "newer_unusable": _NEWER_UNUSABLE,
        },
        event="measured",
    ),
    Kind(
        "raised-marker",
        "a laboratory value and its excess over the upper limit. `.excess: above 0` asks whether it is raised",
        reads=_READS,
        parameters={
            "in": IN,
            "except": EXCEPT,
            "unit": _UNIT,
            "within": WITHIN,
            "limit": Parameter("number", "upper limit in `unit`, if the result states none", required=True),
            "esr_age": Parameter(
                "flag",
                "for ESR results without a stated limit: from age 50 the limit is at least age/2, for women "
                "(age + 10)/2",
                default=False,
            ),
        },
        attributes={
            "value": Attribute("number", "the latest value", "{unit}"),
            "limit": Attribute("number", "the upper limit used", "{unit}"),
            "excess": Attribute("number", "value minus limit", "{unit}"),
            "ratio": Attribute("number", "value divided by limit", "1"),
            "limit_source": Attribute("text", "origin of the limit", values=("result", "default")),
            **_LATEST,
        },
        derivation=True,
        source="spine.md SRF-07, NRM-06, SPM-06",
        event="measured",
    ),
    Kind(
        "ranged-value",
        "a laboratory value, compared with the reference range of its result. `low` and `high` replace a "
        "limit that the result does not state",
        reads=_READS,
        parameters={
            "in": IN,
            "except": EXCEPT,
            "unit": _UNIT,
            "within": WITHIN,
            "low": Parameter("number", "lower limit in `unit`, if the result states none", required=True),
            "high": Parameter("number", "upper limit in `unit`, if the result states none", required=True),
        },
        attributes={
            "value": Attribute("number", "the latest value", "{unit}"),
            "level": Attribute(
                "text", "position in the range; a value on a limit is normal", values=("low", "normal", "high")
            ),
            "low_limit": Attribute("number", "the lower limit used", "{unit}"),
            "high_limit": Attribute("number", "the upper limit used", "{unit}"),
            **_LATEST,
        },
        derivation=True,
        source="spine.md NRM-06, SPM-03",
        event="measured",
    ),
    Kind(
        "rise",
        "the latest value, compared with its baseline: the lowest earlier value within `baseline`. Absent if "
        "there is no earlier value",
        reads=_READS,
        parameters={
            "in": IN,
            "except": EXCEPT,
            "unit": _UNIT,
            "within": WITHIN,
            "baseline": Parameter("days", "maximum age of the earlier values", default=90.0),
        },
        attributes={
            "value": Attribute("number", "the latest value", "{unit}"),
            "baseline": Attribute("number", "the lowest earlier value", "{unit}"),
            "percent": Attribute(
                "number", "rise in percent of the baseline; negative if the value fell; bounds if a value has them", "%"
            ),
            **_MEASURED,
            "preliminary": yes_no("a preliminary result"),
        },
        derivation=True,
        source="spine.md SPM-03, SPM-04",
        event="measured",
    ),
    Kind(
        "muscle-power",
        "the MRC grade of the weakest muscle group. The newest grade of each group and side counts",
        reads=_READS,
        also=_ALSO,
        parameters={"in": IN, "except": EXCEPT, "within": WITHIN},
        attributes={
            "value": Attribute("number", "lowest grade", _MRC),
            "left": Attribute("number", "lowest grade on the left", _MRC),
            "right": Attribute("number", "lowest grade on the right", _MRC),
            "side": SIDE,
            "muscle": Attribute("text", "the weakest muscle group, as recorded"),
            "onset_days": days(
                "days since the newest weakness began; it begins with the first grade below 5 after the last "
                "grade of 5 of that group"
            ),
            "measured_days": days("days since the lowest grade was recorded"),
        },
        derivation=True,
        source="spine.md SRF-05, 0.4",
        event="measured",
    ),
    Kind(
        "power-decline",
        "the largest fall of an MRC grade, between the last two grades of one muscle group and side",
        reads=_READS,
        also=_ALSO,
        parameters={
            "in": IN,
            "except": EXCEPT,
            "within": Parameter("days", "maximum age of both grades", default=42.0),
        },
        attributes={
            "value": Attribute("number", "grades lost; 0 if none fell; bounds if a grade has them", _MRC),
            "latest": Attribute("number", "the newest grade of that muscle group", _MRC),
            "side": SIDE,
            "muscle": Attribute("text", "the muscle group, as recorded"),
            "measured_days": days("days since the newest grade was recorded"),
        },
        derivation=True,
        source="spine.md SRF-05",
        event="measured",
    ),
)
