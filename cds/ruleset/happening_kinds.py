"""The kind of fact that dates something by what was told: an injury, a delivery, the beginning of a headache."""

from __future__ import annotations

from cds.ruleset.kind import EXCEPT, IN, Attribute, Kind, Parameter, days, yes_no

HAPPENING_KINDS = (
    Kind(
        "happening",
        "when it last happened: by a date that is the value of an observation or answer, by the onset of a diagnosis, "
        "or by a plain yes, dated by a component that is a date or by the day it was said",
        reads=("Condition", "Observation"),
        denies=True,
        also=("QuestionnaireResponse",),
        parameters={
            "in": IN,
            "except": EXCEPT,
            "take": Parameter(
                "text", "the newest time, or the earliest trace of it", default="newest", choices=("newest", "earliest")
            ),
        },
        attributes={
            "happened_days": days("days since it happened; a partial date counts from its latest day"),
            "happened_age": Attribute("number", "completed years of age when it happened", "a"),
            "happened_on": Attribute("text", "the date, as precise as it was told"),
            "told_days": days("days since it was last told"),
            "assumed": yes_no("nothing dates it but the day on which it was said or recorded"),
        },
        derivation=True,
        source="headache.md 2.3, 10",
        event="happened",
    ),
)
