"""The thirteen source attributes: what is used is found out, and "not used" is written."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from cds.clinical import Coding
from cds.facts import derive
from cds.fhir.bundle import patient_record
from cds.monograph.attributes import NOT_USED, source_attributes
from cds.monograph.scope import subject_of
from cds.ruleset.model import Codes
from tests import shipped
from tests.serving import ROOT

ZONE = ZoneInfo("UTC")
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=ZONE)
PATIENTS = sorted((ROOT / "fhir_samples" / "patients").glob("*.json"))
NAMES = [
    "Bibliographic citation",
    "Developer",
    "Funding source of the technical implementation",
    "Release and revision dates",
    "Use of race",
    "Use of ethnicity",
    "Use of language",
    "Use of sexual orientation",
    "Use of gender identity",
    "Use of sex",
    "Use of date of birth",
    "Use of social determinants of health",
    "Use of health status assessments",
]


def of(name):
    knowledge = shipped.knowledge()
    ruleset = knowledge.rulesets[name]
    return source_attributes(ruleset, subject_of(knowledge, ruleset).facts_reached(), knowledge)


def used(spec):
    knowledge = shipped.knowledge()
    found = source_attributes(knowledge.rulesets["first-triptan"], [spec], knowledge)
    return {one.number for one in found if one.used}


def test_all_thirteen_are_said_in_their_order():
    found = of("first-triptan")

    assert list(enumerate(NAMES, 1)) == [(one.number, one.name) for one in found]
    assert {NOT_USED} == {one.value for one in found if one.used is False}
    assert all(one.value.startswith("Used: ") for one in found if one.used)


@pytest.mark.parametrize(
    ("ruleset", "expected"),
    [
        ("first-triptan", {10, 11, 13}),  # men from 40, women from 50; smoking
        ("nsaid-kidneys", {10, 11}),  # CKD-EPI asks for sex and age
        ("hot-knee", {11}),  # of an onset that is recorded as an age
        ("childbearing", {10, 11, 13}),
    ],
)
def test_what_is_used_follows_from_what_is_read(ruleset, expected):
    assert expected == {one.number for one in of(ruleset) if one.used}


@pytest.mark.parametrize(
    ("coding", "number"),
    [
        (Coding("http://loinc.org", "x", "Race"), 5),
        (Coding("http://loinc.org", "x", "Ethnicity"), 6),
        (Coding("http://loinc.org", "x", "Preferred language"), 7),
        (Coding("http://loinc.org", "76690-7", "Sexual orientation"), 8),
        (Coding("http://loinc.org", "x", "Gender identity"), 9),
        (Coding("http://hl7.org/fhir/sid/icd-10-cm", "Z59.0", "Homelessness"), 12),
        (Coding("http://hl7.org/fhir/sid/icd-10-cm", "Z60", "Problems"), 12),
        (Coding("http://loinc.org", "x", "Tobacco smoking status"), 13),
        (Coding("http://loinc.org", "x", "PHQ-9 total score"), 13),
    ],
)
def test_a_fact_that_asked_for_such_a_code_would_be_told(coding, number):
    spec = shipped.knowledge().rulesets["hot-knee"].facts
    finding = next(one for one in spec.values() if one.codes)
    plain = replace(finding, codes={"in": Codes(codings=(Coding("http://loinc.org", "y", "Aura, speech"),))})

    assert number not in used(plain)
    assert number in used(replace(plain, codes={"in": Codes(codings=(coding,))}))


@pytest.mark.parametrize("story", PATIENTS[::6], ids=lambda path: path.stem)
def test_no_fact_turns_on_sex_or_birth_without_its_being_told(story):
    """The same record told without them: what comes out otherwise has to be declared."""
    offer = shipped.served().by_id["spine-and-headache"]["order-sign"]
    prepared = offer.prepared
    record = patient_record(story.read_bytes(), prepared.index, ZONE)
    whole = derive(prepared.plan, record, NOW)
    patient = record.patient
    for number, without in ((10, replace(patient, gender=None)), (11, replace(patient, born=None))):
        other = derive(prepared.plan, replace(record, patient=without), NOW)
        changed = [name for name in prepared.program.facts if whole[name] != other[name]]
        told = {name for name in changed if number in used(prepared.program.facts[name])}

        assert set(changed) == told, number
