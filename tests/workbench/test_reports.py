"""What came of the cases, told to a terminal, to programs, to a build server and on a page."""

import json
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from cds.cli import main
from tests.hooks.messages import RULESETS
from tests.workbench.small import CASES, rulesets

WRONG = CASES.replace("conclusions: [frequent-use]", "conclusions: []", 1)
NAME = "four days a week with headache"


@pytest.fixture
def cds(tmp_path):
    """`cds test` on a folder in which one case of four fails."""
    root = rulesets(tmp_path, WRONG)
    return lambda *words: CliRunner().invoke(main, ["test", "--rulesets", str(root), *words])


def test_a_failing_case_says_which_condition_which_value_and_which_resource(cds):
    told = cds()

    place = told.stdout.partition(" ")[2].partition(" ")[0]
    assert 1 == told.exit_code
    assert [
        f"FAIL {place} {NAME}",
        "     conclusion frequent-use: not expected",
        "     ✓ P-01.frequent: fired. NSAID on more than two days a week",
        "       ✓ nsaid_days: above 2 d/wk",
        "         nsaid_days is present (value 4)",
        "           Days a week with any analgesic 4 days a week 2026-11-18 [line 7]",
        "3 passed, 1 failed",
    ] == told.stdout.splitlines()
    assert place.endswith("demo/pain/tests.yaml:4")


def test_programs_get_the_same_as_json(cds):
    failed, *others = json.loads(cds("--json").stdout)

    assert (NAME, "pain", False, ["conclusion frequent-use: not expected"]) == tuple(
        failed[key] for key in ("case", "ruleset", "passed", "differences")
    )
    assert "✓ P-01.frequent: fired. NSAID on more than two days a week" == failed["explanation"][0]
    assert [True] * 3 == [one["passed"] for one in others]


def test_a_build_server_gets_a_suite_for_each_ruleset(cds, tmp_path):
    cds("--junit", str(tmp_path / "junit.xml"))

    (suite,) = ElementTree.parse(tmp_path / "junit.xml").getroot().iter("testsuite")
    first, *_ = suite.iter("testcase")
    (failure,) = suite.iter("failure")
    assert ("pain", "4", "1") == (suite.get("name"), suite.get("tests"), suite.get("failures"))
    assert (NAME, "4", [failure]) == (first.get("name"), first.get("line"), list(first))
    assert "conclusion frequent-use: not expected" == failure.get("message")
    assert "nsaid_days is present (value 4)" in str(failure.text)


def test_people_get_a_page_without_script_that_says_what_failed_and_why(cds, tmp_path):
    cds("--html", str(tmp_path / "tests.html"))

    page = (tmp_path / "tests.html").read_text()
    assert '<p class="verdict bad">3 passed, 1 failed</p>' in page
    assert "<li>conclusion frequent-use: not expected</li>" in page
    assert "nsaid_days is present (value 4)" in page
    assert [] == [word for word in ("<script", "http://", "https://", "src=") if word in page]


def test_a_page_shows_words_of_a_case_as_words(tmp_path):
    root = rulesets(tmp_path, CASES.replace(NAME, "<b>four</b>"))
    CliRunner().invoke(main, ["test", "--rulesets", str(root), "--html", str(tmp_path / "tests.html")])

    assert "&lt;b&gt;four&lt;/b&gt;" in (tmp_path / "tests.html").read_text()


@pytest.mark.parametrize(
    ("words", "expected"), [(["-k", "two days"], "1 passed, 0 failed\n"), (["-k", NAME], "0 passed, 1 failed\n")]
)
def test_cases_are_chosen_by_their_names(cds, words, expected):
    assert cds(*words).stdout.endswith(expected)


@pytest.mark.parametrize(
    ("words", "message"),
    [(["-k", "no such"], 'no case is called "no such"'), ([str(RULESETS / "demo")], "no tests.yaml here")],
)
def test_nothing_to_run_is_an_error(cds, words, message):
    told = cds(*words)

    assert (2, True) == (told.exit_code, message in told.stderr)


def test_golden_cards_are_written_by_an_option_and_compared_from_then_on(tmp_path):
    root = rulesets(tmp_path)
    file = root / "demo" / "pain" / "cards.yaml"

    first = CliRunner().invoke(main, ["test", "--rulesets", str(root), "--golden"])
    file.write_text(file.read_text().replace("tier: T3", "tier: T2"))
    second = CliRunner().invoke(main, ["test", "--rulesets", str(root)])

    assert (0, "5 passed, 0 failed\n") == (first.exit_code, first.stdout)
    assert f"written: {file}\n" in first.stderr
    assert (1, True) == (second.exit_code, "card P-04.card: tier is 'T3', not 'T2'" in second.stdout)


def test_what_the_cases_do_not_show_is_told_when_asked(tmp_path):
    root = rulesets(tmp_path)
    words = ["test", "--rulesets", str(root), "--coverage"]

    told = CliRunner().invoke(main, words).stdout.splitlines()
    assert "4 passed, 0 failed" == told[-1]
    assert any("P-02.card: missing: " in line for line in told)
    assert 2 == CliRunner().invoke(main, [*words, "--json"]).exit_code
