"""The page on clinical coverage is true: nothing invented, nothing carried without a case, nothing out of date."""

from tests.clinical.page import FILE, built, page, sections


def listed():
    return [rule.id for section in sections() for rule in section.rules]


def test_no_rule_is_listed_twice():
    assert len(listed()) == len(set(listed()))


def test_no_ruleset_carries_a_rule_that_the_specification_does_not_have():
    assert set(built().rules) - set(listed()) == set()


def test_every_rule_that_is_built_has_a_case_of_its_own():
    assert {name for name in built().rules if not built().cases[name]} == set()


def test_the_page_is_what_is_so():
    assert FILE.read_text(encoding="utf-8") == page(built()), "run `make clinical`"
