import pytest
from msgspec.structs import replace

from cds.clinical import Bounds, Quantity, State
from cds.record import EventEntry
from tests.facts.asking import ago, among, ask, code, condition, facts, measured, observation, record, spec, year


def visit(days: int, reasons=frozenset({"x.in"})) -> EventEntry:
    return EventEntry(
        type="Encounter",
        reference="Encounter/v",
        codings=code("visit"),
        when=ago(days),
        reasons=reasons,
        status="finished",
    )


def clock(*entries, encounters=(), **parameters):
    return facts([spec("episode", **parameters)], record(*entries, encounters=tuple(encounters)))["x"]


@pytest.mark.parametrize(
    ("entries", "encounters", "days", "uncertain"),
    [
        ([condition(onset=ago(30))], [], 30.0, "no"),
        ([condition(recorded=ago(30))], [], 30.0, "yes"),
        ([condition(onset=year(2025))], [], 325.0, "yes"),
        ([condition()], [], None, "yes"),
        ([condition(onset=ago(730))], [], 730.0, "no"),
        ([condition(onset=ago(30)), condition("sciatica", onset=ago(10))], [], 30.0, "no"),
        ([condition(onset=ago(199)), condition("sciatica", onset=ago(20))], [], 199.0, "no"),
        ([condition(onset=ago(200)), condition("sciatica", onset=ago(20))], [], 20.0, "no"),
        ([condition(onset=ago(200), recorded=ago(190)), condition("sciatica", onset=ago(20))], [], 200.0, "no"),
        ([condition(onset=ago(200)), condition("sciatica", onset=ago(20))], [visit(100)], 200.0, "no"),
        (
            [condition(onset=ago(200)), condition("sciatica", onset=ago(20))],
            [visit(100, frozenset())],
            20.0,
            "no",
        ),
        (
            [condition(clinical_status="resolved", onset=ago(300), abatement=ago(250)), condition(onset=ago(100))],
            [],
            100.0,
            "no",
        ),
        ([observation(True, days=40), observation(True, days=9)], [], 40.0, "yes"),
        ([condition(onset=ago(730), recorded=ago(730))], [visit(3)], 3.0, "yes"),
    ],
)
def test_an_episode_begins_with_its_earliest_onset_since_the_last_gap(entries, encounters, days, uncertain):
    attributes = clock(*entries, encounters=encounters).attributes

    assert (attributes.get("onset_days"), attributes["uncertain"]) == (days, uncertain)


@pytest.mark.parametrize(("days", "weeks"), [(20, 2.0), (21, 3.0), (27, 3.0)])
def test_an_episode_has_lasted_so_many_whole_weeks(days, weeks):
    assert clock(condition(onset=ago(days))).attributes["weeks"] == weeks


def test_a_partial_date_says_how_short_and_how_long_an_episode_may_be():
    attributes = clock(condition(onset=year(2025))).attributes

    assert (attributes["onset_days"], attributes["longest_days"]) == (325.0, 689.0)


@pytest.mark.parametrize(
    ("entries", "state"),
    [
        ([condition(clinical_status="resolved", onset=ago(30))], State.ABSENT),
        ([observation(True, days=43)], State.ABSENT),
        ([observation(False)], State.ABSENT),
    ],
)
def test_what_is_not_present_now_is_no_episode(entries, state):
    assert clock(*entries).state == state


def test_the_gap_may_be_set():
    entries = [condition(onset=ago(100)), condition("sciatica", onset=ago(20))]

    assert clock(*entries, gap=80.0).attributes["onset_days"] == 20.0


@pytest.mark.parametrize(
    ("entry", "age"), [(condition(onset=ago(10)), 46.0), (condition(recorded=ago(10)), Bounds(0.0, 46.0))]
)
def test_the_age_at_the_start_is_an_upper_bound_when_the_start_is_assumed(entry, age):
    assert clock(entry).attributes["onset_age"] == age


def both(*entries, encounters=(), codes=("in",), **parameters):
    specs = [spec("bilateral", codes=codes, **parameters)]
    return facts(specs, record(*entries, encounters=tuple(encounters)))["x"]


LEFT = condition(side="left", onset=ago(1), recorded=ago(1))
RIGHT = condition(side="right", onset=ago(60), recorded=ago(60))


@pytest.mark.parametrize(
    ("entries", "state"),
    [
        ([LEFT, RIGHT], State.PRESENT),
        ([LEFT], State.ABSENT),
        ([condition(side="both", onset=ago(3))], State.PRESENT),
        ([condition(), condition("pain")], State.ABSENT),
        ([LEFT, condition()], State.ABSENT),
        ([LEFT, condition(side="right", clinical_status="resolved", onset=ago(400))], State.ABSENT),
        ([LEFT, condition("weakness", side="right", onset=ago(9))], State.PRESENT),
        ([LEFT, observation(True, side="right", days=42)], State.PRESENT),
        ([LEFT, observation(True, side="right", days=43)], State.ABSENT),
        ([LEFT, observation(True, side="right", days=9), observation(False, side="right")], State.ABSENT),
        ([LEFT, condition(side="right", onset=ago(179))], State.PRESENT),
        ([LEFT, condition(side="right", onset=ago(180))], State.ABSENT),
        ([LEFT, condition(side="right", onset=ago(900), recorded=ago(179))], State.PRESENT),
        ([LEFT, condition(side="right")], State.PRESENT),
        ([LEFT, observation(None, side="right")], State.UNUSABLE),
        ([observation(None, side="right")], State.ABSENT),
    ],
)
def test_both_sides_have_to_be_present_now(entries, state):
    assert both(*entries).state == state


def test_an_encounter_for_it_keeps_an_old_condition_from_being_stale():
    old = condition(side="right", onset=ago(180))

    assert both(LEFT, old, encounters=[visit(30)]).state == State.PRESENT
    assert both(LEFT, old, encounters=[visit(30, frozenset())]).state == State.ABSENT


@pytest.mark.parametrize(
    ("entries", "newer", "older", "side"),
    [
        ([LEFT, RIGHT], 1.0, 60.0, "left"),
        ([condition(side="both", onset=ago(3))], 3.0, 3.0, "both"),
        ([RIGHT, condition(side="both", onset=ago(3), recorded=ago(3))], 3.0, 60.0, "left"),
        ([RIGHT, condition("pain", side="both", onset=ago(3))], 3.0, 3.0, "both"),
        ([RIGHT, condition(side="left")], Bounds(0.0, 60.0), None, None),
        ([condition(side="both")], None, None, None),
    ],
)
def test_the_newer_side_dates_it(entries, newer, older, side):
    attributes = both(*entries).attributes

    assert [attributes.get(name) for name in ("onset_days", "first_onset_days", "side")] == [newer, older, side]


def complaints(*onsets: int):
    """What the episode is of, one after another."""
    return [among(condition(f"complaint {days}", onset=ago(days)), "episode") for days in onsets]


@pytest.mark.parametrize(
    ("cause", "others", "explained"),
    [
        (condition("neuropathy", onset=ago(800)), [], "yes"),
        (condition("neuropathy", onset=ago(61)), [], "yes"),
        (condition("neuropathy", onset=ago(60)), [], "no"),
        (condition("neuropathy"), [], "no"),
        (condition("neuropathy", refuted=True, recorded=ago(800)), [], "no"),
        (condition("neuropathy", onset=ago(61)), [among(condition("back pain", onset=ago(70)), "episode")], "no"),
        (condition("neuropathy", onset=ago(71)), [among(condition("back pain", onset=ago(70)), "episode")], "yes"),
        (condition("neuropathy", onset=ago(40)), complaints(70, 10), "no"),
        (condition("neuropathy", onset=ago(40)), complaints(189, 10), "no"),
        (condition("neuropathy", onset=ago(40)), complaints(190, 10), "yes"),
    ],
)
def test_a_cause_explains_it_when_it_was_there_before_the_episode(cause, others, explained):
    cause = among(cause, "explained_by")

    assert (
        both(LEFT, RIGHT, cause, *others, codes=("in", "explained_by", "episode")).attributes["explained"] == explained
    )


def test_without_possible_causes_nothing_is_said_of_them():
    assert "explained" not in both(LEFT, RIGHT).attributes


BACK_PAIN = among(condition("back pain", onset=ago(10)), "episode")


@pytest.mark.parametrize(
    ("entry", "answer"),
    [
        (observation(True, days=14), "yes"),
        (observation(False, days=14), "no"),
        (observation(Quantity(37.0, "Cel"), days=14), "number"),
        (observation(ago(40), days=14), "date"),
        (observation(False, days=15), None),
        (observation(None), None),
        (observation("not sure"), None),
        (condition(onset=ago(14)), "yes"),
        (condition(onset=ago(15)), None),
        (condition(onset=ago(900), recorded=ago(3)), "yes"),
        (condition(refuted=True, recorded=ago(3)), "no"),
        (condition(), None),
    ],
)
def test_an_item_is_answered_by_a_yes_a_no_a_number_or_a_date_of_the_last_14_days(entry, answer):
    assert ask("screen-item", entry).attributes.get("answer") == answer


@pytest.mark.parametrize(("days", "state"), [(10, State.PRESENT), (11, State.ABSENT)])
def test_an_answer_from_before_the_episode_does_not_count(days, state):
    answer = observation(False, days=days)

    assert ask("screen-item", answer, BACK_PAIN, codes=("in", "episode")).state == state


def test_the_newest_answer_is_told():
    fact = ask("screen-item", observation(True, days=3), observation(False, days=1))

    assert (fact.attributes["answer"], fact.attributes["stated_days"], len(fact.evidence)) == ("no", 1.0, 1)


def test_an_item_asked_of_nobody_is_not_recorded_rather_than_unknown():
    assert ask("screen-item").state == State.ABSENT
    assert ask("screen-item", replace(measured(1.0), value=None)).state == State.ABSENT
