"""Attacks one by one, close ones as one, and the usual attack (headache.md HD-CLS-001)."""

from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from cds.clinical import Bounds, Quantity, Span, State
from cds.record import Patient
from tests.facts.asking import TODAY, among, condition
from tests.facts.headaches import AURA, MIGRAINE, TENSION, asked, attack, attacks, told

CHILD = Patient(id="p", born=Span(date(2011, 5, 1), date(2011, 5, 1)))
NO_BIRTH_DATE = Patient(id="p")
MET, NOT_MET, UNDECIDED = 1.0, 0.0, Bounds(0.0, 1.0)


def of_one(criteria, **said):
    return asked("attack-criteria", attack(**said), criteria=criteria).attributes["met"]


@pytest.mark.parametrize(("hours", "documented"), [(30, 1.0), (47.9, 1.0), (48, 2.0), (72, 2.0)], ids=str)
def test_attacks_with_less_than_48_hours_between_them_are_one(hours, documented):
    first = attack(days=20, hours=10)
    second = attack(days=20 - (10 + hours) / 24, hours=10)

    assert documented == attacks(first, second).attributes["documented"]


def test_attacks_without_a_time_of_day_are_apart_when_a_day_lies_between_them():
    def dated(days):
        return replace(attack(days=days, hours=0), began=None, instant=None, period=None, effective=_day(days))

    assert 1.0 == attacks(dated(20), dated(19)).attributes["documented"]
    assert 2.0 == attacks(dated(20), dated(18)).attributes["documented"]


def _day(ago):
    return Span(TODAY - timedelta(days=ago), TODAY - timedelta(days=ago))


def test_an_attack_of_which_only_the_month_is_known_may_be_any_of_the_others():
    undated = replace(
        attack(**MIGRAINE, name="Observation/u"),
        began=None,
        instant=None,
        period=None,
        effective=Span(date(2026, 8, 1), date(2026, 8, 31)),
    )

    assert Bounds(1.0, 2.0) == attacks(attack(**MIGRAINE), undated).attributes["documented"]


def test_an_attack_of_tomorrow_is_not_looked_at():
    assert State.ABSENT == attacks(attack(days=-1, **MIGRAINE)).state


@pytest.mark.parametrize(
    ("hours", "met"),
    [
        (3 + 59 / 60, NOT_MET),
        (4, MET),
        (72, MET),
        (72.5, NOT_MET),
    ],
)
def test_an_untreated_migraine_attack_of_an_adult_lasts_4_to_72_hours(hours, met):
    assert met == of_one("migraine", hours=hours, treated=False, **MIGRAINE)


@pytest.mark.parametrize(
    ("treated", "met"),
    [(True, UNDECIDED), (None, UNDECIDED), (False, NOT_MET)],
    ids=["treated", "unknown", "untreated"],
)
def test_an_attack_that_ended_early_after_a_drug_is_undecided(treated, met):
    assert met == of_one("migraine", hours=3, treated=treated, **MIGRAINE)


@pytest.mark.parametrize(
    ("patient", "hours", "met"),
    [
        (CHILD, 1.9, NOT_MET),
        (CHILD, 2, MET),
        (CHILD, 3, MET),
        (NO_BIRTH_DATE, 3, UNDECIDED),
        (NO_BIRTH_DATE, 4, MET),
    ],
)
def test_under_18_years_two_hours_are_enough(patient, hours, met):
    entry = attack(hours=hours, treated=False, **MIGRAINE)

    assert met == asked("attack-criteria", entry, criteria="migraine", patient=patient).attributes["met"]


@pytest.mark.parametrize(
    ("changes", "met"),
    [
        ({}, MET),
        ({"laterality": "bilateral", "quality": "pressing"}, MET),
        ({"laterality": "bilateral", "quality": "pressing", "severity": "mild"}, NOT_MET),
        ({"laterality": "bilateral", "quality": "pressing", "severity": "moderate"}, MET),
        ({"laterality": "unilateral", "severity": "mild", "quality": None, "activity": None}, UNDECIDED),
        ({"severity": 3, "laterality": "bilateral", "quality": "pressing"}, NOT_MET),
        ({"severity": 4, "laterality": "bilateral", "quality": "pressing"}, MET),
        ({"nausea": "none"}, MET),
        ({"nausea": "none", "phonophobia": False}, NOT_MET),
        ({"nausea": "none", "phonophobia": None}, UNDECIDED),
        ({"nausea": "none", "phonophobia": False, "vomiting": True}, MET),
        ({"nausea": None, "phonophobia": False}, UNDECIDED),
    ],
)
def test_a_migraine_attack_has_two_of_four_pains_and_its_symptoms(changes, met):
    assert met == of_one("migraine", **{**MIGRAINE, **changes})


@pytest.mark.parametrize(
    ("changes", "met"),
    [
        ({}, MET),
        ({"hours": 29 / 60, "treated": False}, NOT_MET),
        ({"hours": 0.5, "treated": False}, MET),
        ({"hours": 168}, MET),
        ({"hours": 169}, NOT_MET),
        ({"severity": "moderate"}, MET),
        ({"severity": "severe", "quality": "pulsating", "laterality": "unilateral"}, NOT_MET),
        ({"photophobia": True}, MET),
        ({"photophobia": True, "phonophobia": True}, NOT_MET),
        ({"photophobia": True, "phonophobia": None}, UNDECIDED),
        ({"nausea": "mild"}, NOT_MET),
        ({"vomiting": True}, NOT_MET),
    ],
)
def test_a_tension_type_headache_is_dull_and_without_symptoms(changes, met):
    assert met == of_one("tension", **{"hours": 6, **TENSION, **changes})


@pytest.mark.parametrize(
    ("changes", "met"),
    [
        ({}, MET),
        ({"hours": 400}, MET),
        ({"hours": 0.9, "treated": False}, NOT_MET),
        ({"nausea": "mild"}, MET),
        ({"nausea": "mild", "photophobia": True}, NOT_MET),
        ({"photophobia": True, "phonophobia": True}, NOT_MET),
        ({"nausea": "moderate"}, NOT_MET),
        ({"nausea": True}, UNDECIDED),
        ({"vomiting": True}, NOT_MET),
    ],
)
def test_chronic_tension_type_headache_may_have_one_mild_symptom(changes, met):
    assert met == of_one("chronic-tension", **{"hours": 6, **TENSION, **changes})


@pytest.mark.parametrize(
    ("changes", "met"),
    [
        ({}, MET),  # gradual, length, one-sided
        ({"aura_gradual": False}, NOT_MET),
        ({"aura_gradual": None}, UNDECIDED),
        ({"aura_gradual": False, "aura_headache": True}, MET),
        ({"aura_minutes": 4}, NOT_MET),
        ({"aura_minutes": 5}, MET),
        ({"aura_minutes": 60}, MET),
        ({"aura_minutes": 61, "aura_motor": False}, NOT_MET),
        ({"aura_minutes": 61}, UNDECIDED),
        ({"aura_minutes": 61, "aura_motor": True}, MET),
        ({"aura_minutes": 4320, "aura_motor": True}, MET),
        ({"aura_minutes": 4321, "aura_motor": True}, NOT_MET),
        ({"aura_unilateral": False, "aura_speech": True}, MET),
        ({"aura_reversible": False}, NOT_MET),
        ({"aura_reversible": None}, UNDECIDED),
    ],
)
def test_an_aura_clears_and_has_three_of_six_characteristics(changes, met):
    assert met == of_one("aura", **{**AURA, **changes})


def test_an_attack_that_says_nothing_of_an_aura_is_not_asked_about_one():
    assert State.ABSENT == asked("attack-criteria", attack(**MIGRAINE), criteria="aura").state
    both = asked("attack-criteria", attack(**MIGRAINE), attack(days=30, **AURA), criteria="aura")
    assert (1.0, 0.0) == (both.attributes["met"], both.attributes["failed"])


def test_the_usual_attack_is_what_is_recorded_by_itself():
    usual = [told(name, value) for name, value in {**MIGRAINE, "duration": 600}.items()]
    fact = asked("attack-criteria", *usual, told("lifetime", 20), criteria="migraine")

    assert ("yes", "yes", 0.0) == tuple(fact.attributes[name] for name in ("typical", "typical_one_short", "met"))


def test_an_attack_that_is_marked_as_typical_describes_the_usual_one_and_is_no_attack():
    fact = attacks(attack(typical=True, duration=600, **MIGRAINE), told("lifetime", 20))

    assert {"documented": 0.0, "usual": "yes", "lifetime": 20.0, "usual_minutes": 600.0} == dict(fact.attributes)


def test_the_newest_answer_about_the_usual_attack_counts_and_two_of_one_day_that_differ_do_not():
    old, new = told("photophobia", True, days=30), told("photophobia", False, days=3)
    alone: dict[str, Any] = {
        "laterality": "bilateral",
        "quality": "pressing",
        "nausea": "none",
        "vomiting": False,
        "duration": 60,
    }
    rest = [told(name, value) for name, value in alone.items()]

    assert "yes" == asked("attack-criteria", old, new, *rest, criteria="tension").attributes["typical"]
    other = replace(told("photophobia", True, days=3), reference="Observation/other")
    sound = told("phonophobia", True)
    fact = asked("attack-criteria", new, other, sound, *rest, criteria="tension")
    assert "typical" not in fact.attributes


def test_nothing_is_said_of_a_usual_attack_that_nobody_described():
    fact = asked("attack-criteria", attack(**MIGRAINE), criteria="migraine")

    assert ("unrecorded", "unrecorded") == (fact.attributes["typical"], fact.attributes["typical_one_short"])


def test_a_finding_on_the_problem_list_completes_a_description_and_is_none_by_itself():
    throbbing = among(condition("throbbing", recorded=_day(5)), "throbbing")

    assert State.ABSENT == attacks(throbbing).state
    usual = {"laterality": "unilateral", "duration": 600, "nausea": "mild"}
    described = [told(name, value) for name, value in usual.items()]
    fact = asked("attack-criteria", throbbing, *described, criteria="migraine")
    assert "yes" == fact.attributes["typical"]


def test_parts_of_one_attack_are_put_together():
    first = attack(days=20, hours=3, treated=False, laterality="unilateral", quality="pulsating")
    second = attack(days=19, hours=3, treated=False, nausea="moderate")

    assert MET == asked("attack-criteria", first, second, criteria="migraine").attributes["met"]


def test_all_but_one_criterion():
    def nearly(**changes):
        return asked("attack-criteria", attack(**{**MIGRAINE, **changes}), criteria="migraine").attributes["one_short"]

    assert 1.0 == nearly(hours=2.5, treated=False)
    assert 0.0 == nearly(hours=2.5, treated=False, nausea="none", phonophobia=False)


@pytest.mark.parametrize(
    ("days", "state", "hours"),
    [(60 / 24, State.PRESENT, 60.0), (4, State.PRESENT, 96.0), (14, State.PRESENT, 336.0), (15, State.ABSENT, None)],
)
def test_an_attack_without_an_end_goes_on_for_a_fortnight_at_most(days, state, hours):
    fact = asked("ongoing-attack", attack(days=days, hours=None, severity="severe"))

    assert (state, hours) == (fact.state, fact.attributes.get("hours"))


@pytest.mark.parametrize(("pause", "hours"), [(12, 96.0), (12.5, 24.0)])
def test_relief_of_twelve_hours_does_not_end_an_attack(pause, hours):
    first = attack(days=4, hours=72 - pause)
    second = attack(days=1, hours=None)

    assert hours == asked("ongoing-attack", first, second).attributes["hours"]


def test_an_attack_that_ended_or_was_followed_by_another_does_not_go_on():
    assert State.ABSENT == asked("ongoing-attack", attack(days=2, hours=10)).state
    assert State.ABSENT == asked("ongoing-attack", attack(days=5, hours=None), attack(days=2, hours=10)).state


def test_an_attack_of_today_without_a_beginning_is_asked_about():
    seen = replace(attack(days=0, hours=None, severity="severe"), began=None)
    fact = asked("ongoing-attack", seen)

    assert {"severity": "severe"} == dict(fact.attributes)
    assert ("when the attack began",) == fact.missing


def test_the_brainstem_symptoms_of_one_attack_are_counted():
    one = attack(days=20, aura_brainstem=["vertigo", "dysarthria"], aura_reversible=True)
    other = attack(days=10, aura_brainstem=["diplopia"], aura_reversible=True)

    assert 2.0 == asked("aura-symptoms", one, other).attributes["brainstem"]


def test_an_aura_is_denied_when_its_symptoms_are():
    assert State.DENIED == asked("aura-symptoms", told("aura_visual", False)).state
    assert State.UNUSABLE == asked("aura-symptoms", told("aura_gradual", True)).state
    assert State.PRESENT == asked("aura-symptoms", told("aura_motor", True)).state


def test_five_items_at_most_are_asked_the_most_decisive_first():
    known = [told("laterality", "unilateral"), told("lifetime", 9)]
    fact = asked("attack-questions", *known)

    assert (8.0, 5.0) == (fact.attributes["open"], fact.attributes["asked"])
    assert "nausea, vomiting, light sensitivity" == fact.attributes["first"]


def test_only_what_is_open_is_asked():
    known: dict[str, Any] = {
        **MIGRAINE,
        "laterality": None,
        "activity": None,
        "severity": "mild",
        "duration": 600,
        "lifetime": 9,
    }
    fact = asked("attack-questions", *[told(name, value) for name, value in known.items()])

    assert "laterality, activity effect" == fact.attributes["first"]
    settled = [told(name, value) for name, value in {**MIGRAINE, "duration": 600, "lifetime": 9}.items()]
    assert State.ABSENT == asked("attack-questions", *settled).state


@pytest.mark.parametrize("kind", ["attack-criteria", "aura-symptoms", "ongoing-attack", "attack-questions"])
def test_without_any_attack_there_is_nothing_to_answer(kind):
    more: dict[str, Any] = {"criteria": "migraine"} if kind == "attack-criteria" else {}

    assert State.ABSENT == asked(kind, **more).state


def test_a_number_of_minutes_needs_a_unit_unless_it_answers_a_question():
    bare = replace(told("duration", 60), value=Quantity(60.0, None))
    answer = replace(bare, type="QuestionnaireResponse")

    assert "usual_minutes" not in attacks(bare).attributes
    assert 60.0 == attacks(answer).attributes["usual_minutes"]


def test_the_length_of_attacks_lies_between_the_shortest_and_the_longest():
    fact = attacks(attack(days=10, hours=1), attack(days=20, hours=2))

    assert Bounds(60.0, 120.0) == fact.attributes["usual_minutes"]


def test_numbness_that_may_have_been_weakness_is_asked_about():
    known = {**MIGRAINE, **AURA, "duration": 600, "lifetime": 9, "aura_sensory": True}
    fact = asked("attack-questions", *[told(name, value) for name, value in known.items()])

    assert "weakness or numbness (whether the aura is hemiplegic)" == fact.attributes["items"]
    known["aura_motor"] = False
    assert State.ABSENT == asked("attack-questions", *[told(name, value) for name, value in known.items()]).state


def test_attacks_of_migraine_and_of_aura_count_together():
    entries = [attack(days=10, **MIGRAINE), attack(days=20, **TENSION, **AURA), attack(days=30, **TENSION)]

    assert 2.0 == asked("attack-criteria", *entries, criteria="migraine or aura").attributes["met"]


@pytest.mark.parametrize(
    ("criteria", "said", "lacking"),
    [
        ("migraine", {**MIGRAINE}, "the number of such attacks (A)"),
        ("migraine", {**MIGRAINE, "hours": 2, "treated": False}, "the length of 4 to 72 hours (B)"),
        ("aura", {**AURA, "aura_gradual": False}, "the third of six characteristics (C)"),
    ],
)
def test_what_is_lacking_is_said_in_words(criteria, said, lacking):
    assert lacking == asked("attack-criteria", attack(**said), criteria=criteria).attributes["lacking"]


def test_what_an_attack_is_like_is_said_in_words():
    fact = asked("attack-criteria", attack(laterality="unilateral", nausea="none"), criteria="migraine")
    aura = asked("attack-criteria", attack(aura_visual=True, aura_minutes=25), criteria="aura")

    assert "10 hours, one-sided, no nausea" == fact.attributes["features"]
    assert "visual, 25 minutes" == aura.attributes["features"]


def test_the_answers_are_shown_as_they_were_given():
    shown = [told("duration", 60), told("vomiting", False), told("laterality", "bilateral"), told("lifetime", 9)]

    assert {"60 minutes", "no", "bilateral", "9"} == {one.value for one in attacks(*shown).evidence}
