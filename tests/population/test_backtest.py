"""`cds backtest`: what a service would have said over lives, call by call and rule by rule."""

import json
from datetime import UTC, date, datetime

import pytest
from click.testing import CliRunner

from cds.cli import main
from cds.errors import InputError
from cds.hooks.catalogue import catalogue
from cds.population.backtest import backtest, report, spoken
from cds.ruleset.load import load
from tests.serving import ROOT

RULESETS = ROOT / "tests" / "hooks" / "rulesets"
SPINE = "https://cds.example.org/fhir/CodeSystem/spine"


@pytest.fixture(scope="module")
def offers():
    return catalogue(load(RULESETS)).offers("pain")


def coded(system, code):
    return {"coding": [{"system": system, "code": code}]}


def headache(day):
    return {
        "resourceType": "Condition",
        "id": "headache",
        "subject": {"reference": "Patient/p"},
        "recordedDate": day,
        "clinicalStatus": coded("http://terminology.hl7.org/CodeSystem/condition-clinical", "active"),
        "code": coded("http://snomed.info/sct", "25064002"),
    }


def score(value, day):
    return {
        "resourceType": "Observation",
        "id": f"score-{day}",
        "status": "final",
        "subject": {"reference": "Patient/p"},
        "effectiveDateTime": day,
        "code": coded("http://loinc.org", "72514-3"),
        "valueQuantity": {"value": value, "system": "http://unitsofmeasure.org", "code": "{score}"},
    }


def burning(day):
    return headache(day) | {"id": "burning", "code": coded("http://snomed.info/sct", "36349006")}


def visit(day):
    return {"resourceType": "Encounter", "id": f"visit-{day}", "status": "finished", "period": {"start": day}}


def life(folder, name, *resources):
    patient = {"resourceType": "Patient", "id": "p", "birthDate": "1970-01-01"}
    bundle = {"resourceType": "Bundle", "entry": [{"resource": one} for one in (patient, *resources)]}
    file = folder / f"{name}.json"
    file.write_text(json.dumps(bundle))
    return file


def test_each_visit_is_answered_with_what_was_known_by_then(offers, tmp_path):
    file = life(tmp_path, "anna", visit("2020-01-10"), burning("2020-02-01"), visit("2020-03-10"))

    assert [(call.at.date(), [card.rules for card in call.cards]) for call in backtest(offers, [file], UTC)] == [
        (date(2020, 1, 10), []),
        (date(2020, 3, 10), [("P-20.card@1.2.0",)]),
    ]


def test_rules_are_counted_by_calls_and_by_patients_the_most_frequent_first(offers, tmp_path):
    anna = life(tmp_path, "anna", burning("2020-01-01"), visit("2020-01-10"), visit("2020-03-10"))
    bert = life(tmp_path, "bert", burning("2020-01-01"), visit("2020-01-10"), score(7, "2020-01-09"))
    found = spoken(backtest(offers, [anna, bert], UTC))

    assert [(one.rule.id, one.calls, one.patients) for one in found] == [("P-20.card", 3, 2), ("P-11.card", 1, 1)]


def test_the_report_says_how_many_calls_were_silent(offers, tmp_path):
    anna = life(tmp_path, "anna", visit("2020-01-10"), burning("2020-02-01"), visit("2020-03-10"))

    assert list(report(backtest(offers, [anna], UTC))) == [
        "patient-view: 2 calls, 1 without a card, 1 cards, 1 at most in one call",
        "     1 calls      1 patients  info     P-20.card: Burning pain",
    ]


def test_the_command_answers_with_every_call(tmp_path):
    life(tmp_path, "anna", visit("2020-01-10"), burning("2020-02-01"), visit("2020-03-10"))
    options = [str(tmp_path), "--service", "pain", "--rulesets", str(RULESETS), "--since", "2020-02-01", "--json"]
    ran = CliRunner().invoke(main, ["backtest", *options])
    told = json.loads(ran.stdout)

    assert (ran.exit_code, told["calls"]) == (
        0,
        [
            {
                "patient": "anna",
                "at": datetime(2020, 3, 10, tzinfo=UTC).isoformat(),
                "hook": "patient-view",
                "cards": [["P-20.card@1.2.0"]],
            }
        ],
    )
    assert told["subpopulations"] == [
        {
            "by": "age",
            "name": "40 to 64",
            "calls_with_a_card": {"n": 1, "of": 1},
            "patients_with_a_card": {"n": 1, "of": 1},
            "cards": 1,
        }
    ]


def test_a_folder_without_bundles_is_a_wrong_option(tmp_path):
    ran = CliRunner().invoke(main, ["backtest", str(tmp_path), "--rulesets", str(RULESETS)])

    assert (ran.exit_code, ran.stderr) == (2, f"cds: {tmp_path}: no bundles found\n")


def test_two_files_of_one_name_are_not_taken_for_one_patient(tmp_path):
    for folder in ("north", "south"):
        (tmp_path / folder).mkdir()
        life(tmp_path / folder, "1", visit("2020-01-10"))
    ran = CliRunner().invoke(main, ["backtest", str(tmp_path), "--rulesets", str(RULESETS)])

    both = [tmp_path / folder / "1.json" for folder in ("south", "north")]
    told = "cds: {}: patients go by the name of their file, and {} has it already\n".format(*both)
    assert (ran.exit_code, ran.stderr) == (2, told)


@pytest.mark.parametrize(
    "content", ["", "{}", '{"entry": [{"resource": {"resourceType": "Observation", "effectiveDateTime": "2020"}}]}']
)
def test_a_file_that_is_no_record_of_one_patient_is_named(offers, tmp_path, content):
    file = tmp_path / "broken.json"
    file.write_text(content)

    with pytest.raises(InputError, match=r"broken\.json: "):
        list(backtest(offers, [file], UTC))


def test_a_file_that_is_not_there_is_named(offers, tmp_path):
    with pytest.raises(InputError, match=r"none\.json: No such file"):
        list(backtest(offers, [tmp_path / "none.json"], UTC))
