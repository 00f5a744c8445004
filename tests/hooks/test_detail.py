"""The sections of a card's detail stay short."""

import pytest

from cds.clinical import Evidence
from cds.hooks.detail import data_lines
from cds.hooks.gaps import RECORDS
from cds.ruleset.kinds import KINDS

MRI = Evidence("DiagnosticReport/mri", "MRI of the lumbar spine", "reported", "2026-11-20")


def dispensed(*days):
    return [Evidence(f"MedicationDispense/{day}", "Ibuprofen 400 mg", "dispensing", f"2026-11-{day}") for day in days]


@pytest.mark.parametrize(
    ("pieces", "lines"),
    [
        ([], []),
        ([MRI, MRI], ["MRI of the lumbar spine: reported, 2026-11-20 (DiagnosticReport/mri)"]),
        (
            dispensed("01", "11"),
            [
                "Ibuprofen 400 mg: dispensing, 2026-11-01 (MedicationDispense/01)",
                "Ibuprofen 400 mg: dispensing, 2026-11-11 (MedicationDispense/11)",
            ],
        ),
        (
            [*dispensed("11", "01", "21"), MRI],
            [
                "Ibuprofen 400 mg: dispensing, 3 times, 2026-11-01 to 2026-11-21 (MedicationDispense/21)",
                "MRI of the lumbar spine: reported, 2026-11-20 (DiagnosticReport/mri)",
            ],
        ),
        (
            [MRI, Evidence("DiagnosticReport/mri", "MRI")],
            ["MRI of the lumbar spine: reported, 2026-11-20 (DiagnosticReport/mri)"],
        ),
        ([Evidence("Condition/a", "Back pain")], ["Back pain (Condition/a)"]),
        (
            [Evidence("Observation/a", "Power", "4", "2026-11-20", "preliminary")],
            ["Power: 4, 2026-11-20 (Observation/a); preliminary"],
        ),
    ],
)
def test_what_is_said_often_takes_one_line(pieces, lines):
    assert lines == list(data_lines(pieces))


def test_every_type_that_may_be_missing_has_words():
    assert RECORDS.keys() == {needed for kind in KINDS.values() for needed in kind.reads}
