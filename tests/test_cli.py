"""The command line, as a user meets it: answers on standard output, errors on standard error, exit codes."""

import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner

from cds.cli import main
from tests.hooks.messages import RULESETS as SMALL
from tests.hooks.messages import bundle, headache, nsaid_days, patient

CHART = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {"resource": {"resourceType": "Patient", "id": "p", "birthDate": "1980-01-01", "gender": "male"}},
        {
            "resource": {
                "resourceType": "Condition",
                "id": "saddle",
                "subject": {"reference": "Patient/p"},
                "clinicalStatus": {"coding": [{"code": "active"}]},
                "verificationStatus": {"coding": [{"code": "confirmed"}]},
                "code": {
                    "coding": [
                        {
                            "system": "https://cds.example.org/fhir/CodeSystem/spine-cds-findings",
                            "code": "saddle-sensory-loss",
                            "display": "Saddle sensory loss",
                        }
                    ]
                },
                "onsetDateTime": "2026-11-19",
            }
        },
    ],
}


WITHOUT_DATA = ("fhir_samples/hooks/no-prefetch.json", "--service", "pain")


@pytest.fixture
def cds(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(Path(__file__).parents[1])
    return lambda *words: CliRunner().invoke(main, words)


@pytest.fixture
def small(cds, monkeypatch):
    """The same with a few rules, where it does not matter which."""
    monkeypatch.setenv("CDS_RULESETS", str(SMALL))
    return cds


@pytest.fixture
def chart(tmp_path: Path) -> str:
    file = tmp_path / "chart.json"
    file.write_text(json.dumps(CHART))
    return str(file)


def test_check_counts_what_it_loaded(cds):
    result = cds("check", "--json")

    counts = json.loads(result.stdout)
    assert (result.exit_code, list(counts)) == (0, ["services", "rulesets", "facts", "rules", "value sets"])
    assert min(counts.values()) > 0


def test_check_names_file_and_line_of_every_mistake_and_ends_with_3(cds, tmp_path):
    (tmp_path / "valuesets").mkdir()
    (tmp_path / "services.yaml").write_text("services:\n  - id: x\n    hoook: patient-view\n")

    result = cds("check", str(tmp_path))

    assert result.exit_code == 3
    assert "services.yaml:3" in result.stderr
    assert 'did you mean "hook"?' in result.stderr


def test_check_gives_mistakes_as_json_too(cds, tmp_path):
    (tmp_path / "services.yaml").write_text("services: 3\n")

    result = cds("check", str(tmp_path), "--json")

    assert result.exit_code == 3
    assert {"file", "line", "message"} == set(json.loads(result.stdout)[0])


@pytest.fixture
def explained(small, tmp_path):
    """What is said of a patient with headache who takes a pain reliever on four days a week."""
    file = tmp_path / "headache.json"
    file.write_text(json.dumps(bundle(patient(), headache(), nsaid_days(4))))
    return lambda *words: small("explain", str(file), "--service", "pain", "--today", "2026-11-21", *words)


def test_explain_shows_the_chain_from_the_resource_to_the_card(explained):
    result = explained()

    lines = result.stdout.splitlines()
    parts = ("P-01.card", "← P-01.frequent", "nsaid_days is present", "[Observation/days]")
    levels = [next(i for i, line in enumerate(lines) if text in line) for text in parts]
    indents = [len(lines[i]) - len(lines[i].lstrip()) for i in levels]
    assert (result.exit_code, sorted(levels)) == (0, levels)
    assert indents == sorted(set(indents))


def test_explain_says_why_another_rule_stayed_silent(explained):
    result = explained("--rule", "P-03.card")

    assert result.exit_code == 0
    assert result.stdout.startswith("✗ P-03.card: silent.")


def test_explain_answers_in_json(explained):
    told = json.loads(explained("--json").stdout)

    assert told["cards"][0]["rule"].startswith("P-01.card")
    assert told["at"] == "2026-11-21T12:00:00+00:00"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--rule", "P-01.crd"), 'unknown rule "P-01.crd"; did you mean "P-01.card"?'),
        (("--hook", "patient-vew"), 'unknown hook of this service "patient-vew"; did you mean "patient-view"?'),
        (("--service", "nope"), 'unknown service "nope" (there are: pain, order-only)'),
        (("--today", "yesterday"), "'yesterday' does not match"),
    ],
)
def test_explain_names_the_word_it_does_not_know(small, chart, words, message):
    result = small("explain", chart, "--service", "pain", *words)

    assert result.exit_code != 0
    assert message in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("command", ["explain", "validate"])
@pytest.mark.parametrize(
    "content",
    [None, "", "{", "[]", '"x"', '{"resourceType":"Bundle","entry":[]}', '{"resourceType":"Bundle","entry":7}'],
)
def test_a_file_that_is_no_chart_is_an_error_without_a_traceback(small, tmp_path, command, content):
    file = tmp_path / "input.json"
    if content is not None:
        file.write_text(content)

    result = small(command, str(file), *(["--service", "pain"] if command == "explain" else []))

    empty_bundle_is_valid = command == "validate" and content and content.endswith("[]}")
    assert (result.exit_code == 0) is bool(empty_bundle_is_valid)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output


def test_validate_names_the_entry_and_the_element_but_not_the_value(cds, tmp_path):
    observation = {"resourceType": "Observation", "status": ["secret"]}
    chart = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": observation}]}
    file = tmp_path / "chart.json"
    file.write_text(json.dumps(chart))

    result = cds("validate", str(file))

    assert result.exit_code == 1
    assert "entry[0].Observation: " in result.stdout
    assert "secret" not in result.output


def test_test_explains_a_failing_case_and_ends_with_1(small, tmp_path):
    file = tmp_path / "tests.yaml"
    file.write_text(
        "ruleset: pain\n"
        "today: 2026-11-21\n"
        "cases:\n"
        "  - name: four days a week are nothing\n"
        "    record:\n"
        "      - {observation: {spine-local: analgesic-days-per-week}, value: 4 d/wk, at: today-3d}\n"
        "    conclusions: []\n"
        "    cards: []\n"
    )

    result = small("test", str(file))

    assert result.exit_code == 1
    assert f"FAIL {file}:4 four days a week are nothing" in result.stdout
    assert "not expected" in result.stdout
    assert "✓ nsaid_days: above 2 d/wk" in result.stdout
    assert result.stdout.endswith("0 passed, 1 failed\n")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{condtion: {snomed: '1'}}", 'not with "condtion"'),
        ("{condition: {snomed: '1'}, onst: today}", '"onst" is not a key of a line with condition'),
        ("{condition: {snomed: '1'}, side: middle}", '"side" cannot be "middle"; it is left, right or both'),
        ("{condition: {snomed: '1'}, onset: yesterday}", "'yesterday' is not a moment such as today-14d"),
        ("{encounter: {snomed: '1'}}", "the encounter lacks 'at'"),
        ("{diary: {class-nsaid: often}}", "'often' is neither a list of days nor like"),
        ("{observation: {loinc: '1'}, value: '1 mg', high: much}", "'much' is not a number with a unit"),
        ("{condition: {snomde: '1'}}", 'unknown code system "snomde"; did you mean "snomed"?'),
        ("{condition: '161891005'}", "'161891005' is not a code; write {system: \"code\"}"),
        ("{condition: }", "None is not a code"),
        ("{condition: {snomed: '1'}, status: actve}", '"status" cannot be "actve"; did you mean "active"?'),
        ("{condition: {snomed: '1'}, severity: grave}", '"severity" cannot be "grave"; it is mild, moderate or severe'),
        ("{condition: {snomed: '1'}, onset: 2026-13-45}", "'2026-13-45' is not a moment"),
        ("{condition: {snomed: '1'}, onset: today-99999999d}", "'today-99999999d' is not a moment"),
        ("{observation: {loinc: '1'}, components: {a: b}}", '"components" must be a list of mappings'),
        ("{request: {rxnorm: '1'}, frequency: often}", '"frequency" must be a number'),
        ("{request: {rxnorm: '1'}, period: 1 fortnight}", '"period" must be a number with a unit of s, min'),
        ("{service_request: {loinc: '1'}, priority: soon}", '"priority" cannot be "soon"; it is routine, urgent'),
        ("{answers: 5}", '"answers" must be a mapping'),
        ("{resource: 5}", '"resource" must be a mapping'),
        ("{resource: {id: a}}", '"resource" must have a "resourceType"'),
    ],
)
def test_a_line_of_a_record_that_nobody_understands_is_located(small, tmp_path, line, message):
    file = tmp_path / "tests.yaml"
    cases = f"  - {{name: typo, record: [{line}], conclusions: [], cards: []}}\n"
    file.write_text(f"ruleset: pain\ntoday: 2026-11-21\ncases:\n{cases}")

    result = small("test", str(file))

    assert result.exit_code == 2
    assert f"{file}:4: typo: " in result.stderr
    assert message in result.stderr


def test_every_line_of_a_record_that_is_wrong_is_told_with_its_own_line(small, tmp_path):
    file = tmp_path / "tests.yaml"
    lines = ["{condition: {snomed: '1'}, onset: soon}", "{condition: {snomed: '1'}}", "{encounter: {snomed: '1'}}"]
    record = "".join(f"      - {line}\n" for line in lines)
    file.write_text(
        "ruleset: pain\ntoday: 2026-11-21\ncases:\n"
        f"  - name: typos\n    record:\n{record}    conclusions: []\n    cards: []\n"
    )

    told = small("test", str(file)).stderr

    assert f"{file}:6: typos: 'soon' is not a moment" in told
    assert f"{file}:8: typos: the encounter lacks 'at'" in told
    assert f"{file}:7:" not in told


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("bundle: fhir_samples/patients/nope.json", "No such file"),
        ("record: [], drafts: [{request: {rxnorm: '1'}, authored: soon}]", "'soon' is not a moment"),
        ("patient: {age: old}, record: []", '"age" must be a whole number of years up to 130, or unknown'),
        ("patient: {age: -1}, record: []", '"age" must be a whole number of years'),
        ("patient: {gender: m}, record: []", '"gender" cannot be "m"; it is male, female, other or unknown'),
        ("record: [], unsupplied: [Observatoin]", 'unknown resource type "Observatoin"; did you mean "Observation"?'),
    ],
)
def test_what_a_case_rests_on_is_located_when_it_cannot_be_told(small, tmp_path, given, message):
    file = tmp_path / "tests.yaml"
    cases = f"  - {{name: odd, {given}, conclusions: [], cards: []}}\n"
    file.write_text(f"ruleset: pain\ntoday: 2026-11-21\ncases:\n{cases}")

    result = small("test", str(file))

    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{file}:4: odd: " in result.stderr
    assert message in result.stderr


def test_an_unknown_setting_is_refused_before_anything_runs(cds, monkeypatch):
    monkeypatch.setenv("CDS_RULSETS", "elsewhere")

    result = cds("check")

    assert result.exit_code == 2
    assert "CDS_RULSETS is not a setting; did you mean CDS_RULESETS?" in result.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_the_shell(cds, shell):
    result = cds("completion", shell)

    assert result.exit_code == 0
    assert "_CDS_COMPLETE" in result.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("samples", "nonsense"), "nonsense/cds-services/"),
        (("samples", "--folder", "/nowhere"), "/nowhere: no samples here"),
        (
            ("test", "--rulesets", "rulesets", "rulesets/knee/hot-knee", "-k", "no such case"),
            'no case is called "no such case"',
        ),
        (("check", "/nowhere"), "/nowhere is not a folder of rulesets"),
        (("explain", "README.md", "--service", "pain"), "README.md: the body is not JSON"),
        (("explain", *WITHOUT_DATA), "no-prefetch.json: prefetch.patient: not supplied; "),
        (("explain", *WITHOUT_DATA, "--service", "x"), 'unknown service "x" (there are: pain, order-only)'),
        (("explain", *WITHOUT_DATA, "--hook", "order-sign"), "names its own hook"),
    ],
)
def test_what_cannot_be_done_is_told_and_ends_with_2(small, words, message):
    result = small(*words)

    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_samples_are_sent_where_the_settings_say(cds, monkeypatch):
    monkeypatch.setenv("PORT", "9")

    result = cds("samples")

    assert 2 == result.exit_code
    assert "http://127.0.0.1:9/cds-services/" in result.stderr
    assert "nobody answers there; `cds samples http://HOST:PORT` asks elsewhere" in result.stderr


@pytest.mark.parametrize("words", [("coverage",), ("pin", "--check"), ("report", "--check")])
def test_what_only_authors_have_is_named_where_it_is_missing(words):
    runs = "import sys; sys.modules['z3'] = None; from cds.cli import main; main()"
    ended = subprocess.run([sys.executable, "-c", runs, *words], capture_output=True, text=True, check=False)

    assert 2 == ended.returncode
    assert ended.stderr.startswith(
        "cds: this command needs the package z3-solver, which is not part of a service\n`make dev`"
    )


def test_samples_tells_that_another_server_answered(cds):
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as other:
        Thread(target=other.handle_request).start()
        result = cds("samples", f"http://127.0.0.1:{other.server_port}")

    assert result.exit_code == 2
    assert "the answer is not JSON" in result.stderr
