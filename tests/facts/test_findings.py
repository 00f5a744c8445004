from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from cds.clinical import Bounds, Coding, Quantity, Span, State
from cds.record import Patient
from tests.facts.asking import (
    IN,
    TODAY,
    ago,
    among,
    ask,
    code,
    condition,
    facts,
    hours_ago,
    observation,
    record,
    spec,
    year,
)

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
LOCAL = "https://cds.example.org/fhir/CodeSystem/spine-cds-findings"
REASON = "http://terminology.hl7.org/CodeSystem/data-absent-reason"


def unstated(**given):
    return condition(**{"clinical_status": None, **given})


@pytest.mark.parametrize(
    ("entry", "state"),
    [
        (condition(clinical_status="active"), State.PRESENT),
        (condition(clinical_status="recurrence"), State.PRESENT),
        (condition(clinical_status="relapse"), State.PRESENT),
        (condition(clinical_status="inactive"), State.ABSENT),
        (condition(clinical_status="resolved"), State.ABSENT),
        (condition(clinical_status="remission"), State.ABSENT),
        (condition(refuted=True), State.DENIED),
        (unstated(categories=frozenset({"problem-list-item"})), State.PRESENT),
        (unstated(categories=frozenset({"problem-list-item"}), abated=True), State.ABSENT),
        (unstated(categories=frozenset({"problem-list-item"}), abatement=ago(1), abated=True), State.ABSENT),
        (unstated(categories=frozenset({"problem-list-item"}), abatement=ago(-1), abated=True), State.PRESENT),
        (unstated(categories=frozenset({"encounter-diagnosis"}), recorded=ago(90)), State.PRESENT),
        (unstated(categories=frozenset({"encounter-diagnosis"}), recorded=ago(91)), State.ABSENT),
        (unstated(categories=frozenset({"encounter-diagnosis"})), State.ABSENT),
        (unstated(recorded=ago(0)), State.ABSENT),
        (condition(onset=ago(-1)), State.ABSENT),
        (condition(recorded=ago(-1)), State.ABSENT),
    ],
)
def test_a_condition_is_present_when_it_is_active(entry, state):
    assert ask("condition", entry).state == state


@pytest.mark.parametrize(
    "coding",
    [Coding(ICD, "Z85.46"), Coding(ICD, "Z86.73"), Coding(ICD, "Z87.891"), Coding(SNOMED, "266987004")],
)
def test_a_code_of_personal_history_was_so_once_and_has_no_onset(coding):
    entry = condition(codings=(coding,), recorded=ago(3))

    assert ask("condition", entry).state == State.ABSENT
    assert ask("condition", entry, status="ever").state == State.PRESENT
    assert "onset_days" not in ask("condition", entry, status="ever").attributes
    assert ask("condition", entry, status="ever", within=30.0).state == State.ABSENT


@pytest.mark.parametrize(
    ("value", "given", "state"),
    [
        (True, {}, State.PRESENT),
        (False, {}, State.DENIED),
        ((Coding(SNOMED, "52101004"),), {}, State.PRESENT),
        ((Coding("test", "moderate"),), {}, State.PRESENT),
        ((Coding(SNOMED, "2667000"),), {}, State.DENIED),
        ((Coding(SNOMED, "260385009"),), {}, State.DENIED),
        ((Coding(LOINC, "LA32-8"),), {}, State.DENIED),
        ((Coding("test", "moderate"),), {"interpretations": frozenset({"NEG"})}, State.DENIED),
        ((Coding(SNOMED, "261665006"),), {}, State.UNUSABLE),
        ((Coding("test", "unclear"),), {}, State.UNUSABLE),
        ((Coding("test", "2", "No"),), {}, State.UNUSABLE),
        ((Coding("test", "N"),), {}, State.DENIED),
        ((Coding("test", "17"), Coding(SNOMED, "52101004")), {}, State.PRESENT),
        ((Coding(LOCAL, "yes"),), {}, State.PRESENT),
        ((Coding(LOCAL, "severe"),), {}, State.PRESENT),
        ((Coding(LOCAL, "no"),), {}, State.DENIED),
        ((Coding(LOCAL, "unclear"),), {}, State.UNUSABLE),
        ((Coding(LOCAL, "whatever"),), {}, State.UNUSABLE),
        ((Coding(REASON, "asked-declined"),), {}, State.UNUSABLE),
        ("No.", {}, State.DENIED),
        ("yes", {}, State.PRESENT),
        ("a little, on Sundays", {}, State.UNUSABLE),
        (None, {}, State.UNUSABLE),
        (None, {"interpretations": frozenset({"POS"})}, State.PRESENT),
        (None, {"interpretations": frozenset({"ND"})}, State.DENIED),
        (Quantity(3.0, None), {}, State.UNUSABLE),
        (ago(1), {}, State.UNUSABLE),
        (True, {"days": None}, State.UNUSABLE),
        (True, {"days": -1}, State.ABSENT),
        (True, {"days": None, "recorded": hours_ago(30)}, State.PRESENT),
    ],
)
def test_an_observation_says_yes_or_no_or_nothing_of_use(value, given, state):
    assert ask("finding", observation(value, **given)).state == state


def test_an_answer_of_a_questionnaire_counts_as_an_observation():
    assert ask("finding", observation(True, type="QuestionnaireResponse")).state == State.PRESENT


def test_a_value_in_the_choice_is_a_yes_whatever_the_code():
    entry = observation(code("numbness"), "symptom", sets=frozenset(), value_sets=IN)

    assert ask("finding", entry).state == State.PRESENT


def test_what_is_unusable_is_named():
    answered = ask("finding", observation(None, days=2), observation(True, days=None))

    assert answered.missing == ("Numbness of 2026-11-19 is neither yes nor no", "Numbness has no date")


def test_a_condition_fact_does_not_read_observations():
    assert ask("condition", observation(True)).state == State.ABSENT


@pytest.mark.parametrize(("days", "state"), [(42, State.PRESENT), (43, State.ABSENT)])
def test_a_positive_observation_means_present_now_for_42_days(days, state):
    assert ask("finding", observation(True, days=days)).state == state


def test_how_long_an_observation_means_present_now_may_be_set():
    assert ask("finding", observation(True, days=43), current=43.0).state == State.PRESENT


@pytest.mark.parametrize(
    ("entry", "state"),
    [
        (observation(True, days=14), State.PRESENT),
        (observation(True, days=15), State.ABSENT),
        (observation(False, days=14), State.DENIED),
        (observation(False, days=15), State.ABSENT),
        (observation(None, days=14), State.UNUSABLE),
        (observation(None, days=15), State.ABSENT),
        (condition(recorded=ago(14), onset=ago(400)), State.PRESENT),
        (condition(recorded=ago(400), onset=ago(400)), State.ABSENT),
        (condition(), State.UNUSABLE),
        (condition(onset=year(2026)), State.PRESENT),
    ],
)
def test_a_window_asks_when_it_was_last_stated(entry, state):
    assert ask("finding", entry, within=14.0).state == state


@pytest.mark.parametrize(
    ("entry", "state"),
    [
        (observation(True, instant=hours_ago(24)), State.PRESENT),
        (observation(True, instant=hours_ago(24.01)), State.ABSENT),
        (observation(True, days=1), State.PRESENT),
        (observation(True, days=2), State.ABSENT),
    ],
)
def test_a_window_of_hours_is_to_the_hour_and_by_the_day_without_a_time(entry, state):
    assert ask("finding", entry, within_hours=24.0).state == state


@pytest.mark.parametrize(
    ("entries", "state", "conflict"),
    [
        ([observation(True, days=2), observation(False, days=0)], State.DENIED, None),
        ([observation(True, days=1), observation(False, days=0)], State.PRESENT, "yes"),
        ([observation(False, days=2), observation(True, days=0)], State.PRESENT, "no"),
        ([observation(False), observation(True)], State.PRESENT, "yes"),
        (
            [observation(True, instant=hours_ago(24)), observation(False, instant=hours_ago(0))],
            State.PRESENT,
            "yes",
        ),
        (
            [observation(True, instant=hours_ago(24.1)), observation(False, instant=hours_ago(0))],
            State.DENIED,
            None,
        ),
        ([condition(onset=ago(60), recorded=ago(60)), observation(False)], State.DENIED, None),
        ([condition(onset=ago(60), recorded=ago(1)), observation(False)], State.PRESENT, "yes"),
        ([condition(), observation(False)], State.PRESENT, "yes"),
        ([observation(True, days=9), observation(False, "pain", days=0)], State.PRESENT, "no"),
        ([observation(True, days=9, side="left"), observation(False, side="right")], State.PRESENT, "no"),
        ([observation(True, days=9, side="left"), observation(False)], State.DENIED, None),
        ([observation(True, days=9), observation(False, side="left")], State.PRESENT, "no"),
        (
            [observation(True, days=9), condition(clinical_status="resolved", abatement=ago(5), onset=ago(30))],
            State.ABSENT,
            None,
        ),
        ([observation(True, days=60), observation(False, days=70)], State.ABSENT, None),
        ([observation(None, days=3), observation(False, days=1)], State.DENIED, None),
        ([observation(None, days=1), observation(False, days=3)], State.UNUSABLE, None),
    ],
)
def test_the_newest_statement_wins_and_within_a_day_the_positive_one(entries, state, conflict):
    answered = ask("finding", *entries)

    assert (answered.state, answered.attributes.get("conflict")) == (state, conflict)


def test_at_any_time_counts_what_is_over_or_was_later_denied():
    over = condition(clinical_status="resolved", onset=ago(900), abatement=ago(730))

    assert ask("condition", over, status="ever").attributes["abated_days"] == 730.0
    assert ask("finding", observation(True, days=900), observation(False), status="ever").state == State.PRESENT
    assert ask("finding", observation(False), status="ever").state == State.DENIED


@pytest.mark.parametrize(
    ("entries", "days", "assumed"),
    [
        ([condition(onset=ago(14))], 14.0, "no"),
        ([condition(onset=ago(14), recorded=ago(2))], 14.0, "no"),
        ([condition(recorded=ago(2))], 2.0, "yes"),
        ([condition()], None, None),
        ([condition(onset=Span(TODAY.replace(day=1), TODAY.replace(day=30)))], 0.0, "no"),
        ([condition(onset=year(2025))], 325.0, "no"),
        ([condition(onset_age=46.0)], 0.0, "no"),
        ([condition(onset_age=30.0)], 5668.0, "no"),
        ([condition(onset_age=47.0)], None, None),
        ([observation(True, days=20), observation(True, days=1)], 20.0, "yes"),
        ([observation(True, days=60), observation(True, days=1)], 60.0, "yes"),
        ([observation(True, days=30), observation(False, days=20), observation(True, days=1)], 1.0, "yes"),
        ([condition(onset=ago(2200)), observation(True, days=1)], 2200.0, "no"),
        ([condition(onset=ago(2200)), condition(recorded=ago(1))], 2200.0, "no"),
        ([condition(onset=ago(2200)), condition(onset=ago(3))], 2200.0, "no"),
        ([condition(onset=ago(2200)), condition("weakness", onset=ago(3))], 3.0, "no"),
        ([condition(onset=ago(60), side="right"), condition(onset=ago(1), side="left")], 1.0, "no"),
        ([condition(onset=ago(60), side="right"), observation(True, days=1)], 60.0, "no"),
        ([condition(onset=ago(60)), condition("weakness")], None, None),
        (
            [condition(onset=ago(9)), condition(clinical_status="resolved", onset=ago(900), abatement=ago(800))],
            9.0,
            "no",
        ),
    ],
)
def test_the_onset_is_the_earliest_of_one_concept_and_the_newest_of_several(entries, days, assumed):
    attributes = ask("finding", *entries).attributes

    assert (attributes.get("onset_days"), attributes.get("onset_assumed")) == (days, assumed)


@pytest.mark.parametrize(
    ("dated", "changed"),
    [({"onset": ago(60)}, Bounds(0.0, 60.0)), ({"recorded": ago(3)}, Bounds(0.0, 3.0)), ({}, None)],
)
def test_beside_something_undated_the_onset_is_unknown_and_the_last_change_within_bounds(dated, changed):
    attributes = ask("finding", condition(**dated), condition("weakness")).attributes

    assert (attributes.get("onset_days"), attributes.get("changed_days")) == (None, changed)


def test_asked_at_any_time_the_newest_dated_occurrence_bounds_the_undated_ones():
    falls = [condition("fall", onset=ago(9)), condition("trip")]

    assert ask("condition", *falls, status="ever").attributes["onset_days"] == Bounds(0.0, 9.0)


def test_asked_at_any_time_a_new_occurrence_does_not_hide_behind_an_old_one():
    falls = [condition("fall", onset=ago(800)), condition("fall", onset=ago(2)), condition("fall", recorded=ago(0))]

    assert ask("condition", *falls, status="ever").attributes["onset_days"] == 2.0


@pytest.mark.parametrize(
    ("entries", "worsened", "changed"),
    [
        ([condition(onset=ago(90))], None, 90.0),
        ([condition(onset=ago(90), clinical_status="relapse", recorded=ago(5))], 5.0, 5.0),
        ([condition(onset=ago(90), severity="mild", recorded=ago(90))], None, 90.0),
        (
            [
                condition(onset=ago(90), severity="mild", recorded=ago(90)),
                condition(onset=ago(90), severity="severe", recorded=ago(4)),
            ],
            4.0,
            4.0,
        ),
        (
            [
                condition(onset=ago(90), severity="severe", recorded=ago(90)),
                condition(onset=ago(90), severity="mild", recorded=ago(4)),
            ],
            None,
            90.0,
        ),
        ([condition(onset=ago(90)), among(observation(True, "progressive", days=6), "worse")], 6.0, 6.0),
        ([condition(onset=ago(90)), among(observation(False, "progressive", days=6), "worse")], None, 90.0),
        ([condition(onset=ago(2)), among(observation(True, "progressive", days=6), "worse")], 6.0, 2.0),
        ([condition(), among(observation(True, "progressive", days=6), "worse")], 6.0, 6.0),
        ([condition()], None, None),
        (
            [condition(onset=ago(90)), condition("pain"), among(observation(True, "progressive", days=6), "worse")],
            6.0,
            Bounds(0.0, 6.0),
        ),
    ],
)
def test_it_is_worse_when_more_severe_or_back_or_said_to_be(entries, worsened, changed):
    attributes = ask("finding", *entries, codes=("in", "worse")).attributes

    assert (attributes.get("worsened_days"), attributes.get("changed_days")) == (worsened, changed)


@pytest.mark.parametrize(
    ("entries", "side"),
    [
        ([condition()], None),
        ([condition(side="left")], "left"),
        ([condition(side="left"), condition(side="left")], "left"),
        ([condition(side="left"), condition("weakness", side="right")], "both"),
        ([condition(side="both")], "both"),
    ],
)
def test_the_side_is_that_of_all_that_is_present(entries, side):
    assert ask("finding", *entries).attributes.get("side") == side


def test_severity_certainty_and_preliminary_results_are_told():
    provisional = condition(severity="moderate", provisional=True)

    assert ask("finding", provisional).attributes["severity"] == "moderate"
    assert ask("finding", provisional).attributes["certainty"] == "provisional"
    assert ask("finding", provisional, observation(True)).attributes["certainty"] == "confirmed"
    assert ask("finding", observation(True, status="preliminary")).attributes["preliminary"] == "yes"
    assert ask("finding", observation(True)).attributes["preliminary"] == "no"


@pytest.mark.parametrize(
    ("entry", "born", "age"),
    [
        (condition(onset=Span(TODAY.replace(2020, 5, 16), TODAY.replace(2020, 5, 16))), None, 39.0),
        (condition(onset=Span(TODAY.replace(2020, 5, 17), TODAY.replace(2020, 5, 17))), None, 40.0),
        (condition(onset=year(2020)), None, Bounds(39.0, 40.0)),
        (condition(recorded=ago(0)), None, Bounds(0.0, 46.0)),
        (condition(onset=ago(0)), year(1980), Bounds(45.0, 46.0)),
    ],
)
def test_the_age_at_onset_is_in_completed_years(entry, born, age):
    patient = Patient(id="p", born=born or Span(TODAY.replace(1980, 5, 17), TODAY.replace(1980, 5, 17)))

    assert facts([spec("condition")], record(entry, patient=patient))["x"].attributes["onset_age"] == age


@pytest.mark.parametrize(("age", "days"), [(20.0, 631.0), (21.0, 266.0)])
def test_a_year_of_life_that_began_on_the_29th_of_february_ends_with_february(age, days):
    leapling = Patient(id="p", born=Span(TODAY.replace(2004, 2, 29), TODAY.replace(2004, 2, 29)))

    told = facts([spec("condition")], record(condition(onset_age=age), patient=leapling))
    assert told["x"].attributes["onset_days"] == days


@pytest.mark.parametrize(
    ("site", "others", "state"),
    [
        ({"site_sets": frozenset({"x.at"}), "sites": code("foot")}, [], State.PRESENT),
        ({"sites": code("hand")}, [among(condition("pain"), "near")], State.ABSENT),
        ({}, [], State.ABSENT),
        ({}, [among(condition("pain"), "near")], State.PRESENT),
        ({}, [among(condition("pain", clinical_status="resolved"), "near")], State.ABSENT),
        ({}, [among(observation(True, "pain", days=42), "near")], State.PRESENT),
        ({}, [among(observation(True, "pain", days=43), "near")], State.ABSENT),
    ],
)
def test_a_code_without_a_place_counts_at_the_right_site_or_near_the_right_complaint(site, others, state):
    tingling = condition("tingling", sets=frozenset({"x.in", "x.unsited"}), **site)

    assert ask("finding", tingling, *others, codes=("in", "unsited", "at", "near")).state == state


def test_what_is_present_is_shown_with_its_date_and_what_was_assumed():
    told = ask("finding", condition(recorded=ago(2), provisional=True)).evidence[0]

    assert (told.reference, told.label, told.value, told.when, told.note) == (
        "Condition/numbness",
        "Numbness",
        "active",
        "2026-11-19",
        "onset taken from the recorded date; provisional",
    )


def test_what_was_denied_is_shown_too():
    told = ask("finding", observation(False, text="Numb between the legs?")).evidence[0]

    assert (told.label, told.value, told.when) == ("Numb between the legs?", "no", "2026-11-21")


def test_a_conflict_is_noted_beside_the_evidence():
    told = ask("finding", observation(True), observation(False)).evidence

    assert ["also stated as absent within 24 hours"] == [one.note for one in told]


def test_calendar_days_are_counted_in_the_zone_of_the_moment():
    evening = datetime(2026, 11, 21, 22, tzinfo=ZoneInfo("America/New_York"))
    told = observation(True, days=None, recorded=datetime(2026, 11, 22, 2, tzinfo=UTC))

    assert ask("finding", told, now=evening).attributes["stated_days"] == 0.0


def test_what_was_recorded_in_the_future_is_ignored():
    assert ask("finding", observation(True, days=None, recorded=hours_ago(-24))).state == State.ABSENT


@pytest.mark.parametrize(
    ("effective", "state"),
    [
        (ago(90), State.PRESENT),
        (ago(91), State.ABSENT),
        (Span(date(2026, 9, 1), date(2026, 9, 30)), State.PRESENT),
        (Span(date(2026, 8, 1), date(2026, 8, 31)), State.ABSENT),
    ],
    ids=["90 days", "91 days", "a month within", "a month that began before"],
)
def test_what_reassures_is_as_old_as_it_may_be(effective, state):
    normal = replace(observation(True, "examination"), effective=effective)

    assert state == ask("finding", normal, current=90.0, reassuring=True).state


HAND_OF_2019 = condition(onset=ago(2500))


@pytest.mark.parametrize(
    ("entries", "days"),
    [
        ([HAND_OF_2019], 2500),
        ([HAND_OF_2019, condition(onset=ago(3))], 3),
        ([HAND_OF_2019, observation(True, days=0)], 2500),
        ([observation(True, days=30), observation(True, days=0)], 30),
        ([condition(onset=ago(14), clinical_status="resolved")], 14),
        ([condition(recorded=ago(14), clinical_status="resolved")], 14),
    ],
)
def test_what_comes_in_bouts_is_as_new_as_its_last_stated_onset_and_counts_when_it_is_over(entries, days):
    assert ask("finding", *entries, bouts=14.0).attributes["onset_days"] == days


@pytest.mark.parametrize(
    "entries",
    [
        [condition(onset=ago(15), clinical_status="resolved")],
        [condition(clinical_status="resolved")],
        [condition(onset=ago(3), clinical_status="resolved", abatement=ago(3)), observation(False, days=0)],
    ],
)
def test_a_bout_of_longer_ago_or_undated_or_denied_since_is_over(entries):
    assert ask("finding", *entries, bouts=14.0).state != State.PRESENT
