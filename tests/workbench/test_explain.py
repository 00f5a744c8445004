"""`cds explain` as an author meets it: why not, what would change it, the drawing; also of a logged decision."""

import json
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from cds.cli import main
from tests.hooks.messages import MINIMAL, RULESETS, bundle, data, headache, ibuprofen, nsaid_days, patient, request
from tests.test_journal_cli import service

__all__ = ["service"]

TODAY = ("--today", "2026-11-21", "--service", "pain")


@pytest.fixture
def explained(tmp_path, monkeypatch):
    """`cds explain` of a message, with these words."""
    monkeypatch.setenv("CDS_RULESETS", str(RULESETS))

    def run(message, *words):
        file = tmp_path / "message.json"
        file.write_text(json.dumps(message))
        return CliRunner().invoke(main, ["explain", str(file), *TODAY, *words])

    return run


def chart(*resources):
    return bundle(patient(), *resources, type="collection")


def test_why_a_rule_is_silent_is_told_down_to_the_record(explained):
    found = explained(chart(headache(), nsaid_days(2)), "--rule", "P-01.card")

    assert found.stdout.splitlines() == [
        "✗ P-01.card: silent. Frequent use with headache",
        "  ✗ frequent-use",
        "    ✗ P-01.frequent: NSAID on more than two days a week",
        "      ✗ nsaid_days: above 2 d/wk",
        "        nsaid_days is present (value 2)",
        f"          {_evidence(found)}",
        "  ✓ headache",
        "    headache is present",
        "      Headache active 2026-11-01 [Condition/headache]",
        "Fails: frequent-use",
    ]


def _evidence(found):
    return next(line.strip() for line in found.stdout.splitlines() if line.endswith("[Observation/days]"))


def test_a_rule_of_which_nothing_is_on_record_is_told_in_a_line(explained):
    found = explained(chart(headache()), "--rule", "P-01.card")

    assert found.stdout.splitlines()[2:3] == [
        "    ✗ P-01.frequent: NSAID on more than two days a week (none on record of nsaid_days)"
    ]


def test_what_is_not_usable_is_told_with_what_would_settle_the_rule(explained):
    without_unit = nsaid_days(valueQuantity={"value": 4})

    found = explained(chart(headache(), without_unit), "--rule", "P-01.card", "--json")

    (rule,) = json.loads(found.stdout)
    (gap,) = rule["why_not"]["unknown"]
    assert (rule["outcome"], rule["why_not"]["failing"]) == ("unanswered", [])
    assert (gap["fact"]["name"], gap["fact"]["state"]) == ("nsaid_days", "unusable")
    assert [one["outcome"] for one in gap["settled_by"]] == ["fired", "silent"]


def test_a_rule_out_of_reach_is_told_with_what_would_bring_it_into_reach(explained):
    found = explained(chart(), "--rule", "P-01.card")

    assert sorted(found.stdout.splitlines()[-2:]) == [
        "No call gets as far as this rule: none on record of headache",
        "No call gets as far as this rule: none on record of nsaid_days",
    ]


def test_a_rule_that_the_service_does_not_run_at_this_hook_is_asked_by_itself(explained):
    found = explained(chart(headache(), nsaid_days()), "--rule", "P-04.card")

    assert found.stdout.splitlines() == [
        "pain does not run P-04.card at patient-view: asked by itself.",
        "P-04.card: silent: it is asked of each order, and there is none",
    ]


def test_a_rule_about_orders_is_told_order_by_order(explained):
    orders = {**MINIMAL["order-sign"], "draftOrders": bundle(ibuprofen(), ibuprofen("order-2"))}

    found = explained(request(orders, data(headache(), nsaid_days()), "order-sign"), "--rule", "P-04.card")

    assert [line for line in found.stdout.splitlines() if "P-04.card" in line] == [
        "✓ P-04.card for MedicationRequest/order-1: fired. A medicine is ordered in frequent use",
        "✓ P-04.card for MedicationRequest/order-2: fired. A medicine is ordered in frequent use",
    ]


@pytest.mark.parametrize(
    ("resources", "rule", "expected"),
    [
        (
            (headache(), nsaid_days(2)),
            "P-01.card",
            [
                "P-01.card is silent. It would fire with any one of these changes:",
                "  days of NSAID use a week 3 days a week in place of 2 days a week",
            ],
        ),
        (
            (headache(), nsaid_days(4)),
            "P-01.card",
            [
                "P-01.card fires. It would be silent with any one of these changes:",
                "  days of NSAID use a week 2 days a week in place of 4 days a week",
                "  no headache on record",
                "  no days of NSAID use a week on record",
            ],
        ),
        (
            (),
            "P-01.card",
            [
                "P-01.card is silent. It would fire with one of these sets of changes, 2 facts each, none smaller:",
                "  a record of headache and a record of days of NSAID use a week: 3 days a week",
            ],
        ),
        (
            (),
            "P-02.card",
            ["P-02.card is silent. It would fire with any one of these changes:", "  a record of thunderclap headache"],
        ),
    ],
)
def test_what_would_make_a_rule_do_otherwise_is_told(explained, resources, rule, expected):
    assert explained(chart(*resources), "--flip", rule).stdout.splitlines() == expected


def test_of_an_unanswered_rule_both_ways_are_told(explained):
    found = explained(chart(headache(), nsaid_days(valueQuantity={"value": 4})), "--flip", "P-01.card", "--json")

    assert [(one["outcome"], one["wanted"], one["cut"]) for one in json.loads(found.stdout)] == [
        ("unanswered", "fired", False),
        ("unanswered", "silent", False),
    ]


def test_a_search_without_time_is_told_as_cut(explained):
    found = explained(chart(), "--flip", "P-01.card", "--seconds", "0")

    assert found.stdout.splitlines() == [
        "P-01.card is silent. No change was found that makes it fire.",
        "The search was ended before every change of one fact was tried: there may be others.",
    ]


@pytest.mark.parametrize("words", [(), ("--rule", "P-02.card"), ("--flip", "P-01.card")])
def test_the_reasoning_is_drawn_into_a_file(explained, tmp_path, words):
    file = tmp_path / "why.svg"

    found = explained(chart(headache(), nsaid_days()), *words, "--svg", str(file))

    assert (found.exit_code, ElementTree.parse(file).getroot().tag) == (0, "{http://www.w3.org/2000/svg}svg")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--rule", "P-01.card", "--flip", "P-01.card"), "use either --rule or --flip"),
        (("--flip", "P-01.crd"), 'unknown rule "P-01.crd"; did you mean "P-01.card"?'),
        (("--svg", "nowhere/why.svg"), "nowhere/why.svg: No such file or directory"),
    ],
)
def test_what_cannot_be_asked_is_told(explained, words, message):
    found = explained(chart(headache()), *words)

    assert (found.exit_code, message in found.stderr) == (2, True)


def test_the_json_of_a_patient_has_what_was_added_to_orders(explained):
    found = explained(request(MINIMAL["order-sign"], data(headache(), nsaid_days()), "order-sign"), "--json")

    told = json.loads(found.stdout)
    assert list(told) == ["at", "cards", "withheld", "actions", "conclusions", "unanswered", "facts"]
    drug = next(fact for fact in told["facts"] if fact["name"] == "drug")
    assert [item["name"] for item in drug["items"]] == ["MedicationRequest/order-1"]


# Of a logged decision


def test_a_rule_of_a_logged_decision_is_told_by_its_record(service):
    decision = service.call(headache(), nsaid_days(2))

    found = service.cds("decisions", "explain", decision.id, "--rule", "P-01.card")

    assert "✗ P-01.card: silent. Frequent use with headache" in found.output
    assert "facts that no rule within reach had asked for count as looked for and not found" in found.output


def test_what_would_have_changed_a_logged_decision_is_told(service, tmp_path):
    decision = service.call(headache(), nsaid_days())
    file = tmp_path / "why.svg"

    found = service.cds("decisions", "explain", decision.id, "--flip", "P-01.card", "--svg", str(file))

    assert "  days of NSAID use a week 2 days a week in place of 4 days a week" in found.output.splitlines()
    assert "P-01.card@1.2.0" in file.read_text()


def test_a_rule_that_was_not_run_cannot_be_asked_of_a_record(service):
    decision = service.call(headache(), nsaid_days())

    found = service.cds("decisions", "explain", decision.id, "--rule", "P-04.card")

    assert (found.exit_code, 'unknown rule of pain at patient-view "P-04.card"' in found.output) == (2, True)
