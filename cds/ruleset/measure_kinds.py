"""Kinds of fact about measured numbers."""

from __future__ import annotations

from cds.ruleset.kind import EXCEPT, IN, SIDE, WITHIN, WITHIN_HOURS, Attribute, Kind, Parameter, days, yes_no

_READS = ("Observation",)
_ALSO = ("QuestionnaireResponse",)
_UNIT = Parameter("unit", "UCUM unit in which the value is compared", required=True)
_MRC = "{score}"

_MEASURED = {
    "measured_days": days("days since it was measured"),
    "measured_hours": Attribute("number", "hours since it was measured; bounds without a time of day", "h"),
}
_NEWER_UNUSABLE = yes_no("a newer value is recorded that cannot be used; the newest usable one answers")
_LATEST = {**_MEASURED, "preliminary": yes_no("a preliminary result"), "newer_unusable": _NEWER_UNUSABLE}

MEASURE_KINDS = (
    Kind(
        "observation",
        "a measured number, from Observation (or a component) or an answer of a questionnaire",
        reads=_READS,
        also=_ALSO,
        parameters={
            "in": IN,
            "except": EXCEPT,
            "unit": _UNIT,
            "take": Parameter(
                "text", "which one, of several", default="latest", choices=("latest", "earliest", "highest", "lowest")
            ),
            "within": WITHIN,
            "within_hours": WITHIN_HOURS,
        },
        attributes={
            "value": Attribute("number", "the measured value; `>10` is known within bounds", "{unit}"),
            **_MEASURED,
            "side": SIDE,
            "preliminary": yes_no("a preliminary result"),
            "newer_unusable": _NEWER_UNUSABLE,
        },
        event="measured",
    ),
    Kind(
        "raised-marker",
        "a laboratory value and by how much it is over its upper limit; ask `.excess: above 0`",
        reads=_READS,
        parameters={
            "in": IN,
            "except": EXCEPT,
            "unit": _UNIT,
            "within": WITHIN,
            "limit": Parameter("number", "upper limit where the result states none, in `unit`", required=True),
            "esr_age": Parameter(
                "flag",
                "without a stated limit: from age 50 at least half the age (men), half of age and ten (women)",
                default=False,
            ),
        },
        attributes={
            "value": Attribute("number", "the latest value", "{unit}"),
            "limit": Attribute("number", "the upper limit it was held against", "{unit}"),
            "excess": Attribute("number", "value less limit", "{unit}"),
            "ratio": Attribute("number", "value as a multiple of the limit", "1"),
            "limit_source": Attribute("text", "where the limit is from", values=("result", "default")),
            **_LATEST,
        },
        derivation=True,
        source="spine.md SRF-07, NRM-06, SPM-06",
        event="measured",
    ),
    Kind(
        "ranged-value",
        "a laboratory value, held against the reference range of its result or, where that states none, the default",
        reads=_READS,
        parameters={
            "in": IN,
            "except": EXCEPT,
            "unit": _UNIT,
            "within": WITHIN,
            "low": Parameter("number", "lower limit where the result states none, in `unit`", required=True),
            "high": Parameter("number", "upper limit where the result states none, in `unit`", required=True),
        },
        attributes={
            "value": Attribute("number", "the latest value", "{unit}"),
            "level": Attribute("text", "where the value lies; on a limit is normal", values=("low", "normal", "high")),
            "low_limit": Attribute("number", "the lower limit it was held against", "{unit}"),
            "high_limit": Attribute("number", "the upper limit it was held against", "{unit}"),
            **_LATEST,
        },
        derivation=True,
        source="spine.md NRM-06, SPM-03",
        event="measured",
    ),
    Kind(
        "rise",
        "by how much a value is above its baseline, the lowest earlier value of `baseline`; absent without one",
        reads=_READS,
        parameters={
            "in": IN,
            "except": EXCEPT,
            "unit": _UNIT,
            "within": WITHIN,
            "baseline": Parameter("days", "earlier values are no older than this", default=90.0),
        },
        attributes={
            "value": Attribute("number", "the latest value", "{unit}"),
            "baseline": Attribute("number", "the lowest earlier value", "{unit}"),
            "percent": Attribute("number", "rise in percent of the baseline; below 0 when it fell", "%"),
            **_MEASURED,
            "preliminary": yes_no("a preliminary result"),
        },
        derivation=True,
        source="spine.md SPM-03, SPM-04",
        event="measured",
    ),
    Kind(
        "muscle-power",
        "MRC grade of the weakest muscle group, from the newest grade of each group and side",
        reads=_READS,
        also=_ALSO,
        parameters={"in": IN, "except": EXCEPT, "within": WITHIN},
        attributes={
            "value": Attribute("number", "lowest grade", _MRC),
            "left": Attribute("number", "lowest grade on the left", _MRC),
            "right": Attribute("number", "lowest grade on the right", _MRC),
            "side": SIDE,
            "muscle": Attribute("text", "the weakest muscle group, as recorded"),
            "onset_days": days("days since the first grade below 5 that no later grade of 5 of the same group ends"),
            "measured_days": days("days since the lowest grade was recorded"),
        },
        derivation=True,
        source="spine.md SRF-05, 0.4",
        event="measured",
    ),
    Kind(
        "power-decline",
        "largest fall of an MRC grade from the previous to the newest of the same muscle group and side",
        reads=_READS,
        also=_ALSO,
        parameters={
            "in": IN,
            "except": EXCEPT,
            "within": Parameter("days", "both grades are no older than this", default=42.0),
        },
        attributes={
            "value": Attribute("number", "grades lost; 0 when none fell", _MRC),
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
