"""spine.md NRM-05: whether a medicine is taken."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from cds.clinical import Bounds, Coding, Fact, State
from cds.record import Dosage, Entry, Substance
from tests.facts.asking import NOW, ago, facts, record, spec
from tests.facts.prescribing import (
    AS_NEEDED,
    DAILY,
    TWICE_DAILY,
    administration,
    day,
    dispense,
    order,
    statement,
)

SNOMED = "http://snomed.info/sct"
ORAL, TOPICAL, NASAL, INHALED = ((Coding(SNOMED, code),) for code in ("26643006", "6064005", "46713006", "447694001"))
STEROID_ROUTES = (
    "topical",
    "ophthalmic",
    "otic",
    "nasal",
    "inhaled",
    "rectal",
    "intra-articular",
    "intralesional",
    "epidural",
)


def medication(*entries: Entry, drafts: tuple[Entry, ...] = (), **parameters) -> Fact:
    asked = spec("medication", codes=("in", "for"), **parameters)
    return facts([asked], record(*entries, drafts=drafts))["x"]


def shown(fact: Fact, *names: str) -> tuple:
    return (fact.state, *(fact.attributes.get(name) for name in names))


def _step(first, last) -> Dosage:
    return replace(DAILY, bounds=(first, last))


CERTAIN = (State.PRESENT, "current", "certain")
UNCERTAIN = (State.PRESENT, "current", "uncertain")
NOT_TAKEN = (State.ABSENT, None, None)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        # an order: its end by bounds, supply or validity, with seven days of grace
        (order(days=10), CERTAIN),
        (order("warfarin", Dosage(bounds=(day(40), day(7))), days=40), CERTAIN),
        (order("warfarin", Dosage(bounds=(day(40), day(8))), days=40), NOT_TAKEN),
        (order(days=37, days_supply=30.0), CERTAIN),
        (order(days=38, days_supply=30.0), NOT_TAKEN),
        (order(days=68, days_supply=30.0, repeats=1), NOT_TAKEN),
        (order(days=67, days_supply=30.0, repeats=1), CERTAIN),
        (order("ibuprofen", Dosage(bounds_days=(10, 14)), days=21), CERTAIN),
        (order("ibuprofen", Dosage(bounds_days=(10, 14)), days=22), NOT_TAKEN),
        # several dosages: one after the other, or one that goes on when the others are over
        (order("prednisone", _step(day(40), day(20)), _step(day(19), day(7)), days=40), CERTAIN),
        (order("prednisone", _step(day(40), day(20)), _step(day(19), day(8)), days=40), NOT_TAKEN),
        (order("amiodarone", _step(day(40), day(33)), DAILY, days=40), CERTAIN),
        (order("amiodarone", replace(DAILY, bounds_days=(7, 7)), DAILY, days=40), CERTAIN),
        (order("amiodarone", _step(day(40), day(33)), Dosage(text="with food"), days=40), NOT_TAKEN),
        (order(days=100, validity=(None, day(7))), CERTAIN),
        (order(days=100, validity=(None, day(8))), NOT_TAKEN),
        (order(days=40, days_supply=60.0, validity=(None, day(30))), CERTAIN),  # validity is not duration
        # without an end it is known for 180 days
        (order(days=180), CERTAIN),
        (order(days=181), UNCERTAIN),
        (order(days=0, authored=None), UNCERTAIN),
        # stopped, on hold, planned
        (order(days=10, status="stopped"), NOT_TAKEN),
        (order(days=10, status="completed", days_supply=30.0), NOT_TAKEN),
        (order(days=10, status="on-hold"), UNCERTAIN),
        (order(days=-3), NOT_TAKEN),
        # statements
        (statement(days=400), CERTAIN),
        (statement(days=400, asserted=ago(180)), CERTAIN),
        (statement(days=400, asserted=ago(181)), UNCERTAIN),
        (statement(effective=(ago(90), ago(7))), CERTAIN),
        (statement(effective=(ago(90), ago(8))), NOT_TAKEN),
        (statement(status="completed", effective=(ago(90), ago(3))), NOT_TAKEN),
        (statement(status="intended"), UNCERTAIN),
        # dispensing
        (dispense(days=37, days_supply=30.0), CERTAIN),
        (dispense(days=38, days_supply=30.0), NOT_TAKEN),
        (dispense(days=10), UNCERTAIN),
        # administration
        (administration(days=1), NOT_TAKEN),
        (administration(days=1, status="in-progress"), CERTAIN),
    ],
)
def test_what_shows_that_a_medicine_is_taken(entry, expected):
    assert shown(medication(entry), "phase", "currency") == expected


def test_the_certain_goes_before_the_uncertain():
    fact = medication(order(days=181), dispense(days=10, days_supply=30.0))

    assert shown(fact, "phase", "currency") == CERTAIN


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (order(days=44, status="stopped", days_supply=30.0), (State.PRESENT, "ended", "certain", 14)),
        (order(days=45, status="stopped", days_supply=30.0), (State.ABSENT, None, None, None)),
        (order(days=400, status="stopped"), (State.PRESENT, "ended", "uncertain", None)),
        (order(days=10, status="stopped", days_supply=30.0), (State.PRESENT, "ended", "certain", 0)),
        (statement(status="stopped", effective=(ago(90), ago(14))), (State.PRESENT, "ended", "certain", 14)),
        (administration(days=14), (State.PRESENT, "ended", "certain", 14)),
        (order(days=10), (State.PRESENT, "current", "certain", None)),
        (order(days=44, days_supply=30.0), (State.PRESENT, "ended", "certain", 14)),
    ],
)
def test_treatment_that_ended_within_the_window_counts_as_well(entry, expected):
    """spine.md MED-13, headache.md HD-RX-004: 14 days after the end; an end nobody knows counts as within."""
    assert shown(medication(entry, within=14.0), "phase", "currency", "ended_days") == expected


def test_an_explicit_stop_ends_the_supply_at_once():
    stopped = order(days=20, status="stopped", reference="MedicationRequest/s")
    handed = dispense(days=5, days_supply=30.0, based_on=("MedicationRequest/s",))

    assert medication(stopped, handed).state is State.ABSENT
    assert medication(handed).state is State.PRESENT


@pytest.mark.parametrize(
    ("routes", "parameters", "expected"),
    [
        (ORAL, {}, State.PRESENT),
        (NASAL, {}, State.PRESENT),
        ((), {}, State.PRESENT),
        (TOPICAL, {}, State.ABSENT),
        (INHALED, {"local": STEROID_ROUTES, "route": "stated"}, State.ABSENT),
        (NASAL, {"local": STEROID_ROUTES, "route": "stated"}, State.ABSENT),
        (ORAL, {"local": STEROID_ROUTES, "route": "stated"}, State.PRESENT),
        ((), {"local": STEROID_ROUTES, "route": "stated"}, State.UNUSABLE),
    ],
)
def test_only_systemic_routes_count_and_a_steroid_needs_a_route(routes, parameters, expected):
    assert medication(order("prednisone", replace(DAILY, routes=routes)), **parameters).state is expected


def test_what_was_left_out_for_want_of_a_route_is_told():
    oral, unstated = (order("prednisone", replace(DAILY, routes=routes)) for routes in (ORAL, ()))

    assert medication(oral, unstated, route="stated").attributes["route_unstated"] == "yes"
    assert medication(oral, route="stated").attributes["route_unstated"] == "no"


@pytest.mark.parametrize(
    ("entries", "continuous"),
    [
        ([order(days=29)], 30),
        ([order(days=39, days_supply=30.0)], None),
        ([order(days=36, days_supply=30.0)], 30),
        ([dispense(days=60, days_supply=30.0), dispense(days=23, days_supply=30.0)], 61),  # a gap of 7 days
        ([dispense(days=61, days_supply=30.0), dispense(days=23, days_supply=30.0)], 24),  # a gap of 8 days
        ([dispense(days=40, days_supply=30.0), order(days=29)], 41),
        ([order(days=181)], None),
    ],
)
def test_a_run_of_treatment_joins_gaps_of_seven_days(entries, continuous):
    assert medication(*entries).attributes.get("continuous_days") == continuous


@pytest.mark.parametrize(
    ("entries", "covered"),
    [
        ([dispense(days=200, days_supply=90.0), order(days=0)], 91),
        ([dispense(days=200, days_supply=89.0), order(days=0)], 90),
        ([dispense(days=200, days_supply=60.0), dispense(days=180, days_supply=60.0), order(days=0)], 81),
        ([dispense(days=400, days_supply=90.0), order(days=0)], 55),
        ([order(days=400), order(days=0)], 1),  # uncertain exposure covers nothing
    ],
)
def test_covered_days_are_counted_once_and_within_the_window(entries, covered):
    """spine.md SRF-08: 90 covered days in the last 365."""
    assert medication(*entries).attributes["covered_days"] == covered


def test_a_window_may_be_shorter():
    assert medication(order(days=100), window=30.0).attributes["covered_days"] == 30


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([order("prednisone", replace(DAILY, dose=20, dose_unit="mg"))], 20),
        ([order("prednisone", replace(DAILY, dose=20, dose_unit="mg")), order("dexamethasone", AS_NEEDED)], (20, "on")),
        ([order("prednisone", AS_NEEDED)], None),
        (
            [
                order("prednisone", replace(DAILY, dose=20, dose_unit="mg"), reference="MedicationRequest/1"),
                dispense("prednisone", 30, days=5, days_supply=30.0, based_on=("MedicationRequest/1",)),
                statement("prednisone", replace(DAILY, dose=20, dose_unit="mg"), based_on=("MedicationRequest/1",)),
            ],
            20,  # one treatment, told three times
        ),
        (
            [
                order("ibuprofen", replace(TWICE_DAILY, dose=400, dose_unit="mg")),
                statement("ibuprofen", replace(TWICE_DAILY, dose=200, dose_unit="mg")),
            ],
            1200,  # bought without prescription, on top
        ),
        (
            [
                order("prednisone", replace(DAILY, dose=20, dose_unit="mg"), reference="MedicationRequest/old"),
                order("prednisone", replace(DAILY, dose=10, dose_unit="mg"), based_on=("MedicationRequest/old",)),
            ],
            10,  # the renewal replaces what it continues
        ),
    ],
)
def test_daily_doses_add_up_and_a_gap_makes_them_at_least(entries, expected):
    dose = medication(*entries).attributes.get("daily_dose")

    assert dose == (Bounds(expected[0], float("inf")) if isinstance(expected, tuple) else expected)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"instant": NOW - timedelta(hours=24)}, 24),
        ({"instant": NOW - timedelta(hours=24, minutes=6)}, 24.1),
    ],
)
def test_the_hours_since_an_intake(given, expected):
    """headache.md HD-RX-005: 24 hours count, a minute more does not."""
    fact = medication(administration("sumatriptan", days=1, **given), within=3.0)

    assert fact.attributes["taken_hours"] == pytest.approx(expected)


def test_an_intake_without_a_time_of_day_lies_within_bounds():
    assert medication(administration(days=1), within=3.0).attributes["taken_hours"] == Bounds(10, 34)


@pytest.mark.parametrize(("authored", "expected"), [(30, State.DENIED), (20, State.DENIED), (19, State.PRESENT)])
def test_a_statement_that_it_is_not_taken_cancels_the_orders_before_it(authored, expected):
    denied = statement(status="not-taken", effective=(ago(20), None))

    assert medication(order(days=authored), denied).state is expected


def test_a_denial_of_another_drug_cancels_nothing():
    assert medication(order("naproxen"), statement("ibuprofen", status="not-taken")).state is State.PRESENT


def _containing(*names: str) -> dict:
    return {
        "ingredients": tuple(Coding("test", name, name) for name in names),
        "substances": tuple(Substance(name, frozenset()) for name in names),
    }


@pytest.mark.parametrize(
    ("taken", "denied", "expected"),
    [
        (("codeine", "paracetamol"), ("paracetamol",), State.PRESENT),
        (("paracetamol",), ("codeine", "paracetamol"), State.PRESENT),
        (("paracetamol",), ("paracetamol",), State.DENIED),
    ],
)
def test_a_denial_of_a_combination_cancels_none_of_its_parts(taken, denied, expected):
    no = statement("one product", status="not-taken", **_containing(*denied))

    assert medication(order("another product", **_containing(*taken)), no).state is expected


def test_an_order_that_was_denied_ended_on_that_day():
    denied = statement(status="not-taken", effective=(ago(20), None))

    fact = medication(order(days=60), denied, within=30.0)

    assert shown(fact, "phase", "ended_days", "covered_days") == (State.PRESENT, "ended", 20, 40)


@pytest.mark.parametrize(("drafts", "expected"), [(True, State.PRESENT), (False, State.ABSENT)])
def test_an_order_under_review_counts_where_it_is_asked_to(drafts, expected):
    asked = [spec("medication", drafts=drafts)]
    draft = order("ibuprofen", TWICE_DAILY, draft=True, status="draft")

    assert facts(asked, record())["x"].state is State.ABSENT
    assert facts(asked, record(drafts=(draft,)))["x"].state is expected


@pytest.mark.requirement("CH-192")
@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({}, State.ABSENT),
        ({"drafts": True}, State.ABSENT),
        ({"background": True}, State.PRESENT),
        ({"drafts": True, "background": True}, State.PRESENT),
    ],
)
def test_an_order_that_is_not_selected_counts_where_it_is_asked_to(flags, expected):
    draft = order("naproxen", DAILY, status="draft", draft=True)

    assert facts([spec("medication", **flags)], record(background=(draft,)))["x"].state is expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"reasons": frozenset({"x.for"}), "reason_stated": True}, "yes"),
        ({"reason_stated": True}, "other"),
        ({}, "unstated"),
    ],
)
def test_the_reason_for_treatment(given, expected):
    assert medication(order(**given)).attributes["reason"] == expected


def test_an_order_under_review_is_told_apart_from_what_is_taken():
    asked = spec("medication", drafts=True)
    draft = replace(order(), draft=True)

    assert facts([asked], record(order(), drafts=(draft,)))["x"].attributes["ordered"] == "yes"
    assert facts([asked], record(order()))["x"].attributes["ordered"] == "no"


def test_two_ingredients_are_two_and_one_told_twice_is_one():
    fact = medication(order("naproxen", AS_NEEDED), statement("ibuprofen", AS_NEEDED), order("ibuprofen", AS_NEEDED))

    assert shown(fact, "ingredients", "ingredient", "as_needed") == (State.PRESENT, 2, "ibuprofen, naproxen", "yes")


def test_an_uncertain_exposure_asks_to_be_verified():
    fact = medication(order("warfarin", days=200, reference="MedicationRequest/w"))

    assert [(each.reference, each.label, each.note) for each in fact.evidence] == [
        ("MedicationRequest/w", "warfarin", "verify that it is taken")
    ]


def contains(*names, wanted="x.in"):
    return tuple(Substance(name, frozenset({wanted})) for name in names)


@pytest.mark.parametrize(
    ("substances", "expected"),
    [
        ([contains("ibuprofen"), contains("ibuprofen")], 1),
        ([contains("ibuprofen"), contains("naproxen")], 2),
        ([contains("ibuprofen"), (*contains("ibuprofen"), *contains("famotidine", wanted="y.in"))], 1),
        ([contains("ibuprofen", "naproxen")], 2),
        ([contains("naproxen", wanted="y.in")], 1),
    ],
)
def test_ingredients_count_singly_by_one_name_for_all_code_systems(substances, expected):
    orders = [order(f"product {number}", DAILY, days=10, substances=each) for number, each in enumerate(substances)]

    assert medication(*orders).attributes["ingredients"] == expected


@pytest.mark.parametrize(
    ("dosage", "weekly"),
    [
        (Dosage(dose=15, dose_unit="mg", frequency=1, period=1, period_unit="wk"), 15),
        (Dosage(dose=14, dose_unit="mg", days_of_week=("mon",)), 14),
        (Dosage(dose=10, dose_unit="mg", frequency=1, period=1, period_unit="d", days_of_week=("mon",)), 10),
        (Dosage(dose=5, dose_unit="mg", frequency=1, period=1, period_unit="wk", days_of_week=("mon", "thu")), 10),
        (Dosage(dose=2.5, dose_unit="mg", frequency=3, period=1, period_unit="wk", days_of_week=("mon",)), 7.5),
        (Dosage(dose=2.5, dose_unit="mg", frequency=1, period=1, period_unit="d"), 17.5),
        (Dosage(dose=6, dose_unit="{tbl}", frequency=1, period=1, period_unit="wk"), None),
        (Dosage(text="as directed"), None),
    ],
)
def test_the_dose_of_a_week(dosage, weekly):
    assert medication(order("methotrexate", dosage, days=10)).attributes.get("weekly_dose") == weekly


def test_the_greatest_single_dose_and_whether_it_is_by_body_surface():
    high, by_surface = (Dosage(dose=dose, dose_unit=unit) for dose, unit in ((0.5, "g"), (90, "mg/m2")))

    assert shown(medication(order("methotrexate", high, days=1)), "single_dose", "per_area") == (
        State.PRESENT,
        500,
        "no",
    )
    assert shown(medication(order("methotrexate", by_surface, days=1)), "per_area") == (State.PRESENT, "yes")


def test_sources_are_the_orders_whose_doses_add_up():
    first, filled = order("ibuprofen", DAILY, days=10), dispense("ibuprofen", days=10, days_supply=30.0)

    assert medication(first, filled, statement("ibuprofen", DAILY, days=5)).attributes["sources"] == 2


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([order("enoxaparin", DAILY, days=3, days_supply=14.0)], 14),
        ([order("enoxaparin", DAILY, days=3, days_supply=14.0), order("heparin", DAILY, days=3)], None),
        ([statement("enoxaparin", DAILY, effective=(ago(4), ago(-5)))], 10),
    ],
)
def test_the_longest_course_is_known_when_every_course_has_an_end(entries, expected):
    assert medication(*entries).attributes.get("course_days") == expected


def test_the_course_of_an_order_under_review_is_what_it_is_for():
    draft = order("enoxaparin", replace(DAILY, bounds_days=(10, 10)), draft=True, status="draft", authored=None)

    asked = spec("medication", drafts=True)

    assert facts([asked], record(drafts=(draft,)))["x"].attributes["course_days"] == 10
