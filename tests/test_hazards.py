"""The hazard log: every hazard has something that is done against it, and what shows that is there."""

import re

import pytest

from faults.table import FAULTS
from tests.proofs import ROOT, is_there, named, trials

PAGE = (ROOT / "docs" / "hazards.md").read_text(encoding="utf-8")
ROWS = [row.split(" | ") for row in re.findall(r"^\| (H-\d\d .+) \|$", PAGE, re.MULTILINE)]


def test_every_hazard_has_its_number():
    assert [f"H-{number:02}" for number in range(1, len(ROWS) + 1)] == [row[0] for row in ROWS]


def test_every_row_is_whole():
    assert [] == [row[0] for row in ROWS if len(row) not in (4, 5)]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_what_is_done_against_it_is_shown_by_a_test(row):
    proofs = [proof for proof in named(row[3]) if "::test_" in proof]

    assert proofs
    assert [] == [proof for proof in proofs if not is_there(proof)]


def test_every_trial_that_it_names_is_there():
    assert trials(PAGE.partition("| id |")[2]) <= {fault.name for fault in FAULTS}
