"""How often a back-test speaks of women and men, young and old, and of whom US Core tells race and ethnicity."""

from datetime import UTC, date, datetime, timedelta

import pytest

from cds.clinical import Span
from cds.fhir.dates import span
from cds.population.backtest import Call
from cds.population.shares import as_json, lines, rate, shares
from cds.population.subpopulations import NOT_RECORDED, Subpopulation, by_age, by_origin, by_sex
from cds.record import Patient

TODAY = date(2026, 11, 21)
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
CARD = ()  # what is on it is no matter here


@pytest.mark.parametrize(
    ("born", "band"),
    [
        ("2008-11-22", "under 18"),
        ("2008-11-21", "18 to 39"),
        ("1986-11-22", "18 to 39"),
        ("1986-11-21", "40 to 64"),
        ("1961-11-22", "40 to 64"),
        ("1961-11-21", "65 to 79"),
        ("1946-11-22", "65 to 79"),
        ("1946-11-21", "80 and over"),
        ("1899-01-01", "80 and over"),
        ("2026-11-21", "under 18"),
        ("1970", "40 to 64"),
        ("1961", NOT_RECORDED),  # 64 or 65
        ("2026-11-22", NOT_RECORDED),  # not yet
        (None, NOT_RECORDED),
    ],
)
def test_a_patient_is_in_the_band_of_the_age_at_the_call(born, band):
    assert Subpopulation("age", band) == by_age(span(born, UTC), TODAY)


def test_who_grows_older_is_in_another_band():
    birthday = Span(date(1961, 11, 21), date(1961, 11, 21))

    assert [by_age(birthday, TODAY - timedelta(days=1)).name, by_age(birthday, TODAY).name] == ["40 to 64", "65 to 79"]


@pytest.mark.parametrize(("gender", "name"), [("female", "female"), ("other", "other"), (None, NOT_RECORDED)])
def test_sex_is_as_it_is_recorded(gender, name):
    assert Subpopulation("sex", name) == by_sex(Patient(id="p", gender=gender))


def told(by, *codes, url="ombCategory"):
    parts = [{"url": url, "valueCoding": {"code": code}} for code in codes]
    return {"url": US_CORE + by, "extension": [*parts, {"url": "text", "valueString": "as the patient says"}]}


@pytest.mark.parametrize(
    ("extensions", "race", "ethnicity"),
    [
        ([], [NOT_RECORDED], [NOT_RECORDED]),
        ([told("race", "2106-3"), told("ethnicity", "2186-5")], ["White"], ["Not Hispanic or Latino"]),
        ([told("race", "2028-9", "2106-3")], ["Asian", "White"], [NOT_RECORDED]),
        ([told("race", "2106-3", "2106-3")], ["White"], [NOT_RECORDED]),
        ([told("race", "2131-1"), told("ethnicity", "2135-2")], ["another category"], ["Hispanic or Latino"]),
        ([told("race", "2135-2")], ["another category"], [NOT_RECORDED]),  # an ethnicity where a race should be
        ([told("race", "UNK"), told("ethnicity", "ASKU")], [NOT_RECORDED], [NOT_RECORDED]),
        ([told("race", "2036-2", url="detailed")], [NOT_RECORDED], [NOT_RECORDED]),
        ([told("birthsex", "F")], [NOT_RECORDED], [NOT_RECORDED]),
        ([{"url": f"{US_CORE}race", "extension": "White"}], [NOT_RECORDED], [NOT_RECORDED]),
        ("White", [NOT_RECORDED], [NOT_RECORDED]),
    ],
)
def test_race_and_ethnicity_are_those_of_us_core(extensions, race, ethnicity):
    others = {"resourceType": "Condition", "extension": [told("race", "2076-8")]}
    found = by_origin([others, {"resourceType": "Patient", "extension": extensions}])

    assert [one.name for one in found if one.by == "race"] == race
    assert [one.name for one in found if one.by == "ethnicity"] == ethnicity


def call(patient, cards, *within):
    return Call(patient, datetime(2026, 11, 21, tzinfo=UTC), "patient-view", (CARD,) * cards, within)


WOMEN, MEN = Subpopulation("sex", "female"), Subpopulation("sex", "male")
YOUNG, OLD = Subpopulation("age", "under 18"), Subpopulation("age", "40 to 64")
UNTOLD, ASIAN = Subpopulation("race", NOT_RECORDED), Subpopulation("race", "Asian")
CALLS = [
    call("anna", 2, WOMEN, YOUNG, ASIAN),
    call("anna", 0, WOMEN, OLD, ASIAN),
    call("berta", 0, WOMEN, OLD, UNTOLD),
    *[call("carl", 1, MEN, YOUNG, UNTOLD) for _ in range(3)],
    *[call("carl", 0, MEN, YOUNG, UNTOLD) for _ in range(17)],
]


def test_every_share_is_told_with_what_it_is_a_share_of():
    assert list(lines(shares(CALLS))) == [
        "by sex:",
        "  female: calls with a card 1/3, patients with a card 1/2, cards 2",
        "  male: calls with a card 3/20 (15.0%), patients with a card 1/1, cards 3",
        "by age:",
        "  under 18: calls with a card 4/21 (19.0%), patients with a card 2/2, cards 5",
        "  40 to 64: calls with a card 0/2, patients with a card 0/2, cards 0",
        "by race:",
        "  Asian: calls with a card 1/2, patients with a card 1/1, cards 2",
        "  not recorded: calls with a card 3/21 (14.3%), patients with a card 1/2, cards 3",
    ]


def test_programs_are_told_the_same():
    assert as_json(shares(CALLS))[0] == {
        "by": "sex",
        "name": "female",
        "calls_with_a_card": {"n": 1, "of": 3},
        "patients_with_a_card": {"n": 1, "of": 2},
        "cards": 2,
    }


def test_of_what_no_record_tells_nothing_is_said():
    assert [] == list(lines(shares([call("anna", 1, Subpopulation("sex", NOT_RECORDED), UNTOLD)])))


@pytest.mark.parametrize(("n", "of", "said"), [(0, 0, "0/0"), (1, 19, "1/19"), (1, 20, "1/20 (5.0%)")])
def test_of_few_no_share_is_told(n, of, said):
    assert said == rate(n, of)
