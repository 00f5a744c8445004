"""Which statuses of a resource count; an entry of another is simply not there (headache.md 2.7, spine.md 0.5)."""

from __future__ import annotations

from typing import Final, Protocol

from cds.fhir.reading import UnreadableMember

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

_NEVER: Final = frozenset({"entered-in-error", "unknown"})
PASSED_OVER: Final = {
    "Observation": _NEVER | {"registered", "cancelled"},
    "QuestionnaireResponse": _NEVER | {"in-progress", "stopped"},
    "MedicationRequest": _NEVER | {"draft", "cancelled"},
    "MedicationStatement": _NEVER | {"draft"},
    "MedicationDispense": _NEVER | {"preparation", "in-progress", "cancelled", "on-hold", "stopped", "declined"},
    "MedicationAdministration": _NEVER | {"not-done", "on-hold"},
    "Procedure": _NEVER | {"preparation", "in-progress", "not-done", "on-hold", "stopped"},
    "ServiceRequest": _NEVER | {"draft", "on-hold", "revoked"},
    "DiagnosticReport": _NEVER | {"registered", "partial", "preliminary", "cancelled"},
    "ImagingStudy": _NEVER | {"registered", "cancelled"},
    "Encounter": _NEVER | {"planned", "cancelled", "discontinued"},
    "Task": _NEVER | {"rejected", "cancelled", "failed"},
    "FamilyMemberHistory": _NEVER,
}
"""The other statuses that FHIR knows."""


class _WithStatus(Protocol):
    @property
    def status(self) -> str | None: ...


def counts(resource: _WithStatus) -> bool:
    """Raises UnreadableMember where no status is stated, or one that FHIR does not know: it may be one that counts."""
    kind = type(resource).__name__
    if resource.status in COUNTED[kind]:
        return True
    if resource.status not in PASSED_OVER[kind]:
        raise UnreadableMember("status")
    return False


WITHDRAWN: Final = frozenset({"entered-in-error", "cancelled", "revoked"})
"""Under review at the hook is every draft but these."""
