"""headache.md HD-MOH-004: days with headache."""

from datetime import datetime, timedelta
from math import inf
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from cds.clinical import Bounds, Fact, Quantity, State
from cds.record import ObservationEntry
from tests.facts import headaches
from tests.facts.asking import NOW, ask, facts, observation, record, spec
from tests.facts.prescribing import bounds, day

BERLIN = ZoneInfo("Europe/Berlin")
CODES = ("days", "per_month", "per_quarter", "attacks", "attack_duration", "typical")


def headache(*entries: ObservationEntry, now: datetime = NOW) -> Fact:
    return ask("diary-days", *entries, codes=CODES, now=now)


def told(parameter: str, value: object, **given) -> ObservationEntry:
    return replace(observation(value, parameter, **given), sets=frozenset({f"x.{parameter}"}))


def diary(yes, no=()) -> list[ObservationEntry]:
    return [told("days", value, days=each) for value, days in ((True, yes), (False, no)) for each in days]


def total(value, unit="d", **given) -> ObservationEntry:
    return told("per_month", Quantity(value, unit), **given)


def attack(start: datetime, **given) -> ObservationEntry:
    return told("attacks", None, instant=start, **given)


@pytest.mark.parametrize(
    ("entry", "state"),
    [
        (total(16, None), State.UNUSABLE),
        (told("per_quarter", Quantity(45, None)), State.UNUSABLE),
        (total(16, None, type="QuestionnaireResponse"), State.PRESENT),
        (total(16), State.PRESENT),
    ],
)
def test_only_the_answer_to_a_question_is_a_count_without_a_unit(entry, state):
    assert headache(entry).state is state


def test_a_full_diary_is_exact():
    fact = headache(*diary(range(16), range(16, 30)))

    assert (bounds(fact), fact.attributes["month_confidence"]) == ((16, 16, 16), "high")
    assert (fact.attributes["source"], fact.attributes["known_from"]) == ("diary", "diary")


def test_a_diary_with_gaps_is_scaled_up():
    assert bounds(headache(*diary(range(8), range(8, 24)))) == (8, 10, 14)


def test_a_diary_with_more_gaps_than_days_gives_no_estimate():
    assert bounds(headache(*diary(range(10)))) == (10, None, 30)


@pytest.mark.parametrize(
    ("period", "expected"),
    [((day(5), day(4)), 2), ((day(5), day(5)), 1), ((day(5), day(3)), 3)],
)
def test_an_attack_counts_on_every_date_it_touches(period, expected):
    fact = headache(told("attacks", None, period=period))

    assert (bounds(fact)[:2], fact.attributes["source"]) == ((expected, expected), "attacks")


@pytest.mark.parametrize(("minutes", "expected"), [(119, 1), (120, 2), (240, 2), (None, 1)])
def test_an_attack_that_goes_on_after_midnight_is_two_days(minutes, expected):
    start = datetime(2026, 11, 10, 22, tzinfo=BERLIN)
    components = () if minutes is None else (told("attack_duration", Quantity(minutes, "min")),)

    assert bounds(headache(attack(start, components=components), now=NOW.astimezone(BERLIN)))[0] == expected


def test_the_usual_attack_happened_on_no_date():
    fact = headache(attack(NOW - timedelta(days=3), components=(told("typical", True),)))

    assert fact.state is State.ABSENT


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (total(16), (0, 16, 16)),
        (total(0), (0, 0, 0)),
        (total(Bounds(10, 15)), (0, 12.5, 15)),
        (total(4, "d/wk"), (0, 17.14, 17.14)),
        (total(16, days=30), (0, 16, 16)),
        (total(16, days=31), (0, None, 30)),
        (told("per_quarter", Quantity(45, "d")), (0, 15, 15)),
        (told("per_quarter", Quantity(45, "d"), days=14), (0, 15, 15)),
        (told("per_quarter", Quantity(Bounds(-inf, 30), "d")), (0, 5, 10)),
        (told("per_quarter", Quantity(Bounds(45, inf), "d")), (0, 15, 30)),
    ],
)
def test_a_total_is_the_estimate(entry, expected):
    assert bounds(headache(entry)) == expected


def test_a_diary_goes_before_a_total_and_a_total_before_attacks():
    entries = [*diary(range(16), range(16, 30)), total(3), told("attacks", None, days=2)]

    assert headache(*entries).attributes["source"] == "diary"
    assert headache(*entries[-2:]).attributes["source"] == "report"


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [total(16, days=150)],
        [total(16, days=-1)],
        [told("per_quarter", Quantity(45, "d"), days=-1)],
        [told("per_quarter", Quantity(45, "d"), days=15)],
        [told("days", None)],
    ],
)
def test_without_anything_written_down_the_days_are_not_zero_but_unrecorded(entries):
    fact = headache(*entries)

    assert (fact.state, fact.attributes) == (State.ABSENT, {})


def test_when_observations_were_not_supplied_so_are_the_days():
    asked = spec("diary-days", codes=CODES)

    assert facts([asked], record(supplied=frozenset()))["x"].state is State.UNSUPPLIED


@pytest.mark.parametrize(
    ("months", "mean"), [((15, 15, 15), 15), ((15, 14, 15), 14.67), ((15, 14, None), 15), ((None, 14, 15), None)]
)
def test_the_mean_needs_three_months_else_the_last_one_stands(months, mean):
    totals = [total(value, days=30 * n + 1) for n, value in enumerate(months) if value is not None]

    assert headache(*totals).attributes.get("mean_est") == mean


def test_the_evidence_is_the_diary_and_the_totals():
    fact = headache(*diary([0, 2], [1]), total(16, days=3))

    assert [(each.label, each.value) for each in fact.evidence] == [
        ("Diary", "2 of 3 documented days in the last 30"),
        ("Patient's total", "16 days in 30"),
    ]


@pytest.mark.parametrize(
    ("now", "before", "doubled"),
    [(8, (4, 4, 4), "yes"), (7, (4, 4, 4), "no"), (8, (6, 3, 3), "yes"), (8, (4, 4), None), (0, (0, 0, 0), "yes")],
)
def test_days_have_doubled_against_the_three_months_before(now, before, doubled):
    def month(back, days):
        return range(30 * back, 30 * back + days), range(30 * back + days, 30 * back + 30)

    months = [month(back, days) for back, days in enumerate((now, *before))]
    entries = [entry for yes, no in months for entry in diary(yes, no)]

    assert headache(*entries).attributes.get("doubled") == doubled


@pytest.mark.parametrize(("days", "earlier"), [(90, "no"), (91, "yes"), (119, "yes"), (120, "no")])
def test_headache_of_more_than_90_days_ago_is_told(days, earlier):
    assert earlier == headache(*diary([2, days])).attributes["earlier"]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (headaches.MIGRAINE, 1.0),
        (headaches.TENSION, 0.0),
        ({**headaches.TENSION, "relieved": True}, 1.0),
        ({**headaches.TENSION, **headaches.AURA}, 1.0),
        ({**headaches.MIGRAINE, "nausea": None, "phonophobia": None}, 0.0),
    ],
    ids=["migraine", "tension", "relieved", "aura", "undecided"],
)
def test_attacks_that_are_like_migraine_are_days_with_migraine(said, found):
    one = headaches.attack(days=5, hours=2, **said)
    days = spec("diary-days", codes=("days", "per_month"), name="y", migraine_of="x")
    attacks = spec("headache-attacks", codes=headaches.CODES)
    known = told("days", False, days=1)
    answer = facts([attacks, days], record(one, *one.components, replace(known, sets=frozenset({"y.days"}))))["y"]

    assert found == answer.attributes["month_min"]
