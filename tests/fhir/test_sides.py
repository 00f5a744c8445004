"""Which side of the body a coding names."""

import pytest

from cds.clinical import Coding
from cds.fhir.sides import side
from tests.fhir.sending import ICD, LOINC, SNOMED


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("M54.31", "right"),
        ("M54.32", "left"),
        ("M54.30", None),
        ("M5431", "right"),
        ("m54.41", "right"),
        ("M54.12", None),  # cervical region, not left
        ("M51.16", None),
        ("M62.831", None),  # calf
        ("M79.604", "right"),
        ("M79.605", "left"),
        ("M79.606", None),
        ("M79.661", "right"),
        ("M25.561", "right"),
        ("M25.569", None),
        ("M25.073", None),  # ankle of no stated side
        ("M17.0", "both"),
        ("M17.11", "right"),
        ("G57.02", "left"),
        ("G57.03", "both"),
        ("S83.511A", "right"),
        ("S83.201A", None),  # right and left under other digits
        ("I82.413", "both"),
        ("M21.372", "left"),
    ],
)
def test_the_laterality_of_icd_10_cm_is_read_where_the_family_has_one(code, named):
    assert named == side([Coding(ICD, code)])


@pytest.mark.parametrize(
    ("codes", "named"),
    [
        (["7771000"], "left"),
        (["24028007"], "right"),
        (["51440002"], "both"),
        (["7771000", "24028007"], "both"),
        (["30021000", "7771000"], "left"),
        (["30021000"], None),
        ([], None),
    ],
)
def test_qualifiers_of_snomed_ct_name_a_side(codes, named):
    assert named == side(Coding(SNOMED, code) for code in codes)


def test_the_same_digits_of_another_system_name_none():
    assert None is side([Coding(LOINC, "7771000")])
