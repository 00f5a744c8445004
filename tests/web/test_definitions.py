"""GET /fhir: the questionnaires whose answers the rules read, and the codes they use."""

import pytest

from tests import shipped
from tests.web.closed import closed

FHIR = "application/fhir+json"
BASE = "https://cds.example.org/fhir"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The application with the rulesets of the project."""
    return shipped.client(tmp_path_factory.mktemp("state"))


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("Questionnaire/back-pain-screen", f"{BASE}/Questionnaire/back-pain-screen"),
        ("CodeSystem/spine-cds-findings", f"{BASE}/CodeSystem/spine-cds-findings"),
        ("ValueSet/sensation", f"{BASE}/ValueSet/sensation"),
    ],
)
def test_a_definition_is_read_by_its_id_and_found_by_its_url(whole, path, url):
    read = whole.get(f"/fhir/{path}")
    found = whole.get(f"/fhir/{path.split('/')[0]}", query_string={"url": f"{url}|1.0.0"})

    assert (200, FHIR, url) == (read.status_code, read.content_type, read.json["url"])
    assert (200, FHIR, 1, [read.json]) == (
        found.status_code,
        found.content_type,
        found.json["total"],
        [entry["resource"] for entry in found.json["entry"]],
    )


def test_all_of_a_type_are_listed(whole):
    listed = whole.get("/fhir/Questionnaire").json

    assert (
        listed["total"] == len(listed["entry"]) == len(set((shipped.RULESETS / "questionnaires").glob("*.yaml"))) - 1
    )  # answers.yaml


def test_a_search_that_finds_nothing_is_an_empty_bundle(whole):
    answer = whole.get("/fhir/Questionnaire", query_string={"url": f"{BASE}/Questionnaire/none"})

    assert {"resourceType": "Bundle", "type": "searchset", "total": 0} == answer.json


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/fhir/Questionnaire/none", 404),
        ("/fhir/Patient/p", 404),
        ("/fhir/Questionnaire?name=x", 400),
        ("/fhir/Questionnaire/../Questionnaire", 404),
    ],
)
def test_what_is_not_there_or_not_understood_is_an_operation_outcome(whole, path, status):
    answer = whole.get(path)

    assert (status, FHIR, "OperationOutcome") == (answer.status_code, answer.content_type, answer.json["resourceType"])


def test_they_can_only_be_read(whole):
    assert 405 == whole.put("/fhir/Questionnaire/back-pain-screen", json={}).status_code


@pytest.mark.parametrize(("protected", "status"), [(False, 200), (True, 401)])
def test_they_are_protected_where_discovery_is(tmp_path, protected, status):
    assert status == closed(tmp_path, protect_discovery=protected).get("/fhir/Questionnaire").status_code
