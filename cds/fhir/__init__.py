"""FHIR R4 at the edge: resources become a patient's record on the way in, outcomes become resources on the way out."""
