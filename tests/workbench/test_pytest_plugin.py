"""pytest collects the cases beside rulesets, wherever this project is installed."""

import subprocess
import sys

import pytest

from cds.ruleset.cases import FILES
from cds.workbench import pytest_plugin
from cds.workbench.bench import Bench
from cds.workbench.testing import collect
from cds.workbench.writing import write
from tests.serving import ROOT
from tests.workbench.small import CASES, rulesets


@pytest.fixture
def run(tmp_path):
    """pytest as another project runs it, with a configuration of its own: the plugin is there by being installed."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n")

    def pytest_on(*words):
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words]
        environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=environment)

    return pytest_on


def test_each_case_is_a_test_of_its_name(tmp_path, run):
    rulesets(tmp_path)

    assert [
        f"rulesets/demo/pain/tests.yaml::{name}"
        for name in (
            "four days a week with headache",
            "exactly two days a week",
            "another four days a week",
            "a medicine is ordered",
        )
    ] == run("--collect-only", "-q", "rulesets").stdout.splitlines()[:4]


def test_a_case_that_fails_is_told_as_cds_test_tells_it(tmp_path, run):
    rulesets(
        tmp_path,
        CASES.replace(
            "[frequent-use]\n    cards: [P-01.card]\n  - name: exactly", "[]\n    cards: []\n  - name: exactly"
        ),
    )
    told = run("rulesets", "-q", "-k", "four")

    assert 1 == told.returncode
    assert "conclusion frequent-use: not expected" in told.stdout
    assert "nsaid_days is present (value 4)" in told.stdout
    assert "Traceback" not in told.stdout
    assert "def runtest" not in told.stdout


def test_the_pins_of_a_file_are_one_test_that_tells_each_that_broke(tmp_path, run):
    root = rulesets(tmp_path)
    head = "ruleset: pain\n"
    pins = CASES.replace(head, f"{head}pins: what the rules do\n").replace("name: ", "name: pinned ")
    file = root / "demo" / "pain" / "pins.yaml"
    file.write_text(pins)
    passed = run("--collect-only", "-q", "rulesets").stdout
    file.write_text(pins.replace("2 d/wk", "3 d/wk").replace("conclusions: [frequent-use]", "conclusions: []"))
    failed = run("rulesets", "-q")

    assert "pins.yaml::4 pins" in passed
    assert "5 tests collected" in passed
    assert 1 == failed.returncode
    assert "1 failed, 4 passed" in failed.stdout
    assert 4 == failed.stdout.count("conclusion frequent-use: not expected")


def test_golden_cards_are_one_test_more(tmp_path, run):
    root = rulesets(tmp_path)
    (file,) = write(Bench(root), collect(root))
    passed = run("rulesets", "-q").stdout
    file.write_text(file.read_text().replace("P-04.card", "P-05.card"))
    failed = run("rulesets", "-q").stdout

    assert "5 passed" in passed
    assert 'card P-04.card: shown by the case "a medicine is ordered", and not in cards.yaml' in failed


def test_mistakes_in_the_rulesets_stop_the_collection_with_their_places(tmp_path, run):
    root = rulesets(tmp_path)
    file = root / "demo" / "pain" / "ruleset.yaml"
    file.write_text(file.read_text().replace("when: [thunderclap]", "when: [thunderklap]"))
    told = run("rulesets", "-q")

    assert 2 == told.returncode
    assert 'unknown fact or conclusion "thunderklap"; did you mean "thunderclap"?' in told.stdout


@pytest.mark.parametrize(
    "name", ["tests.yaml", "demo/tests.yaml", "demo/pain/cases.yaml", "demo/pain/deeper/tests.yaml"]
)
def test_files_elsewhere_are_left_alone(tmp_path, run, name):
    root = rulesets(tmp_path)
    (root / "demo" / "pain" / "tests.yaml").unlink()
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text("no: cases\n")

    assert "no tests ran" in run("rulesets").stdout


def test_the_files_are_those_that_cds_test_reads():
    assert FILES == pytest_plugin.FILES


def test_nothing_is_imported_where_there_are_no_rulesets(run):
    code = "import sys, cds.workbench.pytest_plugin; print([name for name in sys.modules if name.startswith('cds.')])"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert "['cds.workbench', 'cds.workbench.pytest_plugin']\n" == told.stdout
