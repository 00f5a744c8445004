"""What holds of days of use whatever the record says."""

from itertools import chain

from hypothesis import given, settings
from hypothesis import strategies as st

from cds.clinical import Bounds, Fact
from cds.record import Dosage
from tests.facts.prescribing import (
    AS_NEEDED,
    THRICE_WEEKLY,
    administration,
    diary,
    dispense,
    every_use,
    monthly,
    order,
    statement,
    used,
    weekly,
)

LENGTHS = {"week": 7, "month": 30, "month_2": 30, "month_3": 30, "month_4": 30, "quarter": 30}
CLASSES = ("triptan", "nsaid", "paracetamol", "opioid", "combination")
DOSAGES = (AS_NEEDED, THRICE_WEEKLY, Dosage(code="QOD"), Dosage(frequency=2, period=1, period_unit="d"))

ago = st.integers(0, 125)
day_sets = st.frozensets(ago, max_size=60)
names = st.sampled_from(CLASSES)
dosages = st.sampled_from(DOSAGES)


@st.composite
def diaries(draw, of=names):
    yes = draw(day_sets)
    return diary(yes, draw(day_sets) - yes, of=draw(of))


def _medicines(of):
    return st.one_of(
        st.builds(lambda name, dosage, days: order(name, dosage, of=[name], days=days), of, dosages, ago),
        st.builds(lambda name, dosage, days: statement(name, dosage, of=[name], days=days), of, dosages, ago),
        st.builds(lambda name, pieces, days: dispense(name, pieces, of=[name], days=days), of, st.integers(1, 60), ago),
        st.builds(lambda name, days: administration(name, of=[name], days=days), of, ago),
    )


totals = st.one_of(
    st.builds(lambda name, number, days: monthly(number, of=name, days=days), names, st.integers(0, 30), ago),
    st.builds(lambda name, number, days: weekly(number, of=name, days=days), names, st.integers(0, 7), ago),
)
medicines = st.lists(_medicines(names), max_size=6)
records = st.builds(
    lambda diaries, medicines, totals: [*chain.from_iterable(diaries), *medicines, *totals],
    st.lists(diaries(), max_size=3),
    medicines,
    st.lists(totals, max_size=3),
)


def number(fact: Fact, name: str) -> float | None:
    found = fact.attributes.get(name)
    assert not isinstance(found, str | Bounds)
    return found


@given(records)
@settings(max_examples=150, deadline=None)
def test_proven_days_never_exceed_the_estimate_nor_that_the_possible_nor_that_the_window(entries):
    for fact in every_use(*entries).values():
        for window, length in LENGTHS.items():
            known = [number(fact, f"{window}_{bound}") for bound in ("min", "est", "max")]
            numbers = [each for each in known if each is not None]

            assert numbers == sorted(numbers)
            assert all(0 <= each <= length for each in numbers)


@given(records, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_order_of_resources_never_matters(entries, random):
    shuffled = list(entries)
    random.shuffle(shuffled)
    numbers = [{name: dict(fact.attributes) for name, fact in every_use(*each).items()} for each in (entries, shuffled)]

    assert numbers[0] == numbers[1]


@given(st.lists(diaries(), max_size=2), medicines, st.integers(0, 119))
@settings(max_examples=100, deadline=None)
def test_a_documented_day_without_use_never_raises_what_is_possible(diaries, medicines, day):
    entries = [*chain.from_iterable(diaries), *medicines]
    before = every_use(*entries)
    after = every_use(*entries, *diary((), [day], of=None))

    for name, fact in before.items():
        for window in LENGTHS:
            most = number(fact, f"{window}_max")
            assert most is None or (number(after[name], f"{window}_max") or 0.0) <= most


@given(st.lists(diaries(), min_size=1, max_size=3))
@settings(max_examples=100, deadline=None)
def test_a_family_has_at_least_the_days_of_each_member_and_at_most_their_sum(diaries):
    found = every_use(*chain.from_iterable(diaries))
    proven = [number(found[name], "month_min") or 0.0 for name in CLASSES]

    assert max(proven) <= (number(found["any"], "month_min") or 0.0) <= min(30, sum(proven))


@given(day_sets, st.integers(0, 119))
@settings(max_examples=100, deadline=None)
def test_another_day_of_use_never_lowers_what_is_proven(days, day):
    before, after = (used("nsaid", *diary(each)) for each in (days | {day}, days | {day, 5}))

    assert (number(before, "month_min") or 0.0) <= (number(after, "month_min") or 0.0)
