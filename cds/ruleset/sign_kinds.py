"""Kinds of fact about signs of the examination that are no plain yes or no."""

from __future__ import annotations

from cds.ruleset.finding_kinds import CURRENT
from cds.ruleset.kind import EXCEPT, IN, OF_SIDE, SIDE, Attribute, Kind, Parameter, days

_READS = ("Observation",)
_ALSO = ("QuestionnaireResponse",)
_STATED = days("days since it was last stated")

SIGN_KINDS = (
    Kind(
        "reduced-sign",
        "a reflex or a sensation that is reduced or absent. Denied if it is normal or increased. It is read "
        "from words, codes or a grade (below 2 is reduced); a plain yes or no is unusable, because it does "
        "not say which of them is meant",
        reads=_READS,
        denies=True,
        also=_ALSO,
        parameters={"in": IN, "except": EXCEPT, "current": CURRENT, "side": OF_SIDE},
        attributes={"side": SIDE, "stated_days": _STATED},
        derivation=True,
        source="spine.md SCI-01, SCI-02, SCI-03",
        event="stated",
    ),
    Kind(
        "leg-raise",
        "a straight leg raise that reproduces the leg pain. Denied if it does not, or only above `limit`",
        reads=_READS,
        denies=True,
        also=_ALSO,
        parameters={
            "in": IN,
            "except": EXCEPT,
            "angle": Parameter("codes", "the angle at which the pain came", required=True),
            "limit": Parameter("number", "largest angle, in degrees, that counts as positive", default=70.0),
            "current": CURRENT,
            "side": OF_SIDE,
        },
        attributes={
            "side": SIDE,
            "angle": Attribute("number", "smallest angle at which the pain came; unknown if none is recorded", "deg"),
            "stated_days": _STATED,
        },
        derivation=True,
        source="spine.md SCI-01, SCI-04",
        event="stated",
    ),
)
