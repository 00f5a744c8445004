"""What a newcomer gets wrong: every command says in a line what is amiss, with the documented exit code."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from cds.cli import main
from tests.hooks.messages import RULESETS as SMALL
from tests.test_cli import CHART

PATIENT = "Marianne"  # of whom no message may speak
RULESET = Path("demo/pain")
SERVICE = "services:\n  - {{id: pain, hook: {hook}, title: P, description: P., rulesets: [{rulesets}]}}\n"
CASES = "ruleset: pain\ntoday: 2026-11-21\ncases:\n"
FILES = {
    "text.txt": b"hello",
    "binary": bytes(range(256)),
    "patient.json": json.dumps({"resourceType": "Patient", "id": PATIENT}).encode(),
    "list.json": b"[1, 2]",
    "truncated.json": f'{{"resourceType": "Bundle", "entry": [{{"resource": {{"id": "{PATIENT}"'.encode(),
    "deep.json": b"[" * 200_000,
    "entries.json": f'{{"resourceType": "Bundle", "entry": [{{"resource": "{PATIENT}"}}, 5, null]}}'.encode(),
    "good.json": json.dumps(CHART).encode(),
}


@pytest.fixture
def place(tmp_path, monkeypatch):
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("CDS_RULESETS", str(SMALL))
    monkeypatch.setenv("CDS_STATE", str(tmp_path / "var"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def changed(file, content):
    """A copy of the small rulesets in which one file is other than it was; None: it is a folder."""
    shutil.copytree(SMALL, "changed")
    there = Path("changed") / file
    if content is None:
        there.unlink(missing_ok=True)
        there.mkdir()
    else:
        there.write_bytes(content if isinstance(content, bytes) else content.encode())


def run(*words):
    """Exit code, and what was said on standard error, below the usage where there is one."""
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert isinstance(result.exception, SystemExit | None), result.exception
    assert PATIENT not in result.output
    return result.exit_code, result.stderr.splitlines()[-1] if result.stderr else result.stdout


@pytest.mark.parametrize(
    "command",
    [
        ["check", "{}"],
        *([name, "--rulesets", "{}"] for name in ("test", "coverage", "mutate", "report", "pin", "questionnaires")),
        ["keep", "kept", "--rulesets", "{}"],
        ["explain", "good.json", "--rulesets", "{}"],
        ["backtest", "good.json", "--rulesets", "{}"],
    ],
    ids=lambda command: command[0],
)
@pytest.mark.parametrize(
    ("folder", "code", "said"),
    [
        ("nowhere", 2, "cds: nowhere is not a folder of rulesets"),
        ("text.txt", 2, "cds: text.txt is not a folder of rulesets"),
        ("empty", 3, "cds: empty/services.yaml:1: this file is missing; it says which rulesets run at which hook"),
    ],
)
def test_what_is_no_folder_of_rulesets_is_named(place, command, folder, code, said):
    assert (code, said) == run(*(word.format(folder) for word in command))


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("demo/pain/ruleset.yaml", "ruleset: x\n\tversion: 1\n", "ruleset.yaml:2: not YAML: found a tab character"),
        ("demo/pain/ruleset.yaml", bytes(range(256)), "ruleset.yaml:2: the file is not in UTF-8"),
        ("demo/pain/ruleset.yaml", "", "ruleset.yaml:1: the file is empty"),
        ("demo/pain/ruleset.yaml", None, "ruleset.yaml:1: the file is not a regular file"),
        ("services.yaml", "", "services.yaml:1: the file is empty"),
        (
            "services.yaml",
            "packs: {p: []}\n" + SERVICE.format(hook="patient-view", rulesets="p"),
            'services.yaml:1: "p" is an empty list',
        ),
        (
            "services.yaml",
            "packs: {p: [pain], q: [p]}\n" + SERVICE.format(hook="patient-view", rulesets="q"),
            'services.yaml:1: unknown ruleset "p"',
        ),
        ("services.yaml", SERVICE.format(hook="patient-view", rulesets="pian"), 'unknown ruleset "pian"; did you mean'),
    ],
)
def test_a_mistake_in_the_rulesets_has_file_and_line(place, file, content, said):
    changed(file, content)
    code, told = run("check", "changed")

    assert (3, True) == (code, said in told), told


@pytest.mark.parametrize("command", ["test", "coverage", "mutate", "report"])
@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("tests.yaml", CASES + "  - {name: a, facts: {nosuch: present}}\n", "tests.yaml:4:"),
        (
            "tests.yaml",
            CASES + "  - {name: a, facts: {}, conclusions: [], cards: [NO.SUCH]}\n",
            "unknown rule with a card",
        ),
        ("tests.yaml", CASES + "  - name: a\n\tfacts: {}\n", "tests.yaml:5: not YAML: found a tab character"),
        ("tests.yaml", bytes(range(256)), "tests.yaml:2: the file is not in UTF-8"),
        ("pins.yaml", bytes(range(256)), "pins.yaml:2: the file is not in UTF-8"),
    ],
)
def test_a_mistake_in_the_cases_has_file_and_line(place, command, file, content, said):
    changed(RULESET / file, content)
    code, told = run(command, "--rulesets", "changed")

    assert (3, True) == (code, said in told), told


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("test nowhere", 2, "cds: nowhere: no tests.yaml here"),
        ("coverage empty", 2, "cds: empty: no"),
        ("mutate empty", 2, "cds: empty: no ruleset of"),
        ("pin empty", 2, "cds: empty: no ruleset of"),
        ("journeys nowhere", 2, "cds: nowhere: no journeys here"),
        ("samples http://127.0.0.1:9 --folder empty", 2, "cds: empty: no samples here"),
        ("backtest empty --service pain", 2, "cds: empty: no bundles found"),
        ("backtest nowhere --service pain", 2, "cds: nowhere: No such file or directory"),
        ("backtest patient.json --service pain", 2, "cds: patient.json: not a Bundle with entries"),
        ("backtest deep.json --service pain", 2, "cds: deep.json: not a Bundle with entries"),
        ("backtest entries.json --service pain", 2, "cds: entries.json: not a Bundle with entries"),
        ("backtest good.json --service pian", 2, 'cds: unknown service "pian"; did you mean "pain"? (there are: pain'),
        ("explain good.json --service pian", 2, 'cds: unknown service "pian"; did you mean "pain"? (there are: pain'),
        ("explain nowhere --service pain", 2, "cds: nowhere: No such file or directory"),
        ("explain empty --service pain", 2, "cds: empty: Is a directory"),
        ("explain list.json --service pain", 2, "cds: list.json: not a JSON object"),
        ("explain truncated.json --service pain", 2, "cds: truncated.json: the body is not JSON"),
        ("explain entries.json --service pain", 2, "cds: the Bundle holds no patients: say whose record it is"),
        ("explain good.json --service pain --rule NOSUCH", 2, 'cds: unknown rule "NOSUCH"'),
        ("explain good.json --service pain --flip NOSUCH", 2, 'cds: unknown rule "NOSUCH"'),
        ("explain good.json --service pain --flip P-01.card --seconds -1", 2, "Error: Invalid value for '--seconds'"),
        ("explain good.json --service pain --hook nosuch", 2, 'cds: unknown hook of this service "nosuch"'),
        ("explain good.json --service pain --svg nowhere/x.svg", 2, "cds: nowhere/x.svg: No such file or directory"),
        ("validate text.txt", 2, "cds: text.txt: not JSON"),
        ("validate deep.json", 2, "cds: deep.json: not JSON"),
        ("language text.txt", 2, "cds: text.txt: the line <!-- kinds"),
        ("parameters text.txt", 2, "cds: text.txt: the line <!-- parameters"),
        ("language binary", 2, "cds: binary: not in UTF-8"),
        ("questionnaires --out text.txt", 2, "Error: Invalid value for '--out'"),
        ("questionnaires --out text.txt/x", 2, "cds: text.txt/x: Not a directory"),
        ("keep text.txt/x", 2, "cds: text.txt/x"),
        ("keys check", 2, "cds: no clients file: set CDS_CLIENTS"),
        ("keys check --clients text.txt", 2, "text.txt"),
        ("completion tcsh", 2, "Error: Invalid value"),
        ("decisions find", 2, "cds: the database has no tables of this release: run `cds database upgrade`"),
        ("decisions show NOSUCH", 2, "cds: the database has no tables of this release: run `cds database upgrade`"),
    ],
)
def test_a_wrong_word_on_the_command_line_is_answered_in_a_line(place, words, code, said):
    found, told = run(*words.split())

    assert (code, True) == (found, told.startswith(said) or said in told), told


def test_a_comparison_over_a_service_that_neither_revision_has_is_refused(place):
    code, told = run("diff", SMALL, SMALL, "--over", "good.json", "--service", "nosuch")

    assert (2, True) == (code, told.startswith('cds: unknown service "nosuch"')), told


@pytest.mark.parametrize(
    "bundle",
    [
        {"resourceType": "Encounter", "status": "finished", "period": PATIENT},
        {"resourceType": "Condition", "recordedDate": 5, "abatementDateTime": [7]},
    ],
    ids=["a period that is none", "dates that are none"],
)
def test_a_life_with_dates_of_a_wrong_shape_is_played_without_them(place, bundle):
    entries = [*CHART["entry"], {"resource": {**bundle, "id": "x", "subject": {"reference": "Patient/p"}}}]
    Path("odd.json").write_text(json.dumps({"resourceType": "Bundle", "entry": entries}))

    assert 0 == run("backtest", "odd.json", "--service", "pain")[0]


@pytest.mark.parametrize(
    ("option", "command"), [("--junit", "test"), ("--html", "test"), ("--html", "coverage"), ("--html", "mutate")]
)
def test_a_report_that_cannot_be_written_names_the_file(place, option, command):
    changed(RULESET / "tests.yaml", CASES + "  - {name: a, facts: {}, conclusions: [], cards: []}\n")
    code, told = run(command, "--rulesets", "changed", option, "text.txt/x")

    assert (2, True) == (code, told.startswith("cds: text.txt/x") or "text.txt" in told), told


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("pain: 5\n", 'site.yaml:1: "pain" must be a mapping'),
        ("nosuch: {a: 1}\n", 'site.yaml:1: unknown ruleset "nosuch"'),
        ("\tpain: {}\n", "site.yaml:1: not YAML"),
    ],
)
def test_a_mistake_in_the_parameters_of_a_site_has_file_and_line(place, monkeypatch, content, said):
    Path("site.yaml").write_text(content)
    monkeypatch.setenv("CDS_PARAMETERS", "site.yaml")
    code, told = run("check")

    assert (3, True) == (code, said in told), told


@pytest.mark.parametrize(
    "name", ["CDS_PRODUCTION", "CDS_PORT", "CDS_TIME_ZONE", "CDS_RECORD", "CDS_CLIENTS", "CDS_RULSETS"]
)
@pytest.mark.parametrize("command", ["check", "test", "report", "explain good.json", "decisions find"])
def test_a_wrong_setting_is_named_whatever_the_command(place, monkeypatch, command, name):
    monkeypatch.setenv(name, "maybe")
    code, told = run(*command.split())

    assert (2, f"cds: {name}") == (code, told[: len(name) + 5])


@pytest.mark.parametrize("command", ["explain", "backtest"])
def test_the_only_service_there_is_needs_no_name(place, command):
    changed("services.yaml", SERVICE.format(hook="patient-view", rulesets="pain"))

    assert 0 == run(command, "good.json", "--rulesets", "changed")[0]


@pytest.mark.parametrize("command", ["explain", "backtest"])
def test_of_several_services_one_has_to_be_named(place, command):
    code, told = run(command, "good.json")

    assert (2, True) == (code, told.startswith('cds: unknown service "spine-and-headache" (there are: pain, '))
