"""One file for each sort of defect that can be proven of a ruleset, and one that is sound: tests/workbench/soundness.

The comment at the top of a file lists what is found, with its line; what it does not say is added below it.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from cds.cli import main
from cds.ruleset.load import load
from cds.workbench import testing
from cds.workbench.bench import Bench
from cds.workbench.soundness import checking, proving
from cds.workbench.soundness.telling import cases
from tests.ruleset.folders import ROOT, completed, folder, services

FIXTURES = ROOT / "tests" / "workbench" / "soundness"
BAD = sorted(FIXTURES.glob("*.bad.yaml"))
GOOD = sorted(FIXTURES.glob("*.good.yaml"))
TODAY = date(2026, 11, 21)
IMAGE = """\
{"resourceType": "ServiceRequest", "status": "draft", "intent": "proposal", "subject": {"reference": "{patient}"},
 "code": {"coding": [{"system": "https://cds.example.org/fhir/CodeSystem/spine-cds-findings", "code": "mri-lumbar"}]},
 "supportingInfo": "{evidence}"}
"""
A_CASE = "ruleset: library\ntoday: 2026-11-21\ncases:\n  - {name: nothing, facts: {}, conclusions: [], cards: []}\n"


def sort_of(path):
    return path.name.split(".")[0].replace("-", " ")


def placed(path, tmp_path):
    name = path.name.split(".")[0]
    told = path.with_name(path.name.replace(".yaml", ".tests.yaml"))
    files = {
        f"example/{name}/ruleset.yaml": completed(path.read_text(encoding="utf-8"), name),
        f"example/{name}/templates/stat.json": '{"priority": "stat"}',
        f"example/{name}/templates/image.json": IMAGE,
        "example/library/tests.yaml": A_CASE,
        "services.yaml": services("library", name),
    }
    if told.exists():
        files[f"example/{name}/tests.yaml"] = told.read_text(encoding="utf-8")
    return folder(tmp_path, files)


def found_in(root, sort):
    """Of what the fixture itself says, or the services; the library is its surroundings."""
    findings = checking.findings(root, TODAY, proving.findings)
    return [one for one in findings if one.sort == sort and "/library/" not in one.place.file]


def told(finding):
    place = finding.place
    where = f"{place.line}" if place.file.endswith("ruleset.yaml") else f"{Path(place.file).name}:{place.line}"
    return f"{where}: {finding.message}"


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.name)
def test_each_defect_is_found_with_its_place(path, tmp_path):
    lines = path.read_text(encoding="utf-8").splitlines()
    expected = [line.removeprefix("# ") for line in lines if line.startswith("# ")]

    assert expected == sorted(told(one) for one in found_in(placed(path, tmp_path), sort_of(path)))


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
def test_what_is_sound_is_left_alone(path, tmp_path):
    assert [] == [told(one) for one in found_in(placed(path, tmp_path), sort_of(path))]


def test_every_sort_of_finding_has_a_ruleset_with_it_and_one_without():
    sorts = {*checking.PROVEN, "never read", "untested", "source", "overdue", "no card", "unit"}

    assert (sorts, sorts) == ({sort_of(path) for path in BAD}, {sort_of(path) for path in GOOD})


@pytest.mark.parametrize("sort", ["gap", "overlap", "contradiction"])
def test_a_witness_is_a_case_that_passes(sort, tmp_path):
    root = placed(FIXTURES / f"{sort}.bad.yaml", tmp_path)
    knowledge = load(root)
    shown = [line for one in found_in(root, sort) for line in cases(one, knowledge)]
    file = root / "example" / sort / "tests.yaml"
    file.write_text("\n".join([f"ruleset: {sort}", "today: 2026-11-21", "cases:", *shown]), encoding="utf-8")

    results = list(testing.run(Bench(root), testing.collect(root, file)))

    assert [(result.passed, result.differences) for result in results] == [(True, ())] * len(results)
    assert len(results) == len(found_in(root, sort))


def test_a_witness_is_as_small_as_can_be(tmp_path):
    [found] = found_in(placed(FIXTURES / "overlap.bad.yaml", tmp_path), "overlap")
    assert found.witness is not None

    assert {"egfr": {"value": 30.0}} == {name: fact.attributes for name, fact in found.witness.facts.items()}


def checked(root, *options):
    answer = CliRunner().invoke(main, ["check", str(root), "--deep", "--today", "2026-11-21", *options])
    return answer.exit_code, answer.output


REASON = """\
ruleset: overlap
sound:
  - {sort: overlap, findings: [U-1.poor / U-1.fair], reason: At 30 both are said.}
"""


def test_a_finding_with_a_reason_is_accepted(tmp_path):
    root = placed(FIXTURES / "overlap.bad.yaml", tmp_path)
    before = checked(root)[1]
    (root / "example" / "overlap" / "sound.yaml").write_text(REASON, encoding="utf-8")

    assert ("overlap: egfr 30" in before, "overlap: egfr 30" in checked(root)[1]) == (True, False)


def test_a_reason_for_what_is_not_found_is_refused(tmp_path):
    root = placed(FIXTURES / "overlap.good.yaml", tmp_path)
    (root / "example" / "overlap" / "sound.yaml").write_text(REASON, encoding="utf-8")
    code, output = checked(root)

    expected = 'overlap/sound.yaml:3: there is no "overlap" any more of U-1.poor / U-1.fair: take the reason out'
    assert (3, True) == (code, expected in output)


def test_without_the_solver_the_rest_is_done_and_said(tmp_path, monkeypatch):
    root = placed(FIXTURES / "overlap.bad.yaml", tmp_path)
    (root / "example" / "overlap" / "sound.yaml").write_text(REASON, encoding="utf-8")
    monkeypatch.setattr("cds.cli.checking._SOLVER", "no_solver_of_this_name")
    _, output = checked(root)

    assert ("nothing is proven" in output, "untested:" in output, "there is no" in output) == (True, True, False)
