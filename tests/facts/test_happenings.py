"""headache.md 2.3 and 10: when something happened, by a date that was told, a diagnosis or a plain yes."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from cds.clinical import Bounds, Quantity, Span, State
from tests.facts.asking import TODAY, ago, ask, condition, facts, observation, record, spec, year


def happened(*entries, **parameters):
    return ask("happening", *entries, **parameters)


def dated(days):
    """A yes with a component that says since when."""
    since = replace(observation(ago(days), "since"), sets=frozenset())
    return observation(True, components=(since,))


@pytest.mark.parametrize(
    ("entries", "days"),
    [
        ([observation(ago(90))], 90.0),
        ([observation(ago(90), days=5)], 90.0),
        ([observation(ago(90)), observation(ago(400))], 90.0),
        ([observation(Span(date(2026, 10, 1), date(2026, 10, 31)))], 21.0),
        ([observation(Span(date(2026, 11, 1), date(2026, 11, 30)))], 0.0),
        ([condition(onset=ago(12), recorded=ago(3))], 12.0),
        ([condition(recorded=ago(3))], 3.0),
        ([condition(onset=ago(12), clinical_status="resolved")], 12.0),
        ([observation(True, days=8)], 8.0),
        ([dated(56)], 56.0),
        ([observation(True, days=8), observation(ago(40))], 8.0),
    ],
)
def test_the_newest_time_counts_by_whatever_dates_it(entries, days):
    assert happened(*entries).attributes["happened_days"] == days


@pytest.mark.parametrize(
    ("entries", "days"),
    [
        ([condition(onset=ago(12)), observation(True, days=400)], 400.0),
        ([condition(onset=ago(900), clinical_status="resolved"), condition(onset=ago(12))], 900.0),
        ([observation(None, days=30, components=(observation(20.0),)), condition(onset=ago(12))], 30.0),
        ([observation(True, days=400), observation(False, days=1)], 400.0),
    ],
)
def test_the_earliest_trace_is_found_when_asked_for(entries, days):
    assert happened(*entries, take="earliest").attributes["happened_days"] == days


@pytest.mark.parametrize(
    ("entries", "state"),
    [
        ([observation(False)], State.DENIED),
        ([condition(refuted=True, recorded=ago(3))], State.DENIED),
        ([observation(True, days=30), observation(False, days=1)], State.DENIED),
        ([observation(ago(30)), observation(False)], State.PRESENT),
        ([observation("at some time")], State.UNUSABLE),
        ([observation(Span(TODAY + timedelta(days=1), TODAY + timedelta(days=1)))], State.ABSENT),
        ([], State.ABSENT),
    ],
)
def test_a_no_counts_while_nothing_tells_of_one(entries, state):
    assert happened(*entries).state is state


@pytest.mark.parametrize(
    ("told", "age", "words"),
    [(ago(30), 46.0, "2026-10-22"), (year(2019), Bounds(38.0, 39.0), "2019")],
)
def test_the_age_at_the_time_is_bounded_by_a_partial_date(told, age, words):
    fact = happened(observation(told))

    assert (fact.attributes["happened_age"], fact.attributes["happened_on"]) == (age, words)


def test_other_facts_are_measured_from_it():
    marker = spec("observation", name="marker", unit="mg/L", anchors=("x",))
    drawn = replace(observation(Quantity(12, "mg/L"), "crp", days=5), sets=frozenset({"marker.in"}))
    known = facts([spec("happening"), marker], record(drawn, observation(ago(3))))

    assert known["marker"].attributes["measured_days_before_x"] == 2.0


@pytest.mark.parametrize(
    ("entry", "assumed"),
    [
        (observation(ago(30)), "no"),
        (dated(56), "no"),
        (condition(onset=ago(12)), "no"),
        (condition(recorded=ago(3)), "yes"),
        (observation(True, days=8), "yes"),
    ],
)
def test_it_says_whether_only_the_statement_dates_it(entry, assumed):
    assert happened(entry).attributes["assumed"] == assumed


def test_it_says_when_the_date_was_last_told():
    onset = happened(observation(ago(90), days=60), observation(ago(90), days=5), observation(ago(400), days=1))

    assert (onset.attributes["happened_days"], onset.attributes["told_days"]) == (90.0, 5.0)
