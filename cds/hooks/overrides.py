"""HL7's reasons for not following advice, the selection meant for the point of care.

Value set http://terminology.hl7.org/ValueSet/non-adherence-reason-clinical (CDS Hooks 3.0, trial use), in its order;
from AHRQ's CDSiC work on override reasons. Displays as published, but for the asterisk of a footnote.
"""

from __future__ import annotations

from cds.clinical import Coding

SYSTEM = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"

POINT_OF_CARE = tuple(
    Coding(SYSTEM, code, display)
    for code, display in (
        ("cds-not-applicable", "PC CDS does not apply to patient"),
        ("cds-suboptimal-context", "PC CDS delivered in suboptimal context"),
        ("recipient-disagrees-evidence", "Recipient disagrees with recommendation because of issues with the evidence"),
        ("recipient-concerns-outcomes", "Recipient has concerns regarding potential health outcomes"),
        ("does-not-align-preferences", "Recommendation does not align with patient preferences or values"),
        ("not-convenient-feasible", "Recommendation is not convenient or feasible"),
        ("action-completed", "Recommended action was already completed"),
        ("patient-contraindication", "Patient has contraindication to recommended action"),
        ("patient-refuses", "Patient refuses/declines (no context given)"),
        ("too-costly-uncovered", "Recommended action is too costly or not covered by insurance"),
        ("service-not-available", "Treatment or service is not practically available"),
        (
            "recipient-does-not-understand",
            "Recipient does not understand the recommended action or know how to perform the recommended action",
        ),
    )
)
