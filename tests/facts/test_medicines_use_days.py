"""headache.md HD-MOH-002 and -003, section 4; spine.md section 8: days of use with their bounds."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from cds.clinical import Bounds, Coding, Span, State
from cds.record import Dosage
from tests.facts.asking import ago, facts, record, spec
from tests.facts.prescribing import (
    AS_NEEDED,
    DAILY,
    THRICE_WEEKLY,
    TWICE_DAILY,
    acute_spec,
    administration,
    bounds,
    day,
    diary,
    dispense,
    full_diary,
    lasting,
    monthly,
    order,
    said,
    statement,
    used,
    weekly,
)

BERLIN = ZoneInfo("Europe/Berlin")
EVENING = datetime(2026, 11, 21, 22, 30, tzinfo=BERLIN)


def spread(number: int, newest: int, length: int = 30) -> list[int]:
    """So many days of a block that begins so many days ago."""
    return [newest + each * length // number for each in range(number)]


def three_months(number: int, earlier: int | None = None) -> list[int]:
    """So many days in each of the last three blocks, and one before them."""
    days = [each for block in (0, 30, 60) for each in spread(number, block)]
    return days if earlier is None else [*days, earlier]


# HD-MOH-002: what is a day of use


def test_two_doses_on_one_day_are_one_day_of_use():
    assert bounds(used("nsaid", *diary([1, 1, 4, 4, 9])))[0] == 3


def test_dose_times_are_read_by_the_local_calendar():
    before, after = (
        said("diary", True, effective=None, instant=datetime(2026, 11, 20, 22, 50, tzinfo=ZoneInfo("UTC"))),
        said("diary", True, effective=None, instant=datetime(2026, 11, 20, 23, 10, tzinfo=ZoneInfo("UTC"))),
    )

    assert bounds(used("nsaid", before, after, now=EVENING))[0] == 2
    assert bounds(used("nsaid", before, after, now=EVENING.astimezone(ZoneInfo("UTC"))))[0] == 1


def test_two_simple_analgesics_on_one_day_are_one_day_of_the_family():
    taken = [*diary([2], of="paracetamol"), *diary([2], of="nsaid")]

    assert [bounds(used(name, *taken))[0] for name in ("paracetamol", "nsaid", "nonopioid", "any")] == [1, 1, 1, 1]


def test_an_order_to_take_as_needed_shows_no_day_of_use():
    fact = used("nsaid", order("naproxen", AS_NEEDED))

    assert bounds(fact) == (0, None, 30)
    assert (fact.attributes["month_confidence"], fact.attributes["source"]) == ("none", "none")
    assert fact.attributes["as_needed_order"] == "yes"
    assert fact.attributes["known_from"] == "as-needed order"


def test_a_diary_entry_for_a_month_is_no_day():
    entry = said("diary", True, effective=Span(day(20), day(1)))

    assert used("nsaid", entry).state is State.ABSENT


def test_a_diary_period_documents_each_of_its_days():
    fact = used("nsaid", said("diary", False, period=(day(29), day(0))))

    assert (bounds(fact), fact.attributes["coverage"]) == ((0, 0, 0), 1)


@pytest.mark.parametrize("value", [None, "yes", Bounds(1, 2)])
def test_a_diary_entry_that_is_neither_yes_nor_no_is_nothing(value):
    assert used("nsaid", said("diary", value)).state is State.ABSENT


@pytest.mark.parametrize(
    ("value", "sets", "unnamed"),
    [
        ((), {"acute.not_counted"}, None),
        ((), {"acute.topical", "acute.nsaid"}, None),
        ((), set(), 1),  # a code that nothing explains
        ("something from the pharmacy", set(), 1),
        ((Coding("headache-local", "class-unknown"),), set(), 1),
    ],
)
def test_a_drug_that_is_not_counted_is_no_use_and_one_nobody_knows_is(value, sets, unnamed):
    named = said("class_component", value, of=None, value_sets=frozenset(sets))

    assert bounds(used("unnamed", said("diary", True, components=(named,))))[0] == unnamed


def test_a_drug_in_the_diary_is_counted_by_its_class():
    component = said("class_component", (), of=None, value_sets=frozenset({"acute.triptan"}))

    assert bounds(used("triptan", said("diary", True, components=(component,))))[0] == 1


def test_a_day_with_a_drug_nobody_named_counts_for_any_use_only():
    entries = [*diary([3], of=None), *diary([9], of="triptan")]

    assert [bounds(used(name, *entries))[0] for name in ("any", "triptan", "unnamed", "pain-reliever")] == [
        2,
        1,
        1,
        None,
    ]


def test_an_administration_proves_a_day_and_says_nothing_of_others():
    fact = used("opioid", administration("tramadol", days=3, of=["opioid"]))

    assert (bounds(fact), fact.attributes["source"]) == ((1, None, 30), "none")


def test_every_day_of_wear_of_a_patch_is_a_day_of_use():
    patch = administration("fentanyl", days=3, of=["opioid"], effective=(ago(9), ago(4)))

    assert bounds(used("opioid", patch))[0] == 6


def test_an_administration_of_some_day_of_a_month_proves_no_day():
    given = administration("fentanyl", days=3, of=["opioid"], effective=(Span(day(20), day(1)), Span(day(20), day(1))))

    assert used("opioid", given).state is State.ABSENT


def test_a_period_of_administration_is_proven_from_its_latest_start_to_its_earliest_end():
    patch = administration("fentanyl", days=3, of=["opioid"], effective=(Span(day(20), day(9)), Span(day(4), day(1))))

    assert bounds(used("opioid", patch))[0] == 6


# HD-MOH-003: rates with bounds


def test_a_full_diary_is_exact():
    fact = used("triptan", *full_diary(spread(12, 0), 30, of="triptan"))

    assert (bounds(fact), fact.attributes["month_confidence"]) == ((12, 12, 12), "high")
    assert fact.attributes["source"] == "diary"


@pytest.mark.parametrize(
    ("documented", "yes", "expected", "confidence"),
    [
        (24, 8, (8, 10, 14), "high"),
        (23, 8, (8, 10.4, 15), "moderate"),
        (15, 5, (5, 10, 20), "moderate"),
        (14, 5, (5, None, 21), "none"),
    ],
)
def test_a_diary_with_gaps_is_scaled_up_to_the_month(documented, yes, expected, confidence):
    entries = [*diary(range(yes)), *diary((), range(yes, documented), of=None)]
    fact = used("nsaid", *entries)

    assert (bounds(fact), fact.attributes["month_confidence"]) == (expected, confidence)


def test_an_entry_for_one_class_documents_only_that_class():
    entries = [*diary(range(15), of="nsaid"), *diary((), range(15, 30), of=None)]

    assert used("nsaid", *entries).attributes["coverage"] == 1
    assert used("triptan", *entries).attributes["coverage"] == 0.5


@pytest.mark.parametrize(("reported", "discordant", "confidence"), [(15, "no", "moderate"), (16, "yes", "low")])
def test_two_sources_that_differ_by_more_than_five_days_disagree(reported, discordant, confidence):
    fact = used(
        "nsaid",
        statement("ibuprofen", Dosage(frequency=10, period=1, period_unit="mo"), days=60),
        monthly(reported),
    )

    assert (fact.attributes["discordant"], fact.attributes["month_confidence"]) == (discordant, confidence)


def test_a_diary_and_a_total_may_disagree():
    fact = used("nsaid", *full_diary(spread(16, 0), 30), monthly(10))

    assert (bounds(fact), fact.attributes["month_confidence"]) == ((16, 16, 16), "moderate")


def test_the_week_is_a_quarter_of_the_last_28_days():
    assert bounds(used("nsaid", *full_diary(range(9), 28)), "week") == (2.25, 2.25, 2.25)
    assert bounds(used("nsaid", *full_diary(range(8), 28)), "week") == (2, 2, 2)
    assert bounds(used("nsaid", *diary([27])), "week")[0] == 0.25
    assert bounds(used("nsaid", *diary([28])), "week")[0] == 0


# 4.2, 4.3: totals by the patient's own account


@pytest.mark.parametrize(
    ("total", "a_week", "a_month"),
    [
        (weekly(2), 2, 8.57),
        (weekly(2.5), 2.5, 10.71),
        (weekly(3, "d/wk"), 3, 12.86),
        (weekly(9), 7, 30),
        (monthly(8), 1.87, 8),
        (monthly(9), 2.1, 9),
        (monthly(9, "{days}"), 2.1, 9),
        (monthly(9, None, type="QuestionnaireResponse"), 2.1, 9),
        (monthly(2, "d/wk"), 2, 8.57),
        (monthly(Bounds(10, 14)), 2.8, 12),
        (monthly(Bounds(10, float("inf"))), 2.33, 10),
        (monthly(0), 0, 0),
    ],
)
def test_a_reported_total_is_the_estimate(total, a_week, a_month):
    fact = used("nsaid", total)

    assert (bounds(fact, "week")[1], bounds(fact)[1]) == (a_week, a_month)
    assert (bounds(fact)[0], fact.attributes["month_confidence"]) == (0, "moderate")


@pytest.mark.parametrize(
    ("total", "missing"),
    [
        (monthly(8, "mg"), "Numbness of 2026-11-21 has a unit that does not fit days"),
        (monthly(8, None), "Numbness of 2026-11-21 has no unit"),
        (weekly(3, None), "Numbness of 2026-11-21 has no unit"),
        (monthly(8, "mg", type="QuestionnaireResponse"), "Numbness of 2026-11-21 has a unit that does not fit days"),
        (said("per_month", "often"), "Numbness of 2026-11-21 is not a number"),
        (monthly(8, effective=None), "Numbness has no date"),
    ],
)
def test_a_total_that_cannot_be_relied_on_is_no_answer_and_not_silence(total, missing):
    fact = used("nsaid", total)

    assert (fact.state, fact.missing) == (State.UNUSABLE, (missing,))


def test_what_else_is_known_counts_beside_a_total_without_a_unit():
    assert bounds(used("nsaid", monthly(20, None), *diary(range(6)))) == (6, None, 30)


def test_an_unusable_total_of_one_class_says_nothing_of_another():
    assert used("triptan", monthly(8, None)).state is State.ABSENT


def test_an_answer_of_zero_is_zero():
    assert bounds(used("nsaid", monthly(0), order("naproxen", AS_NEEDED))) == (0, 0, 0)


@pytest.mark.parametrize(
    ("days", "months"),
    [
        (0, (8, None, None, None)),
        (30, (8, None, None, None)),
        (31, (None, 8, None, None)),
        (60, (None, 8, None, None)),
        (61, (None, None, 8, None)),
        (91, (None, None, None, 8)),
        (120, (None, None, None, 8)),
    ],
)
def test_a_total_tells_of_the_days_before_it(days, months):
    fact = used("nsaid", monthly(8, days=days))

    assert tuple(bounds(fact, window)[1] for window in ("month", "month_2", "month_3", "month_4")) == months


def test_a_total_of_more_than_120_days_ago_is_not_used():
    assert used("nsaid", monthly(8, days=121)).state is State.ABSENT


@pytest.mark.parametrize(("duration", "quarter"), [(lasting(4), 12), (lasting(91, "d"), 12), (lasting(3), None)])
def test_a_total_with_a_duration_of_more_than_three_months_tells_of_three(duration, quarter):
    fact = used("nsaid", monthly(12), duration)

    assert (bounds(fact, "quarter")[1], bounds(fact, "month_4")[1]) == (quarter, None)


def test_the_newest_total_counts():
    assert bounds(used("nsaid", monthly(20, days=10), monthly(8, days=2)))[1] == 8


def test_a_total_proves_days_only_where_a_site_says_so():
    assert bounds(used("nsaid", monthly(Bounds(10, 14))))[0] == 0
    assert bounds(used("nsaid", monthly(Bounds(10, 14)), reports_prove=True))[0] == 10


def test_dated_days_correct_a_total_that_is_too_low():
    assert bounds(used("nsaid", monthly(4), *diary(range(6)))) == (6, 6, 6)


# 4.2: statements and orders


def test_use_stated_by_the_patient_is_an_estimate_of_moderate_confidence():
    """Chain A: naproxen three days a week for sciatica."""
    naproxen = statement("naproxen", THRICE_WEEKLY, reasons=frozenset({"acute.sciatica"}))
    fact = used("any", naproxen)

    assert (bounds(fact, "week"), fact.attributes["week_confidence"]) == ((0, 3, 7), "moderate")
    assert fact.attributes["for_sciatica"] == "yes"
    assert fact.attributes["known_from"] == "patient's statement"


@pytest.mark.parametrize(
    ("entry", "expected", "source"),
    [
        (statement("ibuprofen", Dosage(frequency=2, period=1, period_unit="wk", as_needed=True)), 2, "statement"),
        (statement("ibuprofen", THRICE_WEEKLY, source="Practitioner"), 3, "order"),
        (statement("ibuprofen", THRICE_WEEKLY, source="RelatedPerson"), 3, "statement"),
        (statement("ibuprofen", AS_NEEDED, source="Practitioner"), None, "none"),
        (statement("ibuprofen", Dosage(text="now and then")), None, "none"),
        (order("ibuprofen", TWICE_DAILY), 7, "order"),
    ],
)
def test_who_says_it_decides_what_it_is_worth(entry, expected, source):
    fact = used("nsaid", entry)

    assert (bounds(fact, "week")[1], fact.attributes["source"]) == (expected, source)


@pytest.mark.parametrize(("supply", "confidence"), [(24.0, "moderate"), (23.0, "low")])
def test_a_scheduled_order_is_confirmed_by_dispensing_of_four_fifths(supply, confidence):
    handed = dispense("naproxen", 60, days=29, days_supply=supply)
    fact = used("nsaid", order("naproxen", TWICE_DAILY, days=29), handed)

    assert fact.attributes["month_confidence"] == confidence


@pytest.mark.parametrize(("linked", "confidence"), [(True, "moderate"), (False, "low")])
def test_dispensing_under_another_code_confirms_the_order_it_fills(linked, confidence):
    scheduled = order("naproxen", TWICE_DAILY, days=29)
    filled = (scheduled.reference,) if linked else ()
    handed = dispense("ibuprofen", 60, days=29, days_supply=30.0, based_on=filled)

    assert used("nsaid", scheduled, handed).attributes["month_confidence"] == confidence


@pytest.mark.parametrize(
    ("dosage", "expected"),
    [
        (AS_NEEDED, (0, None, 30)),
        (
            Dosage(as_needed=True, frequency=1, period=6, period_unit="h", max_per_period=(8, None, 24, "h")),
            (0, None, 30),
        ),
        (Dosage(as_needed=True, frequency=2, period=1, period_unit="wk"), (0, None, 9)),
        (Dosage(as_needed=True, dose=50, dose_unit="mg", max_per_period=(100, "mg", 1, "wk")), (0, None, 9)),
    ],
)
def test_an_as_needed_order_is_a_maximum_only(dosage, expected):
    assert bounds(used("triptan", order("sumatriptan", dosage, of=["triptan"]))) == expected


def test_an_order_of_today_says_nothing_of_the_months_before():
    fact = used("triptan", order("sumatriptan", AS_NEEDED, of=["triptan"], days=0))

    assert [bounds(fact, window)[2] for window in ("week", "month", "month_2")] == [7, 30, None]


def test_a_statement_that_it_is_not_taken_cancels_the_order():
    denied = statement("naproxen", status="not-taken", effective=(ago(50), None))

    assert bounds(used("nsaid", order("naproxen", TWICE_DAILY, days=100), denied)) == (0, None, None)
    assert bounds(used("nsaid", order("naproxen", TWICE_DAILY, days=100), denied), "month_3") == (0, 30, 30)


def test_an_order_after_the_denial_stands():
    denied = statement("naproxen", status="not-taken", effective=(ago(50), None))

    assert bounds(used("nsaid", order("naproxen", TWICE_DAILY, days=29), denied)) == (0, 30, 30)


# 4.6: double counting


def test_two_records_of_one_drug_are_one_exposure():
    twice = [order("ibuprofen", THRICE_WEEKLY), order("ibuprofen", THRICE_WEEKLY)]

    assert bounds(used("nsaid", *twice), "week")[1] == 3


def test_a_renewed_order_goes_on_where_the_last_one_ended():
    first = order("ibuprofen", DAILY, days=29, validity=(None, day(20)))
    second = order("ibuprofen", DAILY, days=19, validity=(None, day(10)))

    assert bounds(used("nsaid", first, second))[1] == 20


def test_two_drugs_of_one_class_are_taken_as_independent():
    entries = [order("ibuprofen", THRICE_WEEKLY), order("naproxen", THRICE_WEEKLY)]

    assert bounds(used("nsaid", *entries), "week")[1] == pytest.approx(7 * (1 - (4 / 7) ** 2), abs=0.01)


def test_every_day_and_thrice_a_week_are_every_day():
    assert bounds(used("nsaid", order("ibuprofen", THRICE_WEEKLY), order("ibuprofen", DAILY)))[1] == 30


@pytest.mark.parametrize(("shared", "expected"), [(0, 18), (9, 9)])
def test_distinct_days_of_simple_analgesics_are_pooled(shared, expected):
    """HD-MOH-025, 1 and 2."""
    ibuprofen = range(9 - shared, 18 - shared)
    entries = [*diary(range(9), of="paracetamol"), *diary(ibuprofen, of="nsaid")]

    assert bounds(used("nonopioid", *entries))[0] == expected


@pytest.mark.parametrize(("shared", "expected"), [(1, 15), (2, 14)])
def test_a_shared_day_is_pooled_once(shared, expected):
    entries = [*diary(range(8), of="paracetamol"), *diary(range(8 - shared, 16 - shared), of="nsaid")]

    assert bounds(used("nonopioid", *entries))[0] == expected


def test_undated_totals_of_two_classes_overlap_by_chance():
    """HD-MOH-025, 4."""
    fact = used("nonopioid", monthly(8, of="paracetamol"), monthly(8, of="nsaid"))

    assert bounds(fact) == (0, 13.87, 16)
    assert (fact.attributes["month_confidence"], fact.attributes["source"]) == ("low", "combined")


def test_totals_of_several_classes():
    """HD-MOH-028, 5."""
    fact = used("several", monthly(6, of="triptan"), monthly(6, of="nsaid"))

    assert (bounds(fact)[1], fact.attributes["month_confidence"]) == (10.8, "low")


@pytest.mark.parametrize(("shared", "expected"), [(0, 10), (1, 9)])
def test_days_of_several_classes(shared, expected):
    """HD-MOH-028, 1 and 4."""
    triptan = [each for block in (0, 30, 60) for each in range(block, block + 5)]
    nsaid = [each for block in (0, 30, 60) for each in range(block + 5 - shared, block + 10 - shared)]
    fact = used("several", *diary(triptan, of="triptan"), *diary(nsaid, of="nsaid"))

    assert (bounds(fact, "quarter")[0], fact.attributes["classes"]) == (expected, 2)


def test_all_simple_analgesics_are_one_class_of_several():
    """HD-MOH-028, 3."""
    entries = [*diary(three_months(8), of="paracetamol"), *diary(three_months(8), of="nsaid")]

    assert used("several", *entries).attributes["classes"] == 1


def test_a_class_missing_in_one_month_is_not_in_every_month():
    entries = [*diary(three_months(8), of="triptan"), *diary([0, 31], of="nsaid")]

    assert used("several", *entries).attributes["classes"] == 1


@pytest.mark.parametrize(("total", "expected"), [(14, 14), (9, 9)])
def test_a_total_of_drugs_nobody_named(total, expected):
    """HD-MOH-029."""
    entries = [monthly(total, of=None), lasting(6, of=None)]

    assert bounds(used("unnamed", *entries), "quarter")[1] == expected
    assert bounds(used("any", *entries))[1] == expected
    assert used("nsaid", *entries).state is State.ABSENT


# 4.7: three months


@pytest.mark.parametrize(
    ("days", "quarter", "earlier"),
    [
        (three_months(10, 91), 10, "yes"),
        (three_months(10, 90), 10, "no"),
        (three_months(10), 10, "no"),
        (three_months(9), 9, "no"),
        ([*three_months(10)[:20], *spread(9, 60)], 9, "no"),
        (three_months(10, 119), 10, "yes"),
        (three_months(10, 120), 10, "no"),
    ],
)
def test_the_weakest_of_three_months_decides_and_the_beginning_is_told(days, quarter, earlier):
    fact = used("ergot", *full_diary(days, of="ergot"))

    assert (bounds(fact, "quarter")[0], fact.attributes["earlier"]) == (quarter, earlier)


@pytest.mark.parametrize(
    ("entry", "earlier", "began"),
    [
        (statement("ibuprofen", DAILY, days=91), "yes", 91),
        (statement("ibuprofen", DAILY, days=90), "no", 90),
        (statement("ibuprofen", DAILY, days=400), "yes", 119),
        (statement("ibuprofen", DAILY, effective=(Span(day(112), day(91)), None)), "yes", 91),
        (statement("ibuprofen", DAILY, effective=(Span(day(112), day(90)), None)), "no", 90),
        (statement("ibuprofen", DAILY, effective=(Span(day(20), day(-9)), None)), "no", 0),
        (statement("ibuprofen", DAILY, effective=(Span(day(112), day(82)), ago(10))), "no", 82),
        (statement("ibuprofen", DAILY, effective=None, asserted=Span(day(80), day(62))), "yes", 91),
        (statement("ibuprofen", DAILY, effective=None, asserted=Span(day(80), day(61))), "no", 90),
        (order("ibuprofen", DAILY, days=400), "no", None),
        (lasting(91, "d"), None, None),
    ],
)
def test_the_start_of_a_statement_is_a_beginning_and_an_order_is_none(entry, earlier, began):
    fact = used("nsaid", entry)

    assert (fact.attributes.get("earlier"), fact.attributes.get("began_days")) == (earlier, began)


@pytest.mark.parametrize(
    ("duration", "earlier"), [(lasting(91, "d"), "yes"), (lasting(3), "no"), (lasting(6, of=None), "yes")]
)
def test_a_reported_duration_is_a_beginning(duration, earlier):
    assert used("nsaid", monthly(12), duration).attributes["earlier"] == earlier


def test_a_month_without_an_estimate_leaves_the_quarter_open():
    fact = used("triptan", monthly(12, of="triptan"))

    assert (bounds(fact), bounds(fact, "quarter")) == ((0, 12, 12), (0, None, None))
    assert (fact.attributes["mean_est"], fact.attributes["quarter_confidence"]) == (12, "none")


def test_the_mean_of_three_months():
    days = [*spread(15, 0), *spread(14, 30), *spread(15, 60)]

    assert used("nsaid", *full_diary(days)).attributes["mean_est"] == 14.67


# spine.md section 8


@pytest.mark.parametrize(
    ("days", "a_week", "heavy"),
    [
        (range(10), 2.5, 2),
        ([0, 1, 7, 8, 14, 15, 21, 22], 2, 0),
        ([0, 1, 2, 3, 7, 8, 9, 10], 2, 2),
        ([0, 1, 2, 7, 8, 14, 15, 21, 22], 2.25, 1),
        ([0, 7, 14, 21], 1, 0),
    ],
)
def test_weeks_of_more_than_two_days_of_use(days, a_week, heavy):
    fact = used("nsaid", *full_diary(days, 28))

    assert (bounds(fact, "week")[0], fact.attributes["heavy_weeks"]) == (a_week, heavy)


def test_two_products_of_one_class_on_one_day_are_one_day():
    entries = [administration("ibuprofen", days=3), administration("naproxen", days=3)]

    assert bounds(used("nsaid", *entries))[0] == 1


# what is told beside the numbers


def test_what_is_known_is_told_best_source_first():
    fact = used(
        "triptan",
        order("sumatriptan", AS_NEEDED, of=["triptan"]),
        dispense("sumatriptan", 9, days=10, of=["triptan"]),
        monthly(8, of="triptan"),
        *diary([2], of="triptan"),
    )

    assert fact.attributes["known_from"] == "diary, patient's total, dispensing, as-needed order"
    assert fact.attributes["drugs"] == "sumatriptan"


def test_a_diary_is_one_line_of_evidence():
    fact = used("nsaid", *full_diary(range(12), 40), order("naproxen", AS_NEEDED, reference="MedicationRequest/n"))

    assert [(each.label, each.value, each.when) for each in fact.evidence] == [
        ("Diary", "12 of 30 documented days in the last 30", "2026-10-13 to 2026-11-21"),
        ("naproxen", "as-needed order", "2026-08-13"),
    ]


@pytest.mark.parametrize(
    ("days", "expected"),
    [(119, "yes"), (120, "no")],
)
def test_a_reason_counts_for_120_days(days, expected):
    handed = dispense("naproxen", 20, days=days, days_supply=1.0, reasons=frozenset({"acute.sciatica"}))

    assert used("nsaid", handed, order("ibuprofen", AS_NEEDED)).attributes["for_sciatica"] == expected


FOR_SCIATICA = frozenset({"acute.sciatica"})


@pytest.mark.parametrize(
    ("entries", "some", "only"),
    [
        ([order("naproxen", AS_NEEDED, reasons=FOR_SCIATICA)], "yes", "yes"),
        ([order("naproxen", AS_NEEDED, reasons=FOR_SCIATICA), *diary([2], of="nsaid")], "yes", "yes"),
        ([order("naproxen", AS_NEEDED, reasons=FOR_SCIATICA), dispense("ibuprofen", 20, days=5)], "yes", "yes"),
        ([order("naproxen", AS_NEEDED, reasons=FOR_SCIATICA), order("ibuprofen", AS_NEEDED)], "yes", "no"),
        ([order("naproxen", AS_NEEDED, reasons=FOR_SCIATICA), statement("ibuprofen", THRICE_WEEKLY)], "yes", "no"),
        (
            [
                order("naproxen", AS_NEEDED, reasons=FOR_SCIATICA),
                dispense("ibuprofen", 20, days=5, reason_stated=True),
            ],
            "yes",
            "no",
        ),
        ([order("naproxen", AS_NEEDED, reasons=FOR_SCIATICA), *diary([2], of="triptan")], "yes", "no"),
        (
            [order("naproxen", AS_NEEDED, reasons=FOR_SCIATICA), dispense("sumatriptan", 9, days=5, of=["triptan"])],
            "yes",
            "no",
        ),
        ([order("naproxen", AS_NEEDED)], "no", "no"),
        (diary([2], of="nsaid"), "no", "no"),
    ],
)
def test_only_for_sciatica_is_what_was_all_ordered_for_it(entries, some, only):
    told = used("any", *entries).attributes

    assert (told["for_sciatica"], told["only_for_sciatica"]) == (some, only)


def test_without_any_sign_the_fact_is_absent_and_unknown_when_nothing_was_supplied():
    asked = [acute_spec(), spec("use-days", of="acute", **{"class": "nsaid"})]

    assert facts(asked, record())["x"].state is State.ABSENT
    assert facts(asked, record(supplied=frozenset()))["x"].state is State.UNSUPPLIED
    assert facts(asked, record(order("naproxen", AS_NEEDED), supplied=frozenset()))["x"].state is State.PRESENT
