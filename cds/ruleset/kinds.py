"""What a fact may ask for: the kinds of look-up and derivation, their parameters and the attributes they answer with.

This is the single list that the loader checks against, that the fact layer implements and that prefetch templates and
the language reference are derived from. Kinds with ``derivation=True`` compute something no single look-up answers;
each names its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

ParameterType: TypeAlias = Literal["codes", "days", "hours", "number", "text", "unit", "flag", "names"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """``codes``: value sets and inline codes. ``days`` and ``hours``: a duration. ``names``: a list of texts."""

    type: ParameterType
    about: str
    required: bool = False
    default: float | str | bool | tuple[str, ...] | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attribute:
    """``unit`` is UCUM; ``"{unit}"`` means the fact's own ``unit`` parameter. Texts list their possible values."""

    type: Literal["number", "text"]
    about: str
    unit: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """``reads``: resource types that must be supplied to know; ``also``: read when supplied, not needed to know."""

    name: str
    about: str
    reads: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    derivation: bool = False
    items: bool = False  # may be many: read with ``each``
    source: str = ""  # derivations: the definition they follow


_IN = Parameter("codes", "value sets or codes", required=True)
_EXCEPT = Parameter("codes", "value sets or codes that do not count")
_WITHIN = Parameter("days", "stated, done or measured no longer ago than this")
_YES_NO = ("yes", "no")
_SIDES = ("left", "right", "both")

FINDING_ATTRIBUTES = {
    "onset_days": Attribute("number", "days since its onset; a partial date counts from its latest day", "d"),
    "worsened_days": Attribute("number", "days since it was last stated to be worse", "d"),
    "stated_days": Attribute("number", "days since it was last stated to be present", "d"),
    "side": Attribute("text", "side of the body", values=_SIDES),
    "severity": Attribute("text", "stated severity", values=("mild", "moderate", "severe")),
    "certainty": Attribute("text", "how sure the record is", values=("confirmed", "provisional")),
    "onset_assumed": Attribute("text", "onset taken from the date of recording", values=_YES_NO),
    "conflict": Attribute("text", "yes and no were both stated within 24 hours", values=_YES_NO),
}

_FINDING_PARAMETERS = {
    "in": _IN,
    "except": _EXCEPT,
    "status": Parameter("text", "present now, or at any time", default="active", choices=("active", "ever")),
    "within": _WITHIN,
}

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "condition",
            "a problem or diagnosis on the problem list or of an encounter",
            reads=("Condition",),
            parameters=_FINDING_PARAMETERS,
            attributes=FINDING_ATTRIBUTES,
        ),
        Kind(
            "finding",
            "a symptom or sign, from Condition, Observation or an answer of a questionnaire",
            reads=("Condition", "Observation"),
            also=("QuestionnaireResponse",),
            parameters=_FINDING_PARAMETERS,
            attributes=FINDING_ATTRIBUTES,
        ),
        Kind(
            "observation",
            "a measured number, from Observation (or a component) or an answer of a questionnaire",
            reads=("Observation",),
            also=("QuestionnaireResponse",),
            parameters={
                "in": _IN,
                "except": _EXCEPT,
                "unit": Parameter("unit", "UCUM unit in which the value is compared", required=True),
                "take": Parameter(
                    "text", "which one, of several", default="latest", choices=("latest", "earliest", "highest", "lowest")
                ),
                "within": _WITHIN,
                "within_hours": Parameter("hours", "measured no longer ago than this, to the hour"),
            },
            attributes={
                "value": Attribute("number", "the measured value", "{unit}"),
                "days": Attribute("number", "days since it was measured", "d"),
                "hours": Attribute("number", "hours since it was measured; unknown without a time of day", "h"),
                "side": Attribute("text", "side of the body", values=_SIDES),
            },
        ),
        Kind(
            "procedure",
            "something that was done",
            reads=("Procedure",),
            parameters={"in": _IN, "except": _EXCEPT, "within": _WITHIN},
            attributes={"days": Attribute("number", "days since it was last done", "d")},
        ),
        Kind("gender", "administrative gender", reads=("Patient",), attributes={
            "value": Attribute("text", "Patient.gender", values=("male", "female", "other", "unknown"))
        }),
        Kind("deceased", "the patient is recorded as dead", reads=("Patient",)),
        Kind(
            "age",
            "completed years; a partial birth date gives bounds",
            reads=("Patient",),
            attributes={"value": Attribute("number", "age", "a")},
            derivation=True,
            source="spine.md 0.3",
        ),
    )
}
