"""The thirteen source attributes: what is used is found out, and "not used" is written."""

from dataclasses import fields, replace
from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

import pytest

from cds.clinical import Coding
from cds.facts import derive
from cds.fhir.bundle import patient_record
from cds.monograph.attributes import NOT_USED, source_attributes
from cds.monograph.scope import subject_of
from cds.record import Patient
from cds.ruleset.model import Codes
from cds.ruleset.questions import facts_named_by
from tests import shipped
from tests.serving import ROOT

ZONE = ZoneInfo("UTC")
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=ZONE)
PATIENTS = sorted((ROOT / "fhir_samples" / "patients").glob("*.json"))
LOINC = [
    *[("72826-1", 5), ("46463-6", 5), ("59362-4", 5), ("46463-6", 6), ("59362-4", 6), ("69490-1", 6), ("56051-6", 6)],
    *[("76690-7", 8), ("76691-5", 9), ("46098-0", 10), ("76689-9", 10)],
]
MEMBERS = {"gender": 10, "born": 11}
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


def used(*specs):
    knowledge = shipped.knowledge()
    found = source_attributes(knowledge.rulesets["first-triptan"], specs, knowledge)
    return {one.number for one in found if one.used}


def with_built_on(program, name):
    """The fact, those that it builds upon, and those that its events are measured from: rules name these as well."""
    waiting = [name]
    for spec in map(program.facts.__getitem__, waiting):
        waiting += {*(other for _, other in facts_named_by(spec)), *spec.anchors}.difference(waiting)
    return [program.facts[one] for one in waiting]


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
        *[(Coding("http://loinc.org", code, "An answer"), number) for code, number in LOINC],
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


@pytest.mark.parametrize(
    ("display", "told"),
    [
        ("Cognitive and behavioral therapy (regime/therapy)", set()),
        ("Cognitive behavioural therapy", set()),
        ("Cognitive-behavioral therapy", set()),
        ("Cognitive impairment", {13}),
        ("Headache associated with sexual activity", set()),
        ("Tracheal stenosis", set()),
    ],
)
def test_a_word_that_only_looks_like_one_is_none(display, told):
    """A treatment is no assessment."""
    spec = next(one for one in shipped.knowledge().rulesets["conservative-clock"].facts.values() if one.codes)
    coded = replace(spec, codes={"in": Codes(codings=(Coding("http://snomed.info/sct", "x", display),))})

    assert used(coded) - {11} == told


class Watched(Patient):
    """Notes which of its members somebody looks at."""

    seen: ClassVar[set[str]] = set()

    def __getattribute__(self, name):
        Watched.seen.add(name)
        return super().__getattribute__(name)


@pytest.mark.parametrize("story", PATIENTS[::6], ids=lambda path: path.stem)
def test_no_fact_looks_at_sex_or_birth_without_its_being_told(story):
    """(R11) Each fact is worked out by itself, and what is looked at on the way has to be told of it."""
    prepared = shipped.served().by_id["spine-and-headache"]["order-sign"].prepared
    record = patient_record(story.read_bytes(), prepared.index, ZONE)
    watched = Watched(**{field.name: getattr(record.patient, field.name) for field in fields(record.patient)})
    looked_at = {}
    for name in derive(prepared.plan, record, NOW).possible:
        known = derive(prepared.plan, replace(record, patient=watched), NOW)
        Watched.seen.clear()
        known[name]
        looked_at[name] = {MEMBERS[member] for member in Watched.seen & MEMBERS.keys()}
    told = {name: used(*with_built_on(prepared.program, name)) for name in looked_at}

    assert {number for numbers in looked_at.values() for number in numbers} == {10, 11}
    assert {name: numbers - told[name] for name, numbers in looked_at.items() if not numbers <= told[name]} == {}


def test_of_the_patient_nothing_else_can_be_looked_at():
    """(R11) Who adds race or language to the record has to add it to the attributes."""
    assert {field.name for field in fields(Patient)} == {"id", "born", "gender", "deceased"}
