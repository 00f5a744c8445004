"""Coverage in rule words: every case of a sound ruleset shows something that is missing without it."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from cds.cli import main
from cds.errors import RulesetError
from cds.workbench.coverage import measured
from cds.workbench.coverage_report import lines
from cds.workbench.testing import collect
from cds.workbench.traces import Stage

NEXT_TO_SIX = "`pain_score: at least 6` at 5, next to 6, and the rule turns on it"
UNKNOWN = "is unknown, and the rule unanswered"
SOUND = Path(__file__).parent / "seeded" / "coverage"


def covered(folder, without=()):
    cases = [case for case in collect(folder) if case.name not in without]
    (found,) = measured(Stage.of(folder), ["pain"], cases)
    return found


def missing(found):
    return {f"{found.about[goal][0]}: {goal}" for goal in found.missing}


@pytest.fixture
def copy(tmp_path):
    return Path(shutil.copytree(SOUND, tmp_path / "rulesets"))


def test_a_sound_ruleset_has_cases_for_all_that_can_be_shown():
    found = covered(SOUND)

    assert set() == missing(found)
    assert {"fires": 5, "silences": 7, "decides alone": 2, "tips the count": 3, "limit": 6, "is unknown": 11} == {
        what: counts["met"] for what, counts in found.shares.items()
    }


def test_what_follows_from_another_condition_is_proven_and_not_counted():
    found = covered(SOUND)

    assert ["`bad-pain` alone is false, and the rule silent for it"] == [str(goal) for goal in found.never]
    assert 1 == found.shares["silences"]["never"]


@pytest.mark.parametrize(
    ("without", "expected"),
    [
        pytest.param(
            ["pain of nine"],
            {
                "P-02.worst: P-02.worst fires",
                "P-02.worst: `pain_score: at least 9` at 9, and the rule turns on it",
                "P-04.implied: P-04.implied fires",
            },
            id="a row of a table that never fires",
        ),
        pytest.param(
            ["thunderclap without headache", "stiff neck that burns"],
            {"P-01.urgent: `headache` alone is false, and the rule silent for it"},
            id="a condition that never decides",
        ),
        pytest.param(["headache alone"], set(), id="what another case shows as well"),
        pytest.param(
            ["headache alone", "headache that burns"],
            {"P-01.urgent: `any of: thunderclap, stiff_neck` alone is false, and the rule silent for it"},
            id="an any that never decides",
        ),
        pytest.param(
            ["headache with a stiff neck"],
            {"P-01.urgent: `stiff_neck` alone of its `any` holds, and the rule fires"},
            id="an alternative that never decides alone",
        ),
        pytest.param(
            ["pain of five"],
            {f"P-02.bad: {NEXT_TO_SIX}"},
            id="a limit without the value below it",
        ),
        pytest.param(
            ["pain of six"],
            {"P-02.bad: `pain_score: at least 6` at 6, and the rule turns on it"},
            id="a limit without its own value",
        ),
        pytest.param(
            ["headache that burns", "stiff neck that burns"],
            {"P-03.mixed, count 1: `burning` holds, and the count would come to another answer without it"},
            id="a counted condition that never tips the count",
        ),
        pytest.param(
            ["nothing supplied"],
            {
                *(f"P-01.urgent: `{name}` {UNKNOWN}" for name in ("headache", "thunderclap", "stiff_neck")),
                *(
                    f"P-02.{name} {UNKNOWN}"
                    for name in ("bad: `pain_score: at least 6`", "worst: `pain_score: at least 9`")
                ),
                *(f"P-03.mixed, count 1: `{name}` {UNKNOWN}" for name in ("headache", "stiff_neck", "burning")),
                f"P-03.mixed: `at least 2 of: headache, stiff_neck, burning` {UNKNOWN}",
                *(f"P-04.implied: `{name}` {UNKNOWN}" for name in ("worst-pain", "bad-pain")),
            },
            id="unknowns that nobody tried",
        ),
    ],
)
def test_without_a_case_what_only_it_shows_is_missing(without, expected):
    assert expected == missing(covered(SOUND, without))


SURVIVORS = """\
ruleset: pain
uncovered:
  - rule: {rule}
    goal: "{goal}"
    reason: The score is asked for in whole numbers, and nobody is in doubt of five.
"""


def reasoned(folder, rule, goal):
    (folder / "demo" / "pain" / "survivors.yaml").write_text(SURVIVORS.format(rule=rule, goal=goal), encoding="utf-8")


def test_what_somebody_gave_a_reason_for_is_not_missing(copy):
    reasoned(copy, "P-02.bad", NEXT_TO_SIX)
    found = covered(copy, ["pain of five"])

    assert set() == missing(found)
    assert 1 == found.shares["limit"]["excused"]


@pytest.mark.parametrize(
    ("rule", "goal", "message"),
    [
        (
            "P-02.bad",
            "`pain_score: at least 6` at 6, and the rule turns on it",
            'a case meets this by now: "pain of six"',
        ),
        ("P-02.bad", "P-09 fires", '"P-02.bad" has no such goal: "P-09 fires"'),
        (
            "P-04.implied",
            "`bad-pain` alone is false, and the rule silent for it",
            "this needs no reason: it is proven that it can never be met",
        ),
    ],
)
def test_a_reason_that_nothing_needs_is_refused(copy, rule, goal, message):
    reasoned(copy, rule, goal)

    with pytest.raises(RulesetError) as raised:
        covered(copy)
    assert [(3, message)] == [(one.line, one.message) for one in raised.value.problems]


def test_what_only_pins_show_is_told_apart(copy):
    cases = copy / "demo" / "pain" / "tests.yaml"
    head, *told = cases.read_text(encoding="utf-8").split("  - name: ")
    five = next(case for case in told if case.startswith("pain of five\n"))
    without_case(copy, "pain of five")
    (cases.parent / "pins.yaml").write_text(f"{head}  - name: {five}", encoding="utf-8")
    found = covered(copy)

    assert set() == missing(found)
    assert [NEXT_TO_SIX] == [str(goal) for goal in found.about if found.standing(goal) == "pinned"]
    assert "pain: 100.0 %, 34 of 34, 1 of them by pins alone; 1 can never be" == list(lines([found]))[-1]


def run(*arguments):
    return CliRunner().invoke(main, ["coverage", *map(str, arguments)])


def without_case(folder, name):
    file = folder / "demo" / "pain" / "tests.yaml"
    head, *cases = file.read_text(encoding="utf-8").split("  - name: ")
    kept = [case for case in cases if not case.startswith(f"{name}\n")]
    file.write_text("  - name: ".join([head, *kept]), encoding="utf-8")


def test_the_command_names_what_is_missing_and_ends_with_one_below_what_is_required(copy):
    sound = run("--rulesets", copy, "--require", "100")
    without_case(copy, "pain of five")
    lacking = run("--rulesets", copy, "--require", "100")
    enough = run("--rulesets", copy, "--require", "97")

    assert [(0, "pain: 100.0 %, 34 of 34; 1 can never be")] == [(sound.exit_code, sound.stdout.splitlines()[-1])]
    assert (1, 0) == (lacking.exit_code, enough.exit_code)
    assert [
        f"rulesets/demo/pain/ruleset.yaml:61: P-02.bad: missing: {NEXT_TO_SIX}",
        "pain: 97.1 %, 33 of 34; 1 can never be",
    ] == lacking.stdout.splitlines()


def test_machines_are_told_the_same(copy):
    without_case(copy, "pain of five")
    told = json.loads(run("--rulesets", copy, "--json").stdout)
    (pain,) = told["rulesets"]

    assert (97.06, 33, 1, 0, 1) == tuple(told[key] for key in ("share", "met", "missing", "excused", "never"))
    assert {"met": 5, "pinned": 0, "missing": 1, "excused": 0, "never": 0} == pain["kinds"]["limit"]
    assert ["missing", "never"] == [goal["standing"] for goal in pain["uncovered"]]


def test_the_pages_mark_each_line_and_stand_alone(copy, tmp_path):
    without_case(copy, "pain of five")
    run("--rulesets", copy, "--html", tmp_path / "pages")
    page = (tmp_path / "pages" / "pain.html").read_text(encoding="utf-8")
    index = (tmp_path / "pages" / "index.html").read_text(encoding="utf-8")
    row = next(one for one in page.split("<tr ") if one.startswith('id="line-61"'))

    assert 'class="is-doubt"' in row
    assert '<span class="missing">Missing:</span> <code>pain_score: at least 6</code> at 5, next to 6' in row
    assert '<a href="pain.html">Pain, one rule for each thing that cases have to show</a>' in index
    assert not any(word in page + index for word in ("<script", "http://", "https://cdn", " src="))
