"""spine.md MED-21: opioids in milligrams of morphine a day, by the factors of CDC 2022."""

import pytest

from cds.clinical import Bounds, Coding, State
from cds.facts.medicines.morphine import FACTORS
from cds.record import Dosage, Substance
from cds.ruleset.systems import SYSTEMS
from tests.facts.asking import facts, record, spec
from tests.facts.prescribing import order

ASKED = spec("morphine-equivalents", codes=("in", "opioid_use_disorder"), drafts=True)
TRANSDERMAL = (Coding("http://snomed.info/sct", "45890007"),)
INTRAVENOUS = (Coding("http://snomed.info/sct", "47625008"),)


def opioid(name, dose=None, unit="mg", *, times=1, code="", **given):
    codings = (Coding(SYSTEMS["rxnorm"], code or FACTORS[name].rxnorm, name),)
    dosage = Dosage(dose=dose, dose_unit=unit, frequency=times, period=1, period_unit="d")
    return order(name, dosage, **{"days": 10, "codings": codings, **given})


def morphine(*entries, **given):
    return facts([ASKED], record(*entries, **given))["x"]


@pytest.mark.parametrize(
    ("name", "dose", "expected"),
    [
        ("codeine", 100, 15),
        ("hydrocodone", 30, 30),
        ("hydromorphone", 8, 40),
        ("methadone", 10, 47),
        ("morphine", 30, 30),
        ("oxycodone", 40, 60),
        ("oxymorphone", 10, 30),
        ("tapentadol", 100, 40),
        ("tramadol", 100, 20),
    ],
)
def test_each_opioid_has_its_factor_of_2022(name, dose, expected):
    assert morphine(opioid(name, dose)).attributes["value"] == expected


def test_the_same_factor_counts_for_the_atc_code():
    coded = opioid("oxycodone", 40, codings=(Coding(SYSTEMS["atc"], "N02AA05", "oxycodone"),))

    assert morphine(coded).attributes["value"] == 60


@pytest.mark.parametrize(("dose", "expected"), [(49.9, 49.9), (50, 50), (90, 90)])
def test_the_sum_is_exact_at_the_thresholds(dose, expected):
    assert morphine(opioid("morphine", dose)).attributes["value"] == expected


def test_several_opioids_add_up():
    found = morphine(opioid("oxycodone", 10, times=2), opioid("tramadol", 50, times=3))

    assert found.attributes["value"] == 60
    assert found.attributes["parts"] == "oxycodone 20 mg a day × 1.5; tramadol 150 mg a day × 0.2"


@pytest.mark.parametrize(
    ("unit", "routes", "expected"),
    [
        ("ug/h", TRANSDERMAL, 60),
        ("ug/h", (), 60),
        ("ug/h", INTRAVENOUS, Bounds(0, float("inf"))),
        ("ug", TRANSDERMAL, Bounds(0, float("inf"))),
        ("mg", (), Bounds(0, float("inf"))),
    ],
)
def test_fentanyl_counts_in_micrograms_an_hour_through_the_skin(unit, routes, expected):
    patch = Dosage(dose=25, dose_unit=unit, routes=routes, frequency=1, period=72, period_unit="h")
    coded = (Coding(SYSTEMS["rxnorm"], "4337", "fentanyl"),)

    assert morphine(order("fentanyl", patch, days=10, codings=coded)).attributes["value"] == expected


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        ((Coding("http://snomed.info/sct", "26643006"),), 60),
        ((), 60),
        (INTRAVENOUS, Bounds(60, float("inf"))),
        ((Coding("http://standardterms.edqm.eu", "20066000"),), Bounds(60, float("inf"))),
    ],
)
def test_what_is_injected_is_at_least_what_it_would_be_by_mouth(routes, expected):
    dosage = Dosage(dose=10, dose_unit="mg", routes=routes, frequency=6, period=1, period_unit="d")

    found = morphine(order("morphine", dosage, days=10, codings=(Coding(SYSTEMS["rxnorm"], "7052", "morphine"),)))

    assert (expected, 0) == (found.attributes["value"], found.attributes["gaps"])


@pytest.mark.parametrize(
    "lacking",
    [
        opioid("oxycodone"),
        opioid("oxycodone", 2, "{tbl}"),
        opioid("oxycodone", 5, substances=(Substance("oxycodone", frozenset()), Substance("paracetamol", frozenset()))),
        opioid("meperidine", 50, code="6754"),
        opioid("levorphanol", 4, code="6378"),
        opioid("dihydrocodeine", 60, code="23088"),
    ],
)
def test_what_cannot_be_computed_leaves_a_lower_bound_and_is_named(lacking):
    found = morphine(opioid("morphine", 30), lacking)

    assert found.attributes["value"] == Bounds(30, float("inf"))
    assert (found.attributes["gaps"], found.attributes["lacking"]) == (1, lacking.text)
    assert found.missing == (f"dose of {lacking.text}",)


def test_substitution_treatment_is_left_out():
    methadone = opioid("methadone", 60, reasons=frozenset({"x.opioid_use_disorder"}))

    assert morphine(methadone).state is State.ABSENT
    assert morphine(methadone, opioid("tramadol", 100)).attributes["value"] == 20


def test_what_is_perhaps_not_taken_any_more_is_summed_apart():
    found = morphine(opioid("oxycodone", 40), opioid("morphine", 30, days=181))

    assert (found.attributes["value"], found.attributes["possible"]) == (60, 90)


def test_the_order_under_review_counts():
    draft = opioid("oxycodone", 20, draft=True, status="draft", authored=None)

    assert morphine(opioid("morphine", 30), drafts=(draft,)).attributes["value"] == 60


def test_no_opioid_is_no_sum():
    assert morphine().state is State.ABSENT
