"""Cases that are whole hook requests: the cards that are sent, in their order, each with its rules."""

import json

import pytest
from click.testing import CliRunner

from cds.cli import main
from tests.hooks.messages import bundle, data, headache, nsaid_days, request, stiff_neck, thunderclap
from tests.workbench.small import rulesets

CALL = """\
ruleset: pain
today: 2026-11-21
cases:
  - name: thunderclap with a stiff neck
    request: requests/call.json
    answer:
      - rules: [P-02.card, P-03.card]
        indicator: critical
        summary: Sudden severe headache, look for a bleed now
      - rules: [P-01.card]
        indicator: warning
        summary: "Pain reliever on 4 days a week with headache: check for medication overuse"
"""
NO_CARDS = CALL.partition("    answer:")[0] + "    answer: []\n"


@pytest.fixture
def cds(tmp_path):
    def run(cases, body):
        root = rulesets(tmp_path, cases)
        (tmp_path / "requests").mkdir()
        (tmp_path / "requests" / "call.json").write_text(body if isinstance(body, str) else json.dumps(body))
        return CliRunner().invoke(main, ["test", "--rulesets", str(root)])

    return run


def call(*resources, **members):
    return request(prefetch=data(*resources), **members)


def everything():
    return call(headache(), thunderclap(), stiff_neck(), nsaid_days())


def test_the_cards_of_an_answer_are_those_that_are_sent(cds):
    assert (0, "1 passed, 0 failed\n") == ((told := cds(CALL, everything())).exit_code, told.stdout)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "critical",
            "warning",
            ["expected: warning P-02.card P-03.card: Sudden", "got:      critical P-02.card P-03.card: Sudden"],
        ),
        (
            "[P-02.card, P-03.card]",
            "[P-02.card]",
            ["expected: critical P-02.card: Sudden", "got:      critical P-02.card P-03.card"],
        ),
        (
            "bleed now",
            "bleed",
            ["expected: critical P-02.card P-03.card: Sudden severe headache, look for a bleed\n", "got:  "],
        ),
    ],
)
def test_a_card_that_is_other_than_expected_is_told_and_explained(cds, old, new, expected):
    told = cds(CALL.replace(old, new), everything())

    assert 1 == told.exit_code
    assert [] == [said for said in expected if said not in told.stdout]
    assert "✓ P-02.card: fired. Thunderclap headache" in told.stdout
    assert "[Condition/thunderclap]" in told.stdout


def test_an_answer_without_cards_is_held_against_as_well(cds):
    told = cds(NO_CARDS, call(headache(), stiff_neck()))

    assert (1, True) == (told.exit_code, "got:      warning P-03.card: Headache with a stiff neck" in told.stdout)


def test_the_order_of_the_cards_counts(cds):
    head, first, second = CALL.partition("      - rules: [P-02")[0], *CALL.split("      - rules: ")[1:]
    told = cds(f"{head}      - rules: {second}      - rules: {first}", everything())

    assert (1, True) == (told.exit_code, 'in another order: ["P-02.card", "P-01.card"]' in told.stdout)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{", "thunderclap with a stiff neck: "),
        ("[]", "thunderclap with a stiff neck: "),
        ({**everything(), "hook": "patient-seen"}, "hook: this service is offered at"),
        (call(headache(), context={"userId": "Practitioner/a"}), "context.patientId is required"),
        (request(), "prefetch.patient"),
    ],
)
def test_a_request_that_would_be_refused_is_an_error_of_the_case(cds, body, message):
    told = cds(CALL, body)

    assert (2, "") == (told.exit_code, told.stdout)
    assert message in told.stderr


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    request: requests/call.json\n", "    request: requests/nope.json\n", "No such file"),
        ("P-03.card]", "P-33.card]", 'tests.yaml:7: unknown rule with a card "P-33.card"'),
        ("    answer:", "    cards: []\n    answer:", '"cards" is not a key of a case with a request'),
        (CALL[CALL.index("    answer:") :], "", '"answer" is missing'),
        ("    request: requests/call.json\n", "", '"answer" is not a key of a case'),
    ],
)
def test_a_mistake_in_a_case_with_a_request_is_located(cds, old, new, message):
    told = cds(CALL.replace(old, new), everything())

    assert told.exit_code in (2, 3)
    assert message in told.stderr


def test_a_request_without_some_of_the_data_is_answered_with_the_card_that_says_so(cds):
    body = everything()
    body["prefetch"].pop("observations", None)
    told = cds(CALL, body)

    assert 1 == told.exit_code
    assert "expected: warning P-01.card" in told.stdout


def test_bundles_are_not_requests(cds):
    assert 2 == cds(CALL, bundle(headache())).exit_code
