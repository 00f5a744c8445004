"""FamilyMemberHistory as entries of the record: one for each condition of a member that is asked for."""

from __future__ import annotations

from cds.fhir import values
from cds.fhir.reading import Reading
from cds.fhir.statuses import COUNTED
from cds.fhir.structs import FamilyMemberHistory
from cds.record import FamilyEntry


def family_member_history(resource: FamilyMemberHistory, reading: Reading) -> tuple[FamilyEntry, ...]:
    conditions = [
        (each.code, sets) for each in resource.condition if (sets := reading.choices(each.code)) and each.code
    ]
    if not conditions or not reading.counts(resource.status, COUNTED["FamilyMemberHistory"]):
        return ()
    relationship = values.codings(resource.relationship)
    return tuple(
        FamilyEntry(
            type="FamilyMemberHistory",
            reference=reading.reference(resource),
            codings=values.codings(code),
            text=reading.words(code),
            sets=sets,
            relationship=relationship[0].code if relationship else "",
            status=resource.status,
        )
        for code, sets in conditions
    )
