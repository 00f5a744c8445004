"""The kind of fact that dates something by what was told: an injury, a delivery, the beginning of a headache."""

from __future__ import annotations

from cds.ruleset.kind import EXCEPT, IN, Attribute, Kind, Parameter, days, yes_no

HAPPENING_KINDS = (
    Kind(
        "happening",
        "an event of the past, such as an injury or a delivery. Its date is the value of an observation or "
        "answer, or the onset of a diagnosis. After a plain yes it is the date in a component or else the day "
        "of the statement. Denied only if nothing says that it happened",
        reads=("Condition", "Observation"),
        denies=True,
        also=("QuestionnaireResponse",),
        parameters={
            "in": IN,
            "except": EXCEPT,
            "take": Parameter(
                "text",
                "`newest`: the last time that it happened; `earliest`: the first time that is recorded, even "
                "if a later statement denies it",
                default="newest",
                choices=("newest", "earliest"),
            ),
        },
        attributes={
            "happened_days": days("days since it happened; a partial date counts from its latest day"),
            "happened_age": Attribute("number", "age in completed years when it happened", "a"),
            "happened_on": Attribute("text", "the date, as precise as it was stated"),
            "told_days": days("days since this date was last stated"),
            "assumed": yes_no("its date is assumed; only the day of the statement or of the recording is known"),
        },
        derivation=True,
        source="headache.md 2.3, 10",
        event="happened",
    ),
)
