"""Golden cards: whatever a rule says of its card is written down, and a card that looks otherwise is a failure."""

import pytest

from cds.errors import InputError, RulesetError
from cds.workbench.bench import Bench
from cds.workbench.golden import golden_of
from cds.workbench.testing import collect, run
from cds.workbench.writing import write
from tests.workbench.small import changed, rulesets

ORDERED = """\
  P-04.card:
    case: a medicine is ordered
    indicator: info
    tier: T3
    quiet: 90 days
    summary: Ibuprofen 400 mg is ordered although pain relievers are used on 4 days a week
    suggestions:
      - label: Add a note to the pharmacist
        actions:
          - 'update: Add a note to the pharmacist'
      - label: Cancel the order
        actions:
          - 'delete: Cancel the order'
    selection: at-most-one
    rank: 50
    hooks: [medication-refill, medication-verify, order-select, order-sign]
"""

SILENT = """\
ruleset: pain
today: 2026-11-21
cases:
  - {name: nothing, record: [], conclusions: [], cards: []}
"""


@pytest.fixture
def written(tmp_path):
    root = rulesets(tmp_path)
    bench = Bench(root)
    assert [root / "demo" / "pain" / "cards.yaml"] == list(write(bench, collect(root)))
    return root


def differences(root):
    bench = Bench(root)
    return [said for one in run(bench, collect(root, knowledge=bench.knowledge)) for said in one.differences]


def test_each_card_is_written_as_the_first_case_shows_it(written):
    text = (written / "demo" / "pain" / "cards.yaml").read_text()

    assert text.endswith(ORDERED)
    assert {"P-01.card": "four days a week with headache", "P-04.card": "a medicine is ordered"} == {
        rule: one["case"] for rule, one in golden_of(written, "pain").items()
    }


def test_what_is_written_down_is_what_the_cases_show(written):
    assert [] == differences(written)
    assert [] == list(write(Bench(written), collect(written)))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "indicator: warning\n      tier: T2",
            "indicator: critical\n      tier: T2",
            "indicator is 'critical', not 'warning'",
        ),
        ("tier: T2", "tier: T1", "tier is 'T1', not 'T2'"),
        ("check for medication overuse", "look", "not 'Pain reliever on 4 days a week with headache: check for"),
        ("Cap acute treatment", "Limit it", "detail is 'Used on 4 days a week. Limit it at 2 days"),
        ("        - label: Review the medicines\n          create: templates/review.json\n", "", "suggestions is "),
        ("recommended: true\n          create", "create", "suggestions is "),
        ("create: templates/review.json", "create: templates/referral.json", "suggestions is "),
        (
            "      links:\n        - {label: ICHD-3,",
            "      links:\n        - {label: ICHD,",
            "links is ['ICHD: absolute",
        ),
        ("evidence: {source: ichd3, strength", "rank: 7\n    evidence: {source: ichd3, strength", "rank is 7, not 50"),
        (
            "    evidence: {source: ichd3, strength",
            "    hooks: [patient-view]\n    evidence: {source: ichd3, strength",
            "hooks is",
        ),
    ],
)
def test_a_card_that_looks_otherwise_is_a_failure(written, old, new, expected):
    changed(written, old, new)
    found = differences(written)

    assert {"card P-01.card"} == {said.partition(":")[0] for said in found}
    assert any(expected in said for said in found), found


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("merge: red-flags", "merge is 'red-flags', not not said"),
        ("quiet: 3 days", "quiet is '3 days', not '30 days'"),
        ("selection: at-most-one", "selection is 'at-most-one', not not said"),
        ("offer_at_most: 1", "offer_at_most is 1, not not said"),
        ("remarks: [{when: headache, say: Also.}]", "Also.', not 'Used on"),
        ("remarks: [{when: burning, say: Also.}]", "unsaid is ['burning'], not not said"),
    ],
)
def test_a_card_that_says_more_is_a_failure(written, line, expected):
    changed(written, "      links:\n", f"      {line}\n      links:\n")

    assert any(expected in said for said in differences(written))


def test_a_card_that_is_not_written_down_is_a_failure(written):
    file = written / "demo" / "pain" / "cards.yaml"
    file.write_text(file.read_text().replace(ORDERED, ""))

    assert ['card P-04.card: shown by the case "a medicine is ordered", and not in cards.yaml'] == differences(written)


def test_a_card_that_no_case_shows_any_more_is_a_failure(written):
    changed(written, "name: a medicine is ordered", "name: a drug is ordered", "tests.yaml")

    assert ['card P-04.card: no case "a medicine is ordered" shows it'] == differences(written)


def test_without_golden_cards_nothing_is_compared(tmp_path):
    assert {} == golden_of(rulesets(tmp_path), "pain")


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("ruleset: pain\n", InputError, "must contain cards by their rules"),
        ("cards: {P-01.card: warning}\n", InputError, "must contain cards by their rules"),
        ("cards: [\n", RulesetError, "cards.yaml:2: not YAML"),
    ],
)
def test_golden_cards_that_cannot_be_read_are_refused(written, text, error, message):
    (written / "demo" / "pain" / "cards.yaml").write_text(text)

    with pytest.raises(error, match=message):
        golden_of(written, "pain")


@pytest.mark.parametrize("content", [b"", b"\xff", b"cards: [\n"])
def test_golden_cards_that_cannot_be_read_are_written_anew(written, content):
    file = written / "demo" / "pain" / "cards.yaml"
    there = file.read_bytes()
    file.write_bytes(content)

    assert ([file], there) == (list(write(Bench(written), collect(written))), file.read_bytes())


def test_an_empty_file_of_golden_cards_goes_where_no_case_shows_a_card(written):
    file = written / "demo" / "pain" / "cards.yaml"
    (written / "demo" / "pain" / "tests.yaml").write_text(SILENT)
    file.write_text("")

    assert ([file], False) == (list(write(Bench(written), collect(written))), file.exists())


def test_a_ruleset_of_which_no_case_shows_a_card_has_no_golden_cards(written):
    (written / "demo" / "pain" / "tests.yaml").write_text(SILENT)

    assert [written / "demo" / "pain" / "cards.yaml"] == list(write(Bench(written), collect(written)))
    assert {} == golden_of(written, "pain")
