"""Pins of facts: small records, found by search, that tell a fact from a mistaken one."""

import re

import pytest
from click.testing import CliRunner

from cds.cli import main
from cds.ruleset.load import load
from cds.ruleset.model import FactSpec
from cds.workbench import testing
from cds.workbench.bench import Bench
from cds.workbench.mutation.equivalent_facts import same_fact
from cds.workbench.mutation.of_facts import of_fact
from cds.workbench.mutation.survivors import mutation
from cds.workbench.pins import running_of_facts
from cds.workbench.testing import collect
from cds.workbench.traces import Stage
from tests.ruleset.folders import completed, folder

WEAKNESS = '{system: snomed, codes: {"713514005": Weakness of limb}}'
HISTORY = '{system: icd-10-cm, codes: {"Z85": History}}'
LEG = '{system: snomed, codes: {"30021000": Lower leg}}'
SCORE = '{system: loinc, codes: {"72514-3": Pain}}, unit: "{score}"'
CRP = '{system: loinc, codes: {"1988-5": CRP}}, unit: mg/L'
LISTED = """\
valueset: vs-listed
version: 1.0.0
title: Codes that the facts list in place
source: the tests
codes:
  - {system: snomed, code: "713514005", display: Weakness of limb, verified_in: the tests}
  - {system: snomed, code: "30021000", display: Lower leg, verified_in: the tests}
  - {system: snomed, code: "193462001", display: Insomnia, verified_in: the tests}
  - {system: icd-10-cm, code: "Z85", display: History, verified_in: the tests}
  - {system: loinc, code: "72514-3", display: Pain, verified_in: the tests}
  - {system: loinc, code: "1988-5", display: CRP, verified_in: the tests}
  - {system: loinc, code: "24968-7", display: MRI, verified_in: the tests}
  - {system: loinc, code: "30713-8", display: CT, verified_in: the tests}
  - {system: rxnorm, code: "5640", display: Ibuprofen, verified_in: the tests}
  - {system: rxnorm, code: "1191", display: Aspirin, verified_in: the tests}
"""
FACTS = {
    "numbness": f"{{find: finding, in: vs-sciatica, current: 30 days, except: {HISTORY}}}",
    "old": "{find: condition, in: [vs-sciatica, hd-cond-headache-any], status: ever, within: 90 days}",
    "left_pain": "{find: finding, in: vs-sciatica, side: left}",
    "weakness": f"{{find: finding, in: {WEAKNESS}, unsited: {WEAKNESS}, at: {LEG}, near: vs-sciatica}}",
    "weak_legs": f"{{derive: bilateral, in: {WEAKNESS}, unsited: {WEAKNESS}, at: {LEG}, near: vs-sciatica}}",
    "lately": f"{{find: observation, in: {SCORE}, within_hours: 48 hours}}",
    "most": f"{{find: observation, in: {SCORE}, take: highest}}",
    "ordered": '{find: draft-request, in: {system: loinc, codes: {"24968-7": MRI, "30713-8": CT}}, for: vs-sciatica}',
    "taken": '{find: medication, in: {system: rxnorm, codes: {"5640": Ibuprofen}}, within: 14 days, drafts: true}',
    "seen": "{find: encounter, reason: vs-sciatica}",
    "allergic": '{find: allergy, in: {system: rxnorm, codes: {"5640": Ibuprofen, "1191": Aspirin}}}',
    "raised": f"{{derive: raised-marker, in: {CRP}, limit: 5, within: 30 days}}",
}


def small(tmp_path, facts):
    lines = [f"  {name}: {{title: {name}, {written[1:]}" for name, written in facts.items()]
    text = completed("\n".join(["facts:", *lines, "rules: []", ""]), "small")
    return folder(tmp_path, {"example/small/ruleset.yaml": text, "valuesets/vs-listed.yaml": LISTED})


def place(root):
    return root / "example" / "small"


def pinned(root):
    (written,) = running_of_facts.write(root, place(root))
    return written.found


def results(root):
    bench = Bench(root)
    return [testing.result(bench, case) for case in collect(root, place(root), knowledge=bench.knowledge)]


def changed(root, old, new):
    file = place(root) / "ruleset.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(("name", "fact"), FACTS.items(), ids=FACTS)
def test_every_mutant_of_a_fact_is_told_by_pins_that_hold(tmp_path, name, fact):
    root = small(tmp_path, {name: fact})

    found = pinned(root)

    mutants = {mutant.id for mutant in of_fact(found.ruleset.facts[name])}
    assert mutants == {mutant.id for pin in found.pins for mutant in pin.tells}
    assert [()] * len(found.pins) == [result.differences for result in results(root)]


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("numbness", "30 days", "31 days", "fact numbness: expected absent, but it is present"),
        ("numbness", "30 days", "29 days", "fact numbness: expected present, but it is absent"),
        ("left_pain", "side: left", "side: right", "fact left_pain: expected present, but it is absent"),
        ("ordered", ', "30713-8": CT', "", "fact ordered: expected present, but it is absent"),
        (
            "ordered",
            "for: vs-sciatica",
            "for: hd-cond-headache-any",
            "fact ordered.reason: expected yes, but it is other",
        ),
        ("most", "take: highest", "take: lowest", "fact most.value: expected 13, but it is 3"),
    ],
)
def test_a_change_of_a_fact_breaks_a_pin_which_says_how(tmp_path, name, old, new, said):
    root = small(tmp_path, {name: FACTS[name]})
    pinned(root)
    changed(root, old, new)

    assert said in {words for result in results(root) for words in result.differences}


def test_a_broken_pin_shows_what_the_fact_was_read_from(tmp_path):
    root = small(tmp_path, {"numbness": FACTS["numbness"]})
    pinned(root)
    changed(root, "30 days", "31 days")

    (broken,) = [result for result in results(root) if not result.passed]

    line = broken.case.record[0].spot.line
    assert broken.explanation[0].startswith("numbness is present (")
    assert f"[line {line}]" in broken.explanation[1]


def test_both_sides_of_a_look_back_are_pinned_a_day_apart(tmp_path):
    root = small(tmp_path, {"numbness": FACTS["numbness"]})

    pins = {
        pin.gives["record"][0]["at"]: pin.comes_to.state.value for pin in pinned(root).pins if "30 ->" not in pin.name
    }

    assert ("present", "absent") == (pins["today-30d"], pins["today-31d"])


def test_the_file_says_what_pins_are_and_is_the_same_each_time(tmp_path):
    root = small(tmp_path, FACTS)
    pinned(root)
    first = (place(root) / "fact-pins.yaml").read_text(encoding="utf-8")

    (again,) = running_of_facts.write(root, place(root))

    assert "nobody has compared them with the clinical documents" in re.sub(r"\s+", " ", first)
    assert not again.changed


def test_pins_are_out_of_date_when_a_fact_asks_for_more(tmp_path):
    root = small(tmp_path, {"numbness": FACTS["numbness"]})
    pinned(root)
    before = list(running_of_facts.out_of_date(root, place(root)))
    changed(root, "in: vs-sciatica", "in: [vs-sciatica, hd-cond-headache-any]")

    file = place(root) / "fact-pins.yaml"
    assert ([], [f"{file}: cds pin --facts would write it otherwise"]) == (
        before,
        list(running_of_facts.out_of_date(root, place(root))),
    )


def test_the_command_writes_and_checks(tmp_path):
    root = small(tmp_path, {"numbness": FACTS["numbness"]})
    path = str(place(root))

    runs = [
        CliRunner().invoke(main, ["pin", *options, path, "--rulesets", str(root)])
        for options in (["--facts", "--check"], ["--facts"], ["--facts", "--check"])
    ]

    assert [1, 0, 0] == [run.exit_code for run in runs]
    assert "small: 3 pins tell 3 mutants from the facts, 0 are told by none\n" == runs[1].output


def test_mutation_counts_what_a_pin_of_a_fact_notices(tmp_path):
    root = small(tmp_path, {"numbness": FACTS["numbness"]})
    pinned(root)

    def ends(cases):
        stage = Stage.of(root)
        return {fate.mutant.id: fate.end for fate in mutation(stage, ["small"], cases(stage)).fates}

    assert {"survived"} == set(ends(lambda _: ()).values())
    assert {"killed"} == set(ends(lambda stage: collect(root, place(root), knowledge=stage.usual)).values())


OVERLAPPING = '[vs-sciatica, {system: snomed, codes: {"23056005": Sciatica, "193462001": Insomnia}}]'
SAME = [
    ("a set within the codes in place", f"{{find: condition, in: {OVERLAPPING}}}", "without vs-sciatica", True),
    ("a code of its own", f"{{find: condition, in: {OVERLAPPING}}}", "without snomed 193462001", False),
    ("a code of the set", f"{{find: condition, in: {OVERLAPPING}}}", "without snomed 23056005", True),
    ("an exception", FACTS["numbness"], "its exception", False),
    ("further back than within", "{find: finding, in: vs-sciatica, within: 30 days, current: 60 days}", "-> 61", True),
    (
        "as far back as within",
        "{find: finding, in: vs-sciatica, within: 60 days, current: 60 days}",
        "`current: 60` -> 61",
        True,
    ),
    (
        "less far back",
        "{find: finding, in: vs-sciatica, within: 60 days, current: 60 days}",
        "`current: 60` -> 59",
        False,
    ),
    ("at any time", "{find: finding, in: vs-sciatica, status: ever, current: 60 days}", "-> 59", True),
    ("also for what is near", f"{{{FACTS['weakness'][1:-1]}, status: ever, current: 60 days}}", "-> 59", False),
    (
        "reassuring",
        "{find: finding, in: vs-sciatica, within: 9 days, current: 9 days, reassuring: true}",
        "`current: 9` -> 10",
        False,
    ),
]


@pytest.mark.parametrize(("fact", "mutant", "same"), [row[1:] for row in SAME], ids=[row[0] for row in SAME])
def test_what_no_record_can_tell_is_proven_and_nothing_else(tmp_path, fact, mutant, same):
    root = small(tmp_path, {"x": fact})
    knowledge = load(root)
    spec = knowledge.rulesets["small"].facts["x"]

    (found,) = [one for one in of_fact(spec) if mutant in one.what]

    assert isinstance(found.changed, FactSpec)
    assert same == same_fact(spec, found.changed, knowledge)
    pins = pinned(root).pins
    assert same == (found.id not in {one.id for pin in pins for one in pin.tells})


@pytest.mark.parametrize(
    ("fact", "comes_to", "said"),
    [
        ("numbnes", "present", 'unknown fact "numbnes"; did you mean "numbness"?'),
        ("numbness", "here", '"here" is not a state'),
        ("numbness", "{sides: left}", 'has no attribute "sides"; did you mean "side"?'),
        ("numbness", "true", "comes_to"),
    ],
)
def test_a_wrong_case_about_a_fact_is_told_with_its_place(tmp_path, fact, comes_to, said):
    root = small(tmp_path, {"numbness": FACTS["numbness"]})
    case = f"  - {{name: N, fact: {fact}, record: [], comes_to: {comes_to}}}"
    (place(root) / "tests.yaml").write_text(f"ruleset: small\ntoday: 2026-11-21\ncases:\n{case}\n", encoding="utf-8")

    told = CliRunner().invoke(main, ["test", str(place(root)), "--rulesets", str(root)])

    assert 3 == told.exit_code
    assert said in told.output
