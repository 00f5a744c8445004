"""`cds report` and `cds keep`: what is written for the pages of the rulesets."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from cds.cli import main
from cds.monograph.document import Monograph
from cds.ruleset.load import load
from cds.settings import Settings
from cds.web.app import create_app
from tests.ruleset.folders import completed, folder, services

RULES = """
facts:
  residual:
    title: Residual
    find: observation
    in: {system: spine-local, codes: {pvr-volume: Post-void residual volume}}
    unit: mL
rules:
  - {id: EX-1.raised, title: Raised, when: [residual: at least 200 mL], conclude: residual-raised}
"""
CASES = """
ruleset: limits
today: 2026-11-21
cases:
  - {name: at the limit, facts: {residual: 200 mL}, conclusions: [residual-raised], cards: []}
  - {name: below it, facts: {residual: 199 mL}, conclusions: [], cards: []}
  - {name: one that is wrong, facts: {residual: 50 mL}, conclusions: [residual-raised], cards: []}
"""


@pytest.fixture
def root(tmp_path):
    files = {
        "example/limits/ruleset.yaml": completed(RULES, "limits"),
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


def test_a_report_is_what_the_pages_tell_of_these_very_files(root, tmp_path):
    told = run("report", "--rulesets", root)
    written = json.loads((root / "results.json").read_bytes())
    found = page(root, tmp_path)["validation"]

    assert 0 == told.exit_code, told.output
    assert re.search(r"^limits: 2 of 3 cases passed; 1 of 1 rules that fire", told.output, re.MULTILINE)
    assert load(root).files == written["files"]
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
    ruleset = root / "example/limits/ruleset.yaml"
    ruleset.write_text(ruleset.read_text(encoding="utf-8").replace("200 mL", "201 mL"), encoding="utf-8")

    assert page(root, tmp_path)["validation"] is None


def test_a_version_is_kept_once(root, tmp_path):
    first = run("keep", tmp_path / "kept", "--rulesets", root)
    kept = tmp_path / "kept/limits/1.0.0.json"
    before = kept.read_bytes()
    ruleset = root / "example/limits/ruleset.yaml"
    ruleset.write_text(ruleset.read_text(encoding="utf-8").replace("200 mL", "201 mL"), encoding="utf-8")
    again = run("keep", tmp_path / "kept", "--rulesets", root)
    same = kept.read_bytes()
    replaced = run("keep", tmp_path / "kept", "--replace", "--rulesets", root)

    assert ["2 kept, 0 were kept before", "0 kept, 2 were kept before", "2 kept, 0 were kept before"] == [
        one.output.strip() for one in (first, again, replaced)
    ]
    assert (before, True) == (same, b"201 mL" in kept.read_bytes())
    assert "limits" == msgspec.json.decode(before, type=Monograph).id
