"""Pregnancy and allergies: what says so, what clears it, and how far it has come."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from cds.clinical import Bounds, Coding, Quantity, Span, State
from cds.record import AllergyEntry
from tests.facts.asking import IN, TODAY, ago, among, ask, condition, facts, observation, record, spec

PREGNANCY = spec("pregnancy", codes=("in", "status", "test", "not", "ended", "delivery", "edd", "gestation", "lmp"))
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"


def pregnant(*entries):
    return facts([PREGNANCY], record(*entries))["x"]


def diagnosis(days=10, **given):
    return condition("pregnancy", **{"recorded": ago(days), **given})


def status(value, days=0):
    return among(observation(value, "status", days=days), "status")


def dated(parameter, day, days=0):
    return among(observation(Span(day, day), parameter, days=days), parameter)


def due(days, said=0):
    return dated("edd", TODAY + timedelta(days=days), said)


def ended(days):
    return among(condition("delivery", recorded=ago(days), clinical_status=None), "ended")


@pytest.mark.parametrize(
    ("entries", "state"),
    [
        ((diagnosis(),), State.PRESENT),
        ((diagnosis(clinical_status="resolved"),), State.ABSENT),
        ((observation((Coding(SNOMED, "77386006"),), "status", days=294),), State.PRESENT),
        ((observation((Coding(SNOMED, "77386006"),), "status", days=295),), State.ABSENT),
        ((status(True),), State.PRESENT),
        ((status(False),), State.DENIED),
        ((status((Coding(SNOMED, "60001007"),)),), State.ABSENT),
        ((among(observation(True, "hcg", days=90), "test"),), State.PRESENT),
        ((among(observation(True, "hcg", days=91), "test"),), State.ABSENT),
        ((due(140),), State.PRESENT),
        ((due(-14),), State.PRESENT),
        ((due(-15),), State.ABSENT),
        ((diagnosis(10), ended(9)), State.DENIED),
        ((diagnosis(9), ended(10)), State.PRESENT),
        ((due(100, said=20), among(observation((Coding(SNOMED, "60001007"),), "status", days=1), "not")), State.DENIED),
        ((due(100, said=20), dated("delivery", TODAY - timedelta(days=2))), State.DENIED),
        ((diagnosis(refuted=True),), State.DENIED),
        ((), State.ABSENT),
    ],
)
def test_the_newest_statement_says_whether_the_patient_is_pregnant(entries, state):
    assert pregnant(*entries).state == state


def gestation(*entries):
    fact = pregnant(*entries)
    return fact.attributes.get("gestation_days"), fact.attributes.get("dated_by")


def weeks(value, days=0):
    return among(observation(Quantity(value, "wk"), "weeks", days=days), "gestation")


def coded(code, days):
    return diagnosis(days, codings=(Coding(ICD, code),))


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ((due(140),), (140.0, "expected delivery")),
        ((due(141),), (139.0, "expected delivery")),
        ((diagnosis(), weeks(20.0, days=3)), (143.0, "gestational age")),
        ((diagnosis(), dated("lmp", TODAY - timedelta(days=100))), (100.0, "last menstrual period")),
        ((coded("Z3A.20", 7),), (Bounds(147.0, 153.0), "diagnosis")),
        ((coded("Z3A.00", 7),), (None, None)),
        ((due(140), weeks(30.0), dated("lmp", TODAY)), (140.0, "expected delivery")),
        ((diagnosis(), weeks(45.0), dated("lmp", TODAY - timedelta(days=100))), (100.0, "last menstrual period")),
        ((diagnosis(), dated("lmp", TODAY - timedelta(days=308))), (308.0, "last menstrual period")),
        ((diagnosis(), dated("lmp", TODAY - timedelta(days=309))), (None, None)),
    ],
)
def test_gestation_is_dated_by_the_surest_statement_that_can_be(entries, expected):
    assert gestation(*entries) == expected


def test_a_pregnancy_that_nothing_dates_asks_for_its_gestation():
    assert pregnant(diagnosis()).missing == ("gestational age",)


def test_what_dated_an_earlier_pregnancy_does_not_date_this_one():
    assert gestation(dated("lmp", TODAY - timedelta(days=200), 190), ended(150), diagnosis(10)) == (None, None)


ALLERGY = AllergyEntry(
    type="AllergyIntolerance", reference="AllergyIntolerance/a", codings=(), text="Naproxen", sets=IN, recorded=ago(30)
)


@pytest.mark.parametrize(
    ("entry", "state"),
    [
        (ALLERGY, State.PRESENT),
        (replace(ALLERGY, clinical_status="active"), State.PRESENT),
        (replace(ALLERGY, clinical_status="resolved"), State.ABSENT),
        (replace(ALLERGY, refuted=True), State.DENIED),
        (replace(ALLERGY, recorded=ago(-1)), State.ABSENT),
    ],
)
def test_an_allergy_counts_unless_it_is_over_or_refuted(entry, state):
    assert ask("allergy", entry).state == state


def test_of_several_allergies_the_worst_is_told():
    mild = replace(ALLERGY, severities=frozenset({"mild"}), criticality="low")
    severe = replace(ALLERGY, text="Aspirin", severities=frozenset({"severe", "mild"}), criticality="high")

    assert ask("allergy", mild, severe).attributes == {
        "severity": "severe",
        "criticality": "high",
        "substance": "Naproxen, Aspirin",
        "recorded_days": 30.0,
    }
    assert "criticality" not in ask("allergy", mild, ALLERGY).attributes
