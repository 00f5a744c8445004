"""`cds diff`: what a revision of the rulesets gains, loses and changes over lives and over logged requests."""

import json
import shutil
import subprocess
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from cds.cli import main
from cds.hooks.catalogue import catalogue
from cds.ruleset.load import load
from cds.workbench.differences import Place, Request, Said, differences, over_lives, over_requests, report
from tests.hooks.messages import bundle, condition, data, request
from tests.serving import ROOT

RULESETS = ROOT / "tests" / "hooks" / "rulesets"
SEEN = datetime(2026, 12, 10, tzinfo=UTC)


def life(folder):
    patient = {"resourceType": "Patient", "id": "1", "birthDate": "1970-01-01"}
    visit = {"resourceType": "Encounter", "id": "v", "status": "finished", "period": {"start": SEEN.isoformat()}}
    burning = condition("36349006", "Burning pain", recordedDate="2026-11-01")
    file = folder / "anna.json"
    file.write_text(json.dumps(bundle(patient, visit, burning)))
    return file


def revision(folder, *changes):
    """The rulesets of the tests with texts replaced."""
    shutil.copytree(RULESETS, folder)
    file = folder / "demo" / "pain" / "ruleset.yaml"
    text = file.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text)
    return folder


def served(folder):
    return catalogue(load(folder))


@pytest.fixture(scope="module")
def old():
    return served(RULESETS)


ANOTHER_CODE = ('"36349006": Burning pain', '"161882006": Stiff neck')
SAID_OTHERWISE = ('summary: "{burning} reported"', 'summary: "{burning} told"')
MORE_URGENT = ('indicator: info\n      summary: "{burning}', 'indicator: warning\n      summary: "{burning}')
SHOWN = Said("info", "Burning pain reported")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], []),
        ([ANOTHER_CODE], [("lost", SHOWN, None)]),
        ([SAID_OTHERWISE], [("changed", SHOWN, Said("info", "Burning pain told"))]),
        ([MORE_URGENT], [("changed", SHOWN, Said("warning", "Burning pain reported"))]),
    ],
    ids=["nothing", "another code", "other words", "more urgent"],
)
def test_each_difference_is_found_and_told_with_both_cards(old, tmp_path, changes, expected):
    new = served(revision(tmp_path / "new", *changes))
    calls = over_lives((old.offers("pain"), new.offers("pain")), [life(tmp_path)], UTC)
    found = list(differences(calls))

    assert [(one.kind, one.then, one.now) for one in found] == expected
    assert {(one.rule, one.place) for one in found} <= {("P-20.card", Place("anna", SEEN, "patient-view"))}


def test_what_is_lost_one_way_is_gained_the_other_way(old, tmp_path):
    new = served(revision(tmp_path / "new", ANOTHER_CODE))
    [found] = differences(over_lives((new.offers("pain"), old.offers("pain")), [life(tmp_path)], UTC))

    assert (found.kind, found.then, found.now) == ("gained", None, SHOWN)


def test_a_difference_is_explained_by_both_revisions(old, tmp_path):
    new = served(revision(tmp_path / "new", ANOTHER_CODE))
    calls = over_lives((old.offers("pain"), new.offers("pain")), [life(tmp_path)], UTC)
    lines = list(report(list(differences(calls)), 1))

    assert lines[:6] == [
        "1 calls, 1 of them answered differently",
        "",
        "lost P-20.card: 1 times, 1 patient",
        "  first: anna, 2026-12-10 00:00, patient-view",
        "  old card: info: Burning pain reported",
        "  old:",
    ]
    assert [line for line in lines if "P-20.card:" in line][1:] == [
        "    ✓ P-20.card: fired. Burning pain",
        "    ✗ P-20.card: silent. Burning pain",
    ]


def test_a_service_that_is_new_gains_all_its_cards(old, tmp_path):
    [found] = differences(over_lives(({}, old.offers("pain")), [life(tmp_path)], UTC))

    assert (found.kind, found.why[:2]) == ("gained", ("old:", "  no such rule at this hook"))


def test_logged_requests_are_answered_by_both(old, tmp_path):
    body = json.dumps(request(prefetch=data(condition("36349006", "Burning pain")))).encode()
    logged = [Request("d-1", "pain", "patient-view", SEEN, body), Request("d-2", "gone", "patient-view", SEEN, body)]
    new = served(revision(tmp_path / "new", ANOTHER_CODE))

    [found] = differences(over_requests(old, new, logged))

    assert (found.kind, found.rule, found.place.patient) == ("lost", "P-20.card", "d-1")


def run(*arguments):
    return CliRunner().invoke(main, ["diff", *map(str, arguments)])


def test_the_command_ends_with_1_when_something_differs(tmp_path):
    new = revision(tmp_path / "new", ANOTHER_CODE)
    file = life(tmp_path)
    same = run(RULESETS, RULESETS, "--over", file, "--service", "pain")
    other = run(RULESETS, new, "--over", file, "--service", "pain", "--json")

    assert (same.exit_code, same.stdout) == (0, "1 calls, 0 of them answered differently\n")
    assert (other.exit_code, [one["kind"] for one in json.loads(other.stdout)]) == (1, ["lost"])


def test_a_revision_may_be_a_commit(tmp_path, monkeypatch):
    def git(*arguments):
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True)

    revision(tmp_path / "rulesets")
    git("init")
    git("add", ".")
    git("commit", "-m", "first")
    shutil.rmtree(tmp_path / "rulesets")
    revision(tmp_path / "rulesets", ANOTHER_CODE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CDS_RULESETS", "rulesets")
    ran = run("HEAD", "rulesets", "--over", life(tmp_path), "--service", "pain")

    assert ran.exit_code == 1
    assert "lost P-20.card: 1 times, 1 patient" in ran.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nothing", RULESETS, "--over", "x.json"], "nothing: neither a folder nor a commit that has "),
        (["--output=x", RULESETS, "--over", "x.json"], "No such option"),
        ([RULESETS, RULESETS], "choose what to compare over: --over PATIENTS or --decisions"),
        ([RULESETS, RULESETS, "--over", "x.json", "--decisions"], "choose what to compare over"),
        ([RULESETS, RULESETS, "--over", "x.json", "--service", "pain"], "x.json: No such file or directory"),
    ],
)
def test_wrong_options_are_told(arguments, told):
    ran = run(*arguments)

    assert ran.exit_code == 2
    assert told in ran.stderr
