"""Mutation testing: of each kind of mistake one that is noticed, and one that slips through when a case is gone."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cds.cli import main
from cds.errors import InputError
from cds.ruleset.load import load
from cds.workbench.mutation import report
from cds.workbench.mutation.survivors import mutation, speaking_of, survivors
from cds.workbench.testing import collect
from cds.workbench.traces import Stage
from tests.web import markup

SEEDED = Path(__file__).with_name("seeded") / "mutation"

SIX = "A-01.painful | limit | `score: at least 7` -> at least 6"

SLIPPING = [
    (["thirteen days, mild"], "A-02.new | dropped | `headache.severity: is one of moderate, severe`"),
    (["eight, burning", "burning, with headache"], "signs | negated | `headache` -> without"),
    (["fifteen days, severe", "thirteen days, mild"], "A-02.new | combined | any of its conditions will do"),
    (
        ["eight, burning, and nobody says whether there is headache"],
        "A-04.card | unknown | `without: headache` -> unless",
    ),
    (["six, with a stiff neck"], SIX),
    (["seven, with a stiff neck"], "A-01.painful | comparison | `score: at least 7` -> above 7"),
    (["fifteen days, severe"], "A-02.new | window | `headache: onset within 14 days` -> at most 15"),
    (
        ["thirteen days, moderate"],
        "A-02.new | choice | `headache.severity: is one of moderate, severe` without moderate",
    ),
    (["eight, with a stiff neck and headache"], "signs | points | `stiff_neck` -> 2 points"),
    (["a neck that was stiff eleven days ago"], "stiff_neck | look-back | `current: 10` -> 11"),
    (
        ["a score of seven days ago that was higher, a neck that was stiff ten days ago"],
        "score | parameter | `take: highest` -> latest",
    ),
    (["a thunderclap ten days ago, severe"], "headache | codes | `in` without snomed 95660002"),
]


@pytest.fixture(scope="module")
def stage():
    return Stage.of(SEEDED)


@pytest.fixture(scope="module")
def cases(stage):
    return collect(SEEDED, knowledge=stage.usual)


@pytest.fixture
def copy(tmp_path):
    return Path(shutil.copytree(SEEDED, tmp_path / "mutation"))


def ids(found):
    return [fate.mutant.id for fate in found.survivors]


def judged(folder):
    stage = Stage.of(folder)
    return mutation(stage, ["alarm"], collect(folder, knowledge=stage.usual))


def written(folder, name, text):
    (folder / "demo" / "alarm" / name).write_text(text, encoding="utf-8")


def test_sound_cases_notice_every_mutant_of_every_kind(stage, cases):
    found = mutation(stage, ["alarm"], cases)

    assert [] == ids(found)
    assert {"killed"} == {fate.end for fate in found.fates}
    assert {kind.split(" | ")[1] for _, kind in SLIPPING} | {"card"} == {fate.mutant.kind for fate in found.fates}


@pytest.mark.parametrize(("gone", "survivor"), SLIPPING, ids=[survivor.split(" | ")[1] for _, survivor in SLIPPING])
def test_a_mutant_survives_without_the_case_that_tells_it_apart(stage, cases, gone, survivor):
    left = [case for case in cases if case.name not in gone]

    assert len(cases) - len(gone) == len(left)
    assert survivor in ids(mutation(stage, ["alarm"], left))


def test_a_mutant_of_a_card_survives_without_golden_cards(copy):
    (copy / "demo" / "alarm" / "cards.yaml").unlink()

    found = ids(judged(copy))

    assert "A-04.card | card | `indicator: warning` -> critical" in found
    assert {"card"} == {one.split(" | ")[1] for one in found}


@pytest.mark.parametrize("jobs", [2, 3])
def test_several_processes_find_what_one_finds(stage, cases, jobs):
    left = cases[:9]

    alone, together = (mutation(stage, ["alarm"], left, number) for number in (1, jobs))

    assert sorted(ids(alone)) == sorted(ids(together))


def test_survivors_of_the_rules_are_told_for_one_ruleset(stage, cases):
    left = [case for case in cases if case.name != "six, with a stiff neck"]

    found = [mutant.id for mutant in survivors(stage, "alarm", left)]

    assert [SIX] == found


SAID = """\
ruleset: alarm
mutants:
  - mutant: {mutant}
    reason: Below seven nobody is asked.
"""


@pytest.mark.parametrize(
    ("mutant", "stale"),
    [
        (SIX, []),
        (
            "A-01.painful | limit | `score: at least 7` -> at least 9",
            ['there is no mutant "A-01.painful | limit | `score: at least 7` -> at least 9" (any more)'],
        ),
        (
            "A-01.painful | negated | `score: at least 7` -> below",
            ['there is no mutant "A-01.painful | negated | `score: at least 7` -> below" (any more)'],
        ),
        (
            "A-01.painful | comparison | `score: at least 7` -> above 7",
            ['the mutant "A-01.painful | comparison | `score: at least 7` -> above 7" is killed'],
        ),
    ],
)
def test_a_reason_is_refused_where_none_is_wanted(copy, mutant, stale):
    tests = (copy / "demo" / "alarm" / "tests.yaml").read_text(encoding="utf-8")
    first, rest = tests.split("  - name: six, with a stiff neck")
    written(copy, "tests.yaml", first + "  - name: eight, burning" + rest.split("  - name: eight, burning", 1)[1])
    written(copy, "survivors.yaml", SAID.replace("{mutant}", json.dumps(mutant)))

    found = judged(copy)

    assert len(stale) == len(found.stale)
    assert all(said in str(problem) for said, problem in zip(stale, found.stale, strict=True))
    assert ("justified" in {fate.end for fate in found.fates}) is not bool(stale)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_case_that_fails_as_it_is_stops_the_trial(copy, jobs):
    tests = (copy / "demo" / "alarm" / "tests.yaml").read_text(encoding="utf-8")
    written(copy, "tests.yaml", tests.replace("score: 6", "score: 7"))
    stage = Stage.of(copy)

    with pytest.raises(InputError, match="six, with a stiff neck: fails as it is"):
        mutation(stage, ["alarm"], collect(copy, knowledge=stage.usual), jobs)


@pytest.mark.parametrize(
    ("left", "exit_code", "told"),
    [
        ((), 0, ["alarm: 100.0 %, 55 of 55 mutants killed"]),
        (
            ("six, with a stiff neck",),
            1,
            [
                f"mutation/demo/alarm/ruleset.yaml:46: survives: {SIX}",
                "     missing: a case on each side of the limit, one step apart",
                "alarm: 98.2 %, 54 of 55 mutants killed",
            ],
        ),
    ],
)
def test_the_command_lists_survivors_with_their_place(copy, left, exit_code, told):
    tests = (copy / "demo" / "alarm" / "tests.yaml").read_text(encoding="utf-8")
    for name in left:
        first, rest = tests.split(f"  - name: {name}\n")
        tests = f"{first}  - name: {rest.split('  - name: ', 1)[1]}"
    tests = tests.replace("case: six", "case: seven")
    written(copy, "tests.yaml", tests)

    done = CliRunner().invoke(main, ["mutate", "--jobs", "1", "--rulesets", str(copy), str(copy)])

    assert told == done.stdout.splitlines()
    assert exit_code == done.exit_code


def test_the_pages_mark_each_line_and_stand_alone(copy, tmp_path):
    (copy / "demo" / "alarm" / "cards.yaml").unlink()
    tests = (copy / "demo" / "alarm" / "tests.yaml").read_text(encoding="utf-8")
    first, rest = tests.split("  - name: six, with a stiff neck")
    written(copy, "tests.yaml", first + "  - name:" + rest.split("  - name:", 1)[1])
    written(copy, "survivors.yaml", SAID.replace("{mutant}", json.dumps(SIX)))

    CliRunner().invoke(main, ["mutate", "--rulesets", str(copy), "--html", str(tmp_path / "pages"), "--jobs", "1"])
    page = (tmp_path / "pages" / "alarm.html").read_text(encoding="utf-8")
    index = (tmp_path / "pages" / "index.html").read_text(encoding="utf-8")
    rows = {number: row for row in page.split('<tr id="line-') for number in [row.partition('"')[0]]}

    assert 'class="is-good"' in rows["46"]
    assert "limit, <code>score: at least 7</code> -&gt; at least 6" in rows["46"]
    assert "left, because Below seven nobody is asked." in rows["46"]
    assert 'class="is-doubt"' in rows["68"]
    assert '<span class="missing">Survives:</span> card, <code>indicator: warning</code> -&gt; critical' in rows["68"]
    assert "Missing: the golden card of the rule" in rows["68"]
    assert ([], []) == (markup.page(page).faults, markup.page(index).faults)
    assert '<a href="alarm.html">Alarm, for the tests of mutation</a>' in index
    assert '<span class="missing">0 of 5</span>' in index


def test_only_cases_that_have_something_to_say_are_heard(stage, cases):
    assert ([], list(cases)) == (
        speaking_of(["elsewhere"], cases, stage.usual),
        speaking_of(["alarm"], cases, stage.usual),
    )


def test_the_shares_are_told_by_ruleset_and_kind(stage, cases):
    found: Any = report.as_json(mutation(stage, ["alarm"], cases))

    assert {"share": 100.0, "killed": 55, "survived": 0, "justified": 0, "equivalent": 0} == found["rulesets"]["alarm"]
    assert {"killed": 4} == found["kinds"]["look-back"]
    assert [] == found["survivors"]


def test_mutants_keep_their_names_when_lines_move(copy):
    before = {fate.mutant.id for fate in judged(SEEDED).fates}
    ruleset = (copy / "demo" / "alarm" / "ruleset.yaml").read_text(encoding="utf-8")
    written(copy, "ruleset.yaml", ruleset.replace("\nrules:\n", "\n# a line\n# and another\nrules:\n"))

    assert load(copy).rulesets["alarm"].rules[0].place.line > load(SEEDED).rulesets["alarm"].rules[0].place.line
    assert before == {fate.mutant.id for fate in judged(copy).fates}
