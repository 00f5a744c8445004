"""FamilyMemberHistory as entries of the record: one for each condition of a member that is asked for."""

from __future__ import annotations

from cds.fhir import values
from cds.fhir.reading import Reading
from cds.fhir.statuses import counts
from cds.fhir.structs import FamilyMemberHistory
from cds.record import FamilyEntry
from cds.ruleset.systems import ALIASES, SYSTEMS

_ROLES = frozenset({SYSTEMS["role-code"], ""})


def family_member_history(resource: FamilyMemberHistory, reading: Reading) -> tuple[FamilyEntry, ...]:
    conditions = [
        (each.code, sets) for each in resource.condition if (sets := reading.choices(each.code)) and each.code
    ]
    if not conditions or not counts(resource):
        return ()
    relationship = _relationship(resource)
    relative = reading.words(resource.relationship)
    return tuple(
        FamilyEntry(
            type="FamilyMemberHistory",
            reference=reading.reference(resource),
            codings=values.codings(code),
            text=reading.words(code),
            sets=sets,
            relationship=relationship,
            relative=relative,
            status=resource.status,
        )
        for code, sets in conditions
    )


def _relationship(resource: FamilyMemberHistory) -> str:
    """The v3 RoleCode; "" where there is none, so that a relative in another system is one of unknown degree."""
    codings = values.codings(resource.relationship)
    return next((each.code for each in codings if ALIASES.get(each.system, each.system) in _ROLES), "")
