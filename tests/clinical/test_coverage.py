"""The page on clinical coverage is true: nothing invented, nothing carried without a case, nothing out of date."""

import pytest

from tests.clinical import test_normalisers, vignettes
from tests.clinical.page import FILE, built, page, sections


def listed():
    return [rule.id for section in sections() for rule in section.rules]


def test_no_rule_is_listed_twice():
    assert len(listed()) == len(set(listed()))


def test_no_ruleset_carries_a_rule_that_the_specification_does_not_have():
    assert set(built().rules) - set(listed()) == set()


def test_every_rule_that_is_built_has_a_case_of_its_own():
    assert {name for name in built().rules if not built().cases[name]} == set()


@pytest.mark.parametrize("document", vignettes.listed())
def test_every_vignette_of_the_documents_is_shown(document):
    assert set(vignettes.listed()[document]) - built().vignettes == set()


def test_every_rule_with_vignettes_is_a_rule_of_the_documents():
    of_vignettes = {one.split()[0] for document in vignettes.listed().values() for one in document}

    assert of_vignettes - set(listed()) == set()


def test_a_vignette_that_another_test_shows_names_one_that_is_there():
    assert [name for name in vignettes.ELSEWHERE.values() if not hasattr(test_normalisers, name)] == []


@pytest.mark.parametrize(
    ("case", "named"),
    [
        ("SRF-04 B: MRI reported 47 hours ago", ["SRF-04 B"]),
        ("IMG-04 P, SRF-04 P2: X-ray for suspected cauda equina syndrome", ["IMG-04 P", "SRF-04 P2"]),
        ("HD-RF-015.2 P: isosorbide", ["HD-RF-015 2"]),
        ("HD-MOH-040 vignette 1, HD-RF-015 1: 20 headache days", ["HD-MOH-040 1", "HD-RF-015 1"]),
        ("HD-CLS-010 vignettes 1 and 2: two in one", ["HD-CLS-010 1", "HD-CLS-010 2"]),
        ("SRF-04: no card about someone who has died", []),
        ("MED-02 Not one", []),
    ],
)
def test_a_case_names_its_vignettes_by_their_rule_and_letter_or_number(case, named):
    assert list(vignettes.named(case)) == named


def test_the_page_is_what_is_so():
    assert FILE.read_text(encoding="utf-8") == page(built()), "run `make clinical`"
