"""headache.md HD-MOH-012: what a draft order plans and permits."""

import pytest
from msgspec.structs import replace

from cds.clinical import Bounds, Coding, Quantity
from cds.record import Dosage
from tests.facts.asking import facts, record, spec
from tests.facts.prescribing import AS_NEEDED, DAILY, TWICE_DAILY, day, drafted, order

TOPICAL = (Coding("http://snomed.info/sct", "6064005"),)


def draft(drug: str = "naproxen", *dosages: Dosage, **given):
    standard = {"draft": True, "status": "draft", "authored": None, "reference": "MedicationRequest/draft"}
    return order(drug, *dosages, **{**standard, **given})


def attributes(*dosages: Dosage, **given) -> dict:
    (item,) = drafted(draft("naproxen", *dosages, **given))
    return dict(item.attributes)


def tablets(number: float) -> Quantity:
    return Quantity(number, "{tbl}")


def test_each_draft_is_one_item_named_by_its_reference():
    items = drafted(draft(), draft("sumatriptan", AS_NEEDED, of=["triptan"], reference="MedicationRequest/2"))

    assert [(each.name, each.attributes["title"], each.attributes["class"]) for each in items] == [
        ("MedicationRequest/draft", "naproxen", "nsaid"),
        ("MedicationRequest/2", "sumatriptan", "triptan"),
    ]


def test_a_medicine_of_no_acute_class_has_no_class():
    (item,) = drafted(draft("metformin", of=()))

    assert "class" not in item.attributes


@pytest.mark.parametrize(
    ("of", "reasons", "expected"),
    [
        (["opioid", "substitution"], frozenset(), "yes"),
        (["opioid"], frozenset({"acute.opioid_use_disorder"}), "yes"),
        (["opioid"], frozenset(), "no"),
        (["nsaid"], frozenset({"acute.opioid_use_disorder"}), "no"),
    ],
)
def test_substitution_treatment_is_told_from_other_opioids(of, reasons, expected):
    (item,) = drafted(draft("methadone", of=of, reasons=reasons))

    assert item.attributes["substitution"] == expected


def test_only_the_medicines_asked_for_are_items():
    other = draft("metformin", sets=frozenset({"y.in"}), reference="MedicationRequest/m")

    assert [each.attributes["title"] for each in drafted(draft(), other, codes=("in",))] == ["naproxen"]


def test_naproxen_twice_daily_for_sixty_days():
    found = attributes(replace(TWICE_DAILY, bounds_days=(60, 60)))

    assert (found["scheduled"], found["course_days"], found["planned_days_28"]) == ("yes", 60, 28)


@pytest.mark.parametrize(
    ("dosage", "given", "planned", "course"),
    [
        (replace(DAILY, bounds_days=(8, 8)), {}, 8, 8),
        (replace(DAILY, bounds_days=(9, 9)), {}, 9, 9),
        (replace(DAILY, count=5), {}, 5, 5),
        (replace(DAILY, bounds=(day(0), day(-13))), {}, 14, 14),
        (replace(DAILY, bounds=(day(-20), None)), {}, 8, None),
        (DAILY, {"days_supply": 7.0, "repeats": 1}, 14, 14),
        (TWICE_DAILY, {"quantity": tablets(20)}, 10, 10),
        (replace(TWICE_DAILY, dose=2, dose_unit="{tbl}"), {"quantity": tablets(20)}, 5, 5),
        (replace(TWICE_DAILY, dose=2, dose_unit="tablet"), {"quantity": Quantity(20, "tablet")}, 5, 5),
        (replace(TWICE_DAILY, dose=500, dose_unit="mg"), {"quantity": tablets(20)}, 10, 10),
        (Dosage(frequency=2, period=1, period_unit="wk"), {}, 8, None),
        (Dosage(frequency=3, period=1, period_unit="wk"), {}, 12, None),
        (Dosage(days_of_week=("mon", "thu")), {}, 8, None),
        (Dosage(frequency=1, period=2, period_unit="d"), {}, 14, None),
    ],
)
def test_the_days_a_schedule_plans(dosage, given, planned, course):
    found = attributes(dosage, **given)

    assert (found["planned_days_28"], found.get("course_days")) == (planned, course)
    assert found["open_ended"] == ("yes" if course is None else "no")


@pytest.mark.parametrize(
    ("given", "in_28", "in_30"),
    [
        ({"quantity": tablets(18), "days_supply": 28.0}, 18, 18),
        ({"quantity": tablets(9), "days_supply": 30.0}, 9, 9),
        ({"quantity": tablets(9), "days_supply": 30.0, "repeats": 5}, 9, 9),
        ({"quantity": tablets(9), "repeats": 5}, 9, 9),
        ({"quantity": tablets(4), "days_supply": 7.0, "repeats": 3}, 16, 16),
        ({"quantity": tablets(4), "days_supply": 7.0, "repeats": 1}, 8, 8),
        ({"quantity": tablets(100)}, 28, 30),
        ({"quantity": Quantity(100, "mL")}, None, None),
        ({}, None, None),
    ],
)
def test_the_days_a_quantity_permits(given, in_28, in_30):
    found = attributes(AS_NEEDED, **given)

    assert (found.get("permitted_days_28"), found.get("permitted_days_30")) == (in_28, in_30)
    assert found["has_quantity"] == ("no" if in_28 is None else "yes")


def test_a_stated_maximum_limits_what_the_quantity_permits():
    limited = Dosage(as_needed=True, dose=50, dose_unit="mg", max_per_period=(100, "mg", 1, "wk"))

    assert attributes(limited, quantity=tablets(18))["permitted_days_28"] == 8


@pytest.mark.parametrize(
    ("dosages", "expected"),
    [
        ((), ("no", "no", "no")),
        ((AS_NEEDED,), ("no", "yes", "no")),
        ((Dosage(text="as directed"),), ("no", "no", "no")),
        ((TWICE_DAILY,), ("yes", "no", "yes")),
        ((replace(TWICE_DAILY, as_needed=True),), ("no", "yes", "yes")),
        ((Dosage(as_needed=True, max_per_period=(2, None, 24, "h")),), ("no", "yes", "yes")),
    ],
)
def test_what_the_order_states(dosages, expected):
    found = attributes(*dosages)

    assert (found["scheduled"], found["as_needed"], found["has_timing"]) == expected


def test_the_doses():
    found = attributes(replace(TWICE_DAILY, dose=0.5, dose_unit="g"))

    assert (found["single_dose"], found["daily_dose"]) == (500, 1000)


@pytest.mark.parametrize(("routes", "systemic"), [(TOPICAL, "no"), ((), "yes")])
def test_a_gel_is_not_systemic(routes, systemic):
    found = attributes(replace(TWICE_DAILY, routes=routes))

    assert found["systemic"] == systemic
    assert found.get("class") == ("nsaid" if systemic == "yes" else None)


def test_without_drafts_there_are_no_items():
    assert drafted() == []


@pytest.mark.parametrize(
    ("taken", "course", "expected"),
    [
        ([], {"days_supply": 28.0}, 28),
        ([], {"days_supply": 7.0, "repeats": 3}, 28),
        ([order("naproxen", DAILY, days=19, days_supply=20.0)], {"days_supply": 7.0}, 27),
        ([order("naproxen", DAILY, days=20, days_supply=21.0)], {"days_supply": 7.0}, 28),
        ([order("naproxen", DAILY, days=40, days_supply=30.0)], {"days_supply": 7.0}, 7),
        ([order("naproxen", DAILY, days=20, days_supply=21.0)], {}, Bounds(21, float("inf"))),
        ([], {}, Bounds(0, float("inf"))),
    ],
)
def test_the_planned_days_go_on_from_the_treatment_that_runs(taken, course, expected):
    asked = spec("draft-medication", name="x", after="taken")
    known = [replace(entry, sets=frozenset({"taken.in"})) for entry in taken]
    one = draft("naproxen", DAILY, sets=frozenset({"x.in"}), **course)
    found = facts([spec("medication", name="taken"), asked], record(*known, drafts=(one,)))["x"]

    assert found.items[0].attributes["planned_days"] == expected


@pytest.mark.parametrize(
    ("dosages", "course"),
    [
        ([(0, -13), (-14, -27)], 28),
        ([(0, -13), (0, -6)], 14),
        ([(-7, -13)], 7),
        ([(0, -13), (-14, None)], None),
    ],
)
def test_the_steps_of_a_taper_are_one_course(dosages, course):
    steps = [replace(DAILY, bounds=(day(first), None if last is None else day(last))) for first, last in dosages]

    assert attributes(*steps).get("course_days") == course
