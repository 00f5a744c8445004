"""The queries asked for, and what a request's prefetch supplies of them."""

import re

import pytest

from cds.clinical import Coding
from cds.fhir.decode import hook_request
from cds.hooks.library import HOOKS
from cds.hooks.prefetch import URL_LENGTH, Template, supply, templates
from cds.ruleset.model import Codes, Knowledge
from tests.hooks.messages import bundle, headache, patient, served

LOINC, ICD = "http://loinc.org", "http://hl7.org/fhir/sid/icd-10-cm"
NOTHING = Knowledge({}, {}, {}, (), "")


def asked(**needs):
    return [(each.key, each.query) for each in templates(needs, NOTHING)]


def codes(*pairs):
    return (Codes(codings=tuple(Coding(system, code) for system, code in pairs)),)


def test_the_patient_is_read_and_everything_else_is_searched_for():
    assert [
        ("patient", "Patient/{{context.patientId}}"),
        ("allergyIntolerances", "AllergyIntolerance?patient={{context.patientId}}&_count=200"),
        ("familyMemberHistories", "FamilyMemberHistory?patient={{context.patientId}}&_count=200"),
        ("imagingStudies", "ImagingStudy?patient={{context.patientId}}&_count=200"),
    ] == asked(ImagingStudy=None, FamilyMemberHistory=None, AllergyIntolerance=None, Patient=None)


def test_exact_codes_narrow_the_search_in_a_fixed_order():
    assert [
        ("observations", f"Observation?patient={{{{context.patientId}}}}&_count=200&code={LOINC}|1,{LOINC}|2")
    ] == asked(Observation=codes((LOINC, "2"), (LOINC, "1"), (LOINC, "2")))


def test_codes_that_match_by_prefix_cannot_narrow_the_search():
    assert [("conditions", "Condition?patient={{context.patientId}}&_count=200")] == asked(
        Condition=codes((LOINC, "1"), (ICD, "M54"))
    )


def test_a_blood_pressure_is_also_looked_for_in_its_panel():
    [(_, query)] = asked(Observation=codes((LOINC, "8480-6")))

    assert [f"{LOINC}|{code}" for code in ("35094-2", "55284-4", "8480-6", "85354-9")] == query.partition("code=")[
        2
    ].split(",")


def test_what_would_be_too_long_is_asked_for_in_parts():
    many = [(LOINC, f"{number:05}-0") for number in range(200)]

    parts = asked(Observation=codes(*many))

    assert [f"observations{number}" if number > 1 else "observations" for number in range(1, len(parts) + 1)] == [
        key for key, _ in parts
    ]
    assert all(len(query) <= URL_LENGTH for _, query in parts)
    assert [f"{system}|{code}" for system, code in many] == [
        token for _, query in parts for token in query.partition("code=")[2].split(",")
    ]


def test_characters_with_a_meaning_in_a_query_are_encoded():
    [(_, query)] = asked(Observation=codes(("urn:x", "a b&c|d,e")))

    assert query.endswith("code=urn:x|a%20b%26c%7Cd%2Ce")


@pytest.fixture(scope="module")
def offers():
    return list(served().all_offers())


@pytest.mark.requirement("CH-031", "CH-032", "CH-033", "CH-034", "CH-039", "CH-040")
def test_every_query_keeps_to_the_subset_that_clients_support(offers):
    subset = re.compile(
        r"Patient/\{\{context\.patientId\}\}"
        r"|[A-Z][A-Za-z]+\?patient=\{\{context\.patientId\}\}&_count=\d+(&code=[^&{}?#\s]+)?"
    )
    queries = [template.query for offer in offers for template in offer.templates]

    assert [] == [query for query in queries if not subset.fullmatch(query)]
    assert all("patientId" in {field.name for field in hook.fields if field.token} for hook in HOOKS.values())


def test_observations_are_not_narrowed_down_where_the_value_may_name_the_finding(offers):
    """The small ruleset asks for a stiff neck, which may be the coded value of an Observation of another code."""
    [query] = {template.query for offer in offers for template in offer.templates if template.type == "Observation"}

    assert "Observation?patient={{context.patientId}}&_count=200" == query


@pytest.mark.requirement("CH-037")
def test_no_query_depends_on_another(offers):
    assert not any("%" in template.query.partition("code=")[0] for offer in offers for template in offer.templates)


PATIENT = Template("patient", "Patient", "Patient/{{context.patientId}}")
CONDITIONS = Template("conditions", "Condition", "Condition?patient={{context.patientId}}")
ONE = Template("observations", "Observation", "Observation?code=1")
TWO = Template("observations2", "Observation", "Observation?code=2")

OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "timeout"}]}


def supplied(asked_for, **prefetch):
    import orjson

    found = supply(tuple(asked_for), hook_request(orjson.dumps({"prefetch": prefetch})).prefetch)
    return set().union(*(each.types for each in found.everything)), dict(found.unavailable)


@pytest.mark.requirement("CH-063", "CH-064", "CH-065", "CH-069", "CH-070")
@pytest.mark.parametrize(
    ("value", "usable"),
    [
        (None, True),
        (bundle(), True),
        ({"resourceType": "Bundle", "type": "searchset"}, True),
        ({"resourceType": "Bundle"}, True),
        ({"resourceType": "Bundle", "type": "searchset", "total": 0}, True),
        (bundle(headache()), True),
        (headache(), True),
        (patient(), False),
        (OUTCOME, False),
        ("x", False),
        (7, False),
        ([], False),
        ({"x": 1}, False),
        ({"response": {"status": "200"}, "resource": bundle(headache())}, False),
    ],
)
def test_what_a_key_may_hold(value, usable):
    types, unavailable = supplied([CONDITIONS], conditions=value)

    assert ({"Condition"} if usable else set(), usable) == (types, not unavailable)


@pytest.mark.requirement("CH-051", "CH-062")
def test_a_key_that_is_not_there_is_not_supplied():
    assert (set(), {"Condition": "not supplied"}) == supplied([CONDITIONS])


@pytest.mark.requirement("CH-060")
def test_a_key_that_was_not_asked_for_is_not_used():
    assert (set(), {"Condition": "not supplied"}) == supplied([CONDITIONS], problems=bundle(headache()))


@pytest.mark.parametrize("value", [None, bundle(), headache()])
def test_a_patient_has_to_be_there(value):
    assert (set(), {"Patient"}) == (supplied([PATIENT], patient=value)[0], set(supplied([PATIENT], patient=value)[1]))


@pytest.mark.parametrize(
    ("prefetch", "complete"),
    [
        ({"observations": bundle(), "observations2": None}, True),
        ({"observations": bundle()}, False),
        ({"observations2": bundle()}, False),
        ({"observations": bundle(), "observations2": OUTCOME}, False),
    ],
)
def test_a_type_in_parts_needs_all_of_them(prefetch, complete):
    _, unavailable = supplied([ONE, TWO], **prefetch)

    assert complete == (not unavailable)
