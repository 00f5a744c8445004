"""Pins: cases that a search makes for what no case written by hand shows."""

import pytest
from click.testing import CliRunner

from cds.cli import main
from cds.workbench.bench import Bench
from cds.workbench.pins import making, running
from cds.workbench.testing import collect, run
from tests.ruleset.folders import completed, folder

RULES = {
    "a limit": "  - {id: A-01, title: T, when: [{egfr: below 30}], conclude: low}",
    "one of several": "  - {id: A-01, title: T, when: [{any: [fever, trauma]}, back_pain], conclude: sore}",
    "days apart": "  - {id: A-01, title: T, when: [{back_pain: onset within 2 days of trauma}], conclude: hurt}",
    "a count": "  - {id: A-01, title: T, when: [{at least 2 of: [fever, trauma, {age: above 70 a}]}], conclude: ill}",
    "an exception": """\
  - {id: A-01, title: T, when: [fever, {unless: calm}], conclude: hot}
  - {id: A-02, title: T, when: [back_pain, {without: trauma}], conclude: calm}""",
    "an order": """\
  - id: A-01
    title: T
    each: draft_order
    when: [{draft_order.class: "is one of nsaid, opioid"}, fever]
    conclude: so""",
    "through conclusions": """\
  - {id: A-01, title: T, when: [{denied: fever}], conclude: cool}
  - {id: A-02, title: T, when: [cool, {unrecorded: trauma}], conclude: cold}
  - {id: A-03, title: T, when: [{without: cold}, sciatica], conclude: warm}""",
}
NEVER = """\
  - {id: A-01, title: T, when: [fever], conclude: hot}
  - {id: A-02, title: T, when: [{without: hot}, fever], conclude: odd}"""


def written(tmp_path, rules, cases=""):
    text = completed(f"uses: [library]\nrules:\n{rules}\n", "small")
    files = {"example/small/ruleset.yaml": text}
    if cases:
        files["example/small/tests.yaml"] = f"ruleset: small\ntoday: 2026-11-21\ncases:\n{cases}"
    return folder(tmp_path, files)


def pinned(root):
    (found,) = running.write(root, root / "example" / "small")
    return found


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
def test_every_gap_is_closed_by_pins_that_pass(tmp_path, rules):
    root = written(tmp_path, rules)

    found = pinned(root).pinned

    assert (found.never, found.unfound) == ((), ())
    assert list(running.out_of_date(root, root / "example" / "small")) == []
    bench = Bench(root)
    cases = collect(root, root / "example" / "small", knowledge=bench.knowledge)
    assert [result.differences for result in run(bench, cases)] == [()] * len(found.pins)


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
def test_where_the_search_gives_up_the_solver_finds_the_facts(tmp_path, monkeypatch, rules):
    monkeypatch.setattr(making, "MOST_SKETCHES", 0)
    root = written(tmp_path, rules)

    found = pinned(root).pinned

    assert (found.never, found.unfound) == ((), ())
    assert list(running.out_of_date(root, root / "example" / "small")) == []


def test_where_the_search_gives_up_the_solver_proves_what_no_facts_can_show(tmp_path, monkeypatch):
    monkeypatch.setattr(making, "MOST_SKETCHES", 0)

    found = pinned(written(tmp_path, NEVER)).pinned

    assert "A-02 fires" in {str(goal) for goal in found.never}
    assert found.unfound == ()


@pytest.mark.parametrize("most", [0, making.MOST_SKETCHES])
def test_nothing_has_changed_before_it_began(tmp_path, monkeypatch, most):
    monkeypatch.setattr(making, "MOST_SKETCHES", most)
    asked = "[{fever: changed more than 14 days ago}, {fever: onset known}]"

    found = pinned(written(tmp_path, f"  - {{id: A-01, title: T, when: {asked}, conclude: late}}")).pinned

    told = [pin.facts["fever"].attributes for pin in found.pins if "fever" in pin.facts]
    dated = [(one["changed_days"], one["onset_days"]) for one in told if {"changed_days", "onset_days"} <= one.keys()]
    assert dated
    assert all(changed <= onset for changed, onset in dated)


def test_a_limit_is_pinned_by_itself_and_one_step_beyond(tmp_path):
    found = pinned(written(tmp_path, RULES["a limit"])).pinned

    assert [pin.name for pin in found.pins] == [
        "A-01: `egfr: below 30` at 30, silent",
        "A-01: fires",
        "A-01: unanswered, `egfr: below 30` is unknown",
    ]
    assert [pin.facts["egfr"].attributes for pin in found.pins] == [{"value": 30.0}, {"value": 29.0}, {}]


def test_what_no_facts_can_show_is_told(tmp_path):
    root = written(tmp_path, NEVER)

    found = pinned(root).pinned

    assert "A-02 fires" in {str(goal) for goal in found.never}
    assert "cannot_be:\n" in (root / "example" / "small" / "pins.yaml").read_text()


def test_no_pin_is_made_of_what_a_case_shows(tmp_path):
    by_hand = "  - {name: low, facts: {egfr: 29}, conclusions: [low], cards: []}\n"
    found = pinned(written(tmp_path, RULES["a limit"], by_hand)).pinned

    assert "A-01: fires" not in {pin.name for pin in found.pins}


def test_the_file_says_what_pins_are_and_is_the_same_each_time(tmp_path):
    root = written(tmp_path, RULES["a count"])
    first, again = pinned(root), pinned(root)

    assert (first.changed, again.changed) == (True, False)
    assert "nobody has compared them with\n  the clinical documents" in first.file.read_text()


def test_pins_are_out_of_date_when_a_case_shows_the_same_and_when_a_rule_has_a_new_gap(tmp_path):
    root = written(tmp_path, RULES["a limit"])
    pinned(root)
    written(tmp_path, RULES["a limit"].replace("below 30", "below 40"))

    told = list(running.out_of_date(root, root / "example" / "small"))

    assert any("`egfr: below 40` at 40, and the rule turns on it: a gap that no pin closes" in line for line in told)
    assert any(line.endswith('" closes no gap any more') for line in told)


def test_the_command_writes_and_checks(tmp_path):
    root = written(tmp_path, RULES["a limit"])
    place = str(root / "example" / "small")

    before = CliRunner().invoke(main, ["pin", place, "--rulesets", str(root), "--check"])
    made = CliRunner().invoke(main, ["pin", place, "--rulesets", str(root)])
    after = CliRunner().invoke(main, ["pin", place, "--rulesets", str(root), "--check"])

    assert before.exit_code == 1
    assert "A-01: A-01 fires: a gap that no pin closes" in before.output
    assert (made.exit_code, made.output) == (0, "small: 3 pins close 5 gaps, 0 cannot be closed\n")
    assert (after.exit_code, after.output) == (0, "The pins are up to date.\n")


def test_a_mutant_that_nothing_notices_is_told_from_the_rule(tmp_path):
    root = written(tmp_path, RULES["an exception"])
    pinned(root)

    (found,) = running.write_of_mutants(root, root / "example" / "small")

    assert "A-01: not `unless: calm` -> without (unknown)" in {pin.name for pin in found.told.pins}
    bench = Bench(root)
    cases = collect(root, root / "example" / "small" / "mutant-pins.yaml", knowledge=bench.knowledge)
    assert [result.differences for result in run(bench, cases)] == [()] * len(found.told.pins)
    (again,) = running.write_of_mutants(root, root / "example" / "small")
    assert not again.changed


def test_pins_of_mutants_follow_a_rule_that_changes_and_go_with_the_mutant(tmp_path):
    root = written(tmp_path, RULES["an exception"])
    (before,) = running.write_of_mutants(root, root / "example" / "small")
    changed = RULES["an exception"].replace("[fever,", "[sciatica,").replace(", {without: trauma}", "")
    written(tmp_path, changed)

    (after,) = running.write_of_mutants(root, root / "example" / "small")

    names = [{pin.name for pin in of.told.pins} for of in (before, after)]
    assert [any("`without: trauma`" in name for name in of) for of in names] == [True, False]
    bench = Bench(root)
    cases = collect(root, root / "example" / "small" / "mutant-pins.yaml", knowledge=bench.knowledge)
    assert [result.differences for result in run(bench, cases)] == [()] * len(after.told.pins)


def test_a_changed_count_is_told_from_the_count(tmp_path):
    root = written(tmp_path, RULES["a count"], "  - {name: well, facts: {}, conclusions: [], cards: []}\n")

    (found,) = running.write_of_mutants(root, root / "example" / "small")

    assert any(pin.name.startswith("A-01: not `at least 2 of:") for pin in found.told.pins)
    assert any("`fever` (dropped)" in pin.name for pin in found.told.pins)
