"""What carries resources: Bundle, OperationOutcome, and the union by which every R4 resource is told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias, Union

import msgspec

from cds.fhir import event_structs as events
from cds.fhir import medication_structs as medications
from cds.fhir import structs
from cds.fhir.datatypes import CodeableConcept, Element
from cds.fhir.skipped import SKIPPED


class OperationOutcome(structs.Resource):
    issue: tuple[Issue, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether something went wrong: servers also send outcomes that only inform or warn."""
        return not self.issue or any(
            issue.severity not in ("information", "warning", "success") for issue in self.issue
        )


class Issue(Element):
    severity: str | None = None


class Bundle(structs.Resource):
    """Of any type, also none: clients send draft orders in Bundles that do not say theirs."""

    total: int | None = None
    link: tuple[Link, ...] = ()
    entry: tuple[BundleEntry | None, ...] = ()


class Link(Element):
    relation: str | None = None
    url: str | None = None


class BundleEntry(Element):
    full_url: str | None = None
    resource: AnyResource | None = None


class Unreadable(msgspec.Struct, gc=False):
    """Stands in the place of a resource that could not be read.

    ``type`` None: not even its type could be. ``concept`` None: its code could not, so it may be about anything.
    """

    type: str | None
    concept: CodeableConcept | None


_READ: tuple[type[structs.Resource], ...] = (
    Bundle,
    OperationOutcome,
    structs.Patient,
    structs.Condition,
    structs.AllergyIntolerance,
    structs.FamilyMemberHistory,
    structs.Observation,
    structs.QuestionnaireResponse,
    medications.Medication,
    medications.MedicationRequest,
    medications.MedicationStatement,
    medications.MedicationDispense,
    medications.MedicationAdministration,
    events.Procedure,
    events.ServiceRequest,
    events.DiagnosticReport,
    events.ImagingStudy,
    events.Encounter,
    events.Task,
)

if TYPE_CHECKING:
    AnyResource: TypeAlias = structs.Resource
else:
    AnyResource = Union[(*_READ, *SKIPPED)]

TYPES: Final[dict[str, type[msgspec.Struct]]] = {kind.__name__: kind for kind in (*_READ, *SKIPPED)}
"""The R4 resource types by name."""

READ_TYPES: Final = frozenset(kind.__name__ for kind in _READ) - {"Bundle", "OperationOutcome"}
"""The types of resources that the readers use."""

REFERRED_TO: Final = (structs.Condition, structs.Observation, medications.Medication)
"""The types of resources whose codes matter where another resource refers to them."""
