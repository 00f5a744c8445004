"""Kinds of fact about the treatment of a complaint."""

from __future__ import annotations

from cds.ruleset.finding_kinds import CURRENT, GAP
from cds.ruleset.kind import EXCEPT, IN, Attribute, Kind, Parameter, days

CARE_KINDS = (
    Kind(
        "care-start",
        "start of treatment in the current episode: the earliest therapy, or medicine that was begun around a "
        "visit for the episode. Treatment with a future date has not begun",
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
            "taught": Parameter("codes", "what counts if it was done, but not if it was only ordered"),
            "medicines": Parameter(
                "codes", "medicines that count if they were begun within `apart` of a visit for the episode"
            ),
            "apart": Parameter("days", "maximum time between the start of a medicine and the visit", default=3.0),
            "episode": Parameter("codes", "findings of the episode", required=True),
            "current": CURRENT,
            "gap": GAP,
        },
        attributes={
            "began_days": days("days since treatment began; a partial date counts from its latest day"),
            "began_with": Attribute("text", "first treatment, as recorded"),
        },
        derivation=True,
        source="spine.md IMG-01",
        event="began",
    ),
)
