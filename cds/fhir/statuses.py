"""Which statuses of a resource count; an entry of any other is simply not there (headache.md 2.7, spine.md 0.5)."""

from __future__ import annotations

from typing import Final

COUNTED: Final = {
    "Observation": frozenset({"final", "amended", "corrected", "preliminary"}),
    "QuestionnaireResponse": frozenset({"completed", "amended"}),
    "MedicationRequest": frozenset({"active", "on-hold", "completed", "stopped", "ended"}),
    # "not-taken" is kept: it cancels what an order would let one suppose.
    "MedicationStatement": frozenset({"active", "completed", "intended", "stopped", "on-hold", "not-taken"}),
    "MedicationDispense": frozenset({"completed"}),
    "MedicationAdministration": frozenset({"completed", "in-progress", "stopped"}),
    "Procedure": frozenset({"completed"}),
    "ServiceRequest": frozenset({"active", "completed"}),
    "DiagnosticReport": frozenset({"final", "amended", "corrected", "appended"}),
    "ImagingStudy": frozenset({"available"}),
    "Encounter": frozenset(
        {"arrived", "triaged", "in-progress", "onleave", "finished", "on-hold", "discharged", "completed"}
    ),
    "Task": frozenset({"requested", "received", "accepted", "ready", "in-progress", "on-hold", "completed", "draft"}),
    "FamilyMemberHistory": frozenset({"partial", "completed", "health-unknown"}),
}

ORDERED: Final = frozenset({"order", "original-order", "reflex-order", "filler-order", "instance-order"})
"""The intents of a request that was really ordered, in contrast to proposals, plans and options."""

WITHDRAWN: Final = frozenset({"entered-in-error", "cancelled", "revoked"})
"""Under review at the hook is every draft but these."""
