"""`cds report` and `cds keep`: what is written for the pages of the rulesets."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from cds.cli import main
from cds.monograph.document import Monograph
from cds.monograph.states import States
from cds.settings import Settings
from cds.web.app import create_app
from cds.workbench.traces import Stage
from tests.ruleset.folders import RESIDUAL_RAISED, completed, folder, services

CASES = """
ruleset: limits
today: 2026-11-21
cases:
  - {name: at the limit, facts: {residual: 200 mL}, conclusions: [residual-raised], cards: []}
  - {name: below it, facts: {residual: 199 mL}, conclusions: [], cards: []}
  - {name: one that is wrong, facts: {residual: 50 mL}, conclusions: [residual-raised], cards: []}
"""

UNTRIED = {
    "A-01.painful": ["score: at least 7", "stiff_neck", "burning"],
    "A-04.card": ["alarming"],
    "signs": ["burning", "stiff_neck"],
}
REASON = "  - {{rule: {rule}, goal: '`{words}` is unknown, and the rule unanswered', reason: Nobody asks that here.}}\n"
REASONS = "ruleset: alarm\nuncovered:\n" + "".join(
    REASON.format(rule=rule, words=words) for rule, all_ in UNTRIED.items() for words in all_
)
SEEDED = Path(__file__).with_name("workbench") / "seeded/mutation"


@pytest.fixture
def root(tmp_path):
    files = {
        "example/limits/ruleset.yaml": completed(RESIDUAL_RAISED, "limits"),
        "example/limits/tests.yaml": CASES,
        "services.yaml": services("library", "limits"),
    }
    return folder(tmp_path, files)


def run(*arguments: str | Path):
    return CliRunner().invoke(main, [str(one) for one in arguments])


def page(root: Path, folder: Path) -> Any:
    """What the page of the ruleset tells."""
    service = create_app(Settings(rulesets=root, state=folder / "state")).test_client()
    return json.loads(service.get("/rulesets/limits?format=json").data)


def recorded(root: Path) -> Any:
    """By ruleset, what is written down."""
    return json.loads((root / "results.json").read_bytes())["rulesets"]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_report_is_what_the_pages_tell_of_these_very_files(root, tmp_path):
    told = run("report", "--rulesets", root)
    found = page(root, tmp_path)["validation"]

    assert 0 == told.exit_code, told.output
    assert re.search(r"^limits: 2 of 3 cases passed; 1 of 1 rules that fire", told.output, re.MULTILINE)
    assert {"library", "limits"} == recorded(root).keys()
    assert (3, ["one that is wrong"]) == (found["cases"], found["failed"])
    assert [] == found["mutation"]  # a case fails as it is
    assert ("rules that fire", 1, 1) == tuple(found["coverage"][0][key] for key in ("name", "reached", "of"))


def test_a_report_says_how_many_seeded_faults_a_test_notices(root, tmp_path):
    tests = root / "example/limits/tests.yaml"
    tests.write_text(CASES.rpartition("  - ")[0], encoding="utf-8")
    run("report", "--rulesets", root, "--jobs", "1")
    found = page(root, tmp_path)

    assert (2, []) == (found["validation"]["cases"], found["validation"]["failed"])
    [noticed] = found["validation"]["mutation"]
    assert 0 < noticed["reached"] <= noticed["of"]


def test_a_report_of_files_that_were_changed_since_is_not_told(root, tmp_path):
    run("report", "--rulesets", root)
    edit(root / "example/limits/ruleset.yaml", "200 mL", "201 mL")

    assert page(root, tmp_path)["validation"] is None


@pytest.mark.parametrize(
    ("file", "arguments", "measured"),
    [
        ("", [], 0),
        ("example/limits/tests.yaml", [], 1),
        ("example/library/ruleset.yaml", [], 2),  # which the other uses
        ("", ["--all"], 2),
    ],
)
def test_only_what_has_changed_is_measured_again(root, file, arguments, measured):
    run("report", "--rulesets", root)
    before = recorded(root)
    if file:
        with (root / file).open("a", encoding="utf-8") as edited:
            edited.write("# read again\n")
    told = run("report", "--rulesets", root, *arguments)

    assert f"{measured} rulesets measured, {2 - measured} unchanged" == told.output.splitlines()[-1]
    assert before["limits"]["coverage"] == recorded(root)["limits"]["coverage"]


def test_a_ruleset_that_is_gone_is_recorded_no_more(root):
    run("report", "--rulesets", root)
    edit(root / "results.json", '"library"', '"gone"')
    run("report", "--rulesets", root)

    assert ["library", "limits"] == list(recorded(root))


# What CI asks


@pytest.fixture
def sound(tmp_path):
    """Nothing is missing: every goal is met, every small mistake noticed."""
    root = Path(shutil.copytree(SEEDED, tmp_path / "sound"))
    (root / "demo/alarm/survivors.yaml").write_text(REASONS, encoding="utf-8")
    return root


def test_a_check_of_sound_rulesets_finds_nothing_and_writes_nothing(sound):
    run("report", "--rulesets", sound)
    before = (sound / "results.json").read_bytes()
    told = run("report", "--check", "--rulesets", sound)

    assert (0, "results.json is up to date, and nothing is missing.") == (
        told.exit_code,
        told.output.splitlines()[-1],
    ), told.output
    assert before == (sound / "results.json").read_bytes()


def fail(root: Path) -> None:
    edit(root / "demo/alarm/tests.yaml", "conclusions: [alarming]", "conclusions: []")


def lose_a_case(root: Path) -> None:
    text = (root / "demo/alarm/tests.yaml").read_text(encoding="utf-8")
    first, rest = text.split("  - name: six, with a stiff neck")
    (root / "demo/alarm/tests.yaml").write_text(first + "  - name:" + rest.split("  - name:", 1)[1], encoding="utf-8")


def lose_a_golden_card(root: Path) -> None:
    (root / "demo/alarm/cards.yaml").unlink()


def give_a_reason_too_many(root: Path) -> None:
    with (root / "demo/alarm/survivors.yaml").open("a", encoding="utf-8") as edited:
        edited.write("mutants:\n  - {mutant: A-09 | dropped | nothing, reason: There is none.}\n")


@pytest.mark.parametrize(
    ("defect", "said"),
    [
        (fail, "conclusion alarming: not expected"),
        (lose_a_case, "missing: `score: at least 7` at 6, next to 7, and the rule turns on it"),
        (lose_a_case, "survives: A-01.painful | limit | `score: at least 7` -> at least 6"),
        (lose_a_golden_card, "survives: A-04.card | card | `indicator: warning` -> critical"),
        (give_a_reason_too_many, 'there is no mutant "A-09 | dropped | nothing" (any more)'),
    ],
)
def test_a_check_finds_what_is_amiss_though_it_is_recorded(sound, defect, said):
    defect(sound)
    run("report", "--rulesets", sound)
    told = run("report", "--check", "--rulesets", sound)

    assert 1 == told.exit_code
    assert said in told.output


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"reached": 4', '"reached": 3', "alarm: what is recorded is not what was found"),
        ('"around": ""', '"around": "0"', "alarm: what is recorded is not what was found"),
        ('"alarm"', '"other"', "alarm: not recorded"),
        ('"alarm"', '"other"', "other: recorded, and not there any more"),
    ],
)
def test_a_check_finds_results_that_were_altered(sound, old, new, said):
    run("report", "--rulesets", sound)
    edit(sound / "results.json", old, new)
    told = run("report", "--check", "--rulesets", sound)

    assert 1 == told.exit_code
    assert said in told.output


def test_a_check_does_not_mind_whose_case_noticed_a_mistake_first(sound):
    run("report", "--rulesets", sound)
    stage = Stage.of(sound)
    edit(sound / "results.json", '"around": ""', f'"around": "{States(stage.usual, stage.folder).around("alarm")}"')

    assert 0 == run("report", "--check", "--rulesets", sound).exit_code


def test_a_check_without_results_says_so(sound):
    told = run("report", "--check", "--rulesets", sound)

    assert (1, "alarm: not recorded") == (told.exit_code, told.output.splitlines()[-1])


def test_a_reason_that_cannot_be_read_is_told_with_its_place(sound):
    (sound / "demo/alarm/survivors.yaml").write_bytes(b"ruleset: alarm\nuncovered: \xff\n")
    told = run("report", "--rulesets", sound)

    assert 3 == told.exit_code
    assert "demo/alarm/survivors.yaml:2: " in told.output


def test_another_day_alters_no_results(sound):
    run("report", "--rulesets", sound)
    edit(sound / "results.json", recorded(sound)["alarm"]["measured_on"], "2020-01-01")

    assert 0 == run("report", "--check", "--rulesets", sound).exit_code


def test_a_version_is_kept_once(root, tmp_path):
    first = run("keep", tmp_path / "kept", "--rulesets", root)
    kept = tmp_path / "kept/limits/1.0.0.json"
    before = kept.read_bytes()
    ruleset = root / "example/limits/ruleset.yaml"
    ruleset.write_text(ruleset.read_text(encoding="utf-8").replace("200 mL", "201 mL"), encoding="utf-8")
    again = run("keep", tmp_path / "kept", "--rulesets", root)
    same = kept.read_bytes()
    replaced = run("keep", tmp_path / "kept", "--replace", "--rulesets", root)

    assert ["2 kept, 0 already there", "0 kept, 2 already there", "2 kept, 0 already there"] == [
        one.output.strip() for one in (first, again, replaced)
    ]
    assert (before, True) == (same, b"201 mL" in kept.read_bytes())
    assert "limits" == msgspec.json.decode(before, type=Monograph).id
