"""headache.md 4.5, 4.6: what was handed over."""

import pytest

from cds.clinical import Bounds, Coding, Quantity
from cds.record import Dosage
from tests.facts.prescribing import AS_NEEDED, TWICE_DAILY, bounds, dispense, order, used

TRANSDERMAL = (Coding("http://snomed.info/sct", "45890007", "Transdermal route"),)


def triptans(*handed: tuple[int, float]):
    """Sumatriptan handed over so many days ago, so many tablets each."""
    return [dispense("sumatriptan", pieces, days=days, of=["triptan"]) for days, pieces in handed]


def test_eighteen_triptans_a_month_are_twelve_days_of_use_at_best_and_eighteen_at_most():
    fact = used("triptan", *triptans((29, 18), (59, 18), (89, 18)))

    assert bounds(fact) == (0, 12, 18)
    assert (fact.attributes["month_confidence"], fact.attributes["source"]) == ("low", "dispensing")


@pytest.mark.parametrize(("tablets", "most"), [(9, 9), (10, 10), (40, 30)])
def test_dispensing_alone_limits_what_cannot_be_excluded(tablets, most):
    """HD-MOH-050, 3."""
    assert bounds(used("triptan", *triptans((29, tablets), (59, tablets))))[2] == most


def test_use_is_spread_evenly_until_the_next_hand_over():
    fact = used("triptan", *triptans((44, 9), (14, 9)))

    assert bounds(fact)[1:] == (6, 9)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"days_supply": 60.0}, 3),
        ({}, 4.5),  # the median of earlier intervals: 40 days
    ],
)
def test_the_last_supply_lasts_as_stated_or_as_long_as_the_others(given, expected):
    earlier = triptans((109, 9), (69, 9))
    last = dispense("sumatriptan", 9, days=29, of=["triptan"], **given)

    assert bounds(used("triptan", *earlier, last))[1] == pytest.approx(expected, abs=0.01)


def test_a_single_supply_is_taken_to_last_thirty_days():
    assert bounds(used("triptan", *triptans((29, 9))))[1] == 6


def test_what_is_left_of_the_last_supply_may_still_be_taken():
    assert bounds(used("triptan", *triptans((100, 18)))) == (0, None, 18)


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        (Quantity(20, "{tbl}"), (0, 10, 20)),
        (Quantity(20, None), (0, 10, 20)),
        (Quantity(100, "mL"), (0, None, 30)),
        (Quantity(Bounds(10, 20), "{tbl}"), (0, None, 30)),
        (None, (0, None, 30)),
    ],
)
def test_only_what_comes_in_pieces_can_be_counted(quantity, expected):
    assert bounds(used("nsaid", dispense("ibuprofen", days=29, quantity=quantity))) == expected


def test_a_patch_is_worn_every_day_of_its_supply():
    patch = dispense("fentanyl", 5, days=14, of=["opioid"], days_supply=15.0, dosages=(Dosage(routes=TRANSDERMAL),))

    assert bounds(used("opioid", patch))[1] == 15


@pytest.mark.parametrize(
    "second",
    [
        dispense("sumatriptan", 18, days=29, of=["triptan"]),
        dispense("sumatriptan", 17, days=29, of=["triptan"], identifiers=("pharmacy|1",)),
    ],
)
def test_one_hand_over_that_two_servers_sent_counts_once(second):
    """DC-6: the same drug, date and quantity, or the same identifier."""
    first = dispense("sumatriptan", 18, days=29, of=["triptan"], identifiers=("pharmacy|1",), reference="A")

    assert bounds(used("triptan", first, second))[1:] == (12, 18)


def test_two_strengths_handed_over_on_one_day_add_up():
    assert bounds(used("triptan", *triptans((29, 6), (29, 12))))[1:] == (12, 18)


def test_an_order_that_was_filled_is_one_exposure_with_what_was_handed_over():
    """DC-5: linked, the supply limits use; unlinked, the order may be another."""
    ordered = order("sumatriptan", AS_NEEDED, of=["triptan"], reference="MedicationRequest/s")
    filled = dispense("sumatriptan", 9, days=29, of=["triptan"], based_on=("MedicationRequest/s",))
    other = dispense("sumatriptan", 9, days=29, of=["triptan"])

    assert bounds(used("triptan", ordered, filled))[2] == 9
    assert bounds(used("triptan", ordered, other))[2] == 30


@pytest.mark.parametrize(("days", "early"), [(78, 1), (77, 0)])
def test_an_early_refill_comes_before_three_quarters_of_the_supply(days, early):
    first = dispense("naproxen", 60, days=100, days_supply=30.0)

    fact = used("nsaid", first, dispense("naproxen", 60, days=days, days_supply=30.0))

    assert fact.attributes["early_refills"] == early


def test_a_supply_in_the_future_is_no_supply():
    assert bounds(used("nsaid", order("naproxen", TWICE_DAILY, days=9), dispense("naproxen", 60, days=-1)))[1] == 10
