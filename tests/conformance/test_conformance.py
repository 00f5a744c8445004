"""The page on conformance tells the truth: every requirement is listed, and proven or excused."""

import pytest

from tests.conformance.page import FILE, page
from tests.conformance.proofs import Proof, proofs_of
from tests.conformance.requirements import LEVELS, Requirement, Section, sections

LISTED = {one.id: one for section in sections() for one in section.requirements}


@pytest.fixture(scope="module")
def proven(request):
    return proofs_of(request.config)


def test_every_requirement_is_listed_once_in_order():
    assert [f"CH-{number:03}" for number in range(1, 211)] == list(LISTED)


def test_every_requirement_has_a_level():
    assert set() == {one.level for one in LISTED.values()} - LEVELS


def test_no_test_claims_a_requirement_that_there_is_not(proven):
    assert set() == proven.keys() - LISTED.keys()


def test_what_is_neither_proven_nor_excused_would_be_seen(proven):
    assert [] == [name for name, one in LISTED.items() if name not in proven and not one.untested]


def test_what_is_proven_needs_no_excuse(proven):
    assert [] == [name for name, one in LISTED.items() if name in proven and one.untested]


@pytest.mark.parametrize("level", ["SHALL", "SHALL NOT", "client SHALL", "client SHALL NOT"])
def test_what_shall_be_is_proven(proven, level):
    assert [] == [name for name, one in LISTED.items() if one.level == level and name not in proven]


def test_the_page_says_what_is_so(proven):
    """`make conformance` writes it."""
    expected, written = page(sections(), proven).splitlines(), FILE.read_text("utf-8").splitlines()

    assert ([], True) == ([line for line in expected if line not in written], expected == written)


def test_a_row_links_each_test_that_proves_it_or_gives_the_reason():
    section = Section(
        "Cards",
        (Requirement("CH-094", "SHALL", "2.0+", "A summary"), Requirement("CH-174", "PROSE", "2.0+", "Keys", "a fact")),
    )
    found = page((section,), {"CH-094": (Proof("tests/a/test_x.py", "one"), Proof("tests/test_y.py", "two"))})

    assert found.splitlines()[-6:] == [
        "## Cards",
        "",
        "| id | level | versions | what | proven by |",
        "|---|---|---|---|---|",
        "| CH-094 | SHALL | 2.0+ | A summary | [one](../tests/a/test_x.py)<br>[two](../tests/test_y.py) |",
        "| CH-174 | PROSE | 2.0+ | Keys | *a fact* |",
    ]
