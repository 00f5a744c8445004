"""Kinds of fact about the treatment of a complaint."""

from __future__ import annotations

from cds.ruleset.finding_kinds import CURRENT
from cds.ruleset.kind import EXCEPT, IN, Attribute, Kind, Parameter, days

CARE_KINDS = (
    Kind(
        "care-start",
        "treatment in the current episode: its earliest therapy, or medicine that was begun with a visit for it. What "
        "is planned for later has not begun",
        reads=("Procedure", "ServiceRequest", "MedicationRequest"),
        also=(
            "Condition",
            "Observation",
            "QuestionnaireResponse",
            "Encounter",
            "MedicationStatement",
            "MedicationDispense",
            "MedicationAdministration",
        ),
        parameters={
            "in": IN,
            "except": EXCEPT,
            "taught": Parameter("codes", "what counts when it was done, but not when it is only ordered"),
            "medicines": Parameter("codes", "medicines that count when begun within `apart` of a visit for it"),
            "apart": Parameter("days", "at most so long between a medicine's start and the visit", default=3.0),
            "episode": Parameter("codes", "findings whose episode it is", required=True),
            "current": CURRENT,
            "gap": Parameter("days", "so many days without a finding or encounter end an episode", default=180.0),
        },
        attributes={
            "began_days": days("days since it began; a partial date counts from its latest day"),
            "began_with": Attribute("text", "what it began with, as recorded"),
        },
        derivation=True,
        source="spine.md IMG-01",
        event="began",
    ),
)
