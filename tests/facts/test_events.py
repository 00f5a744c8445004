from datetime import timedelta

import pytest

from cds.clinical import Bounds, Span, State
from cds.record import EventEntry, MedicationEntry, Patient, PatientRecord
from tests.facts.asking import (
    EVERYTHING,
    IN,
    TODAY,
    ago,
    among,
    ask,
    code,
    condition,
    done,
    facts,
    hours_ago,
    observation,
    record,
    relative,
    spec,
    year,
)


@pytest.mark.parametrize(
    ("entries", "days"),
    [
        ([done(days=30)], 30.0),
        ([done(days=30), done(days=400)], 30.0),
        ([done(when=ago(40), end=ago(30))], 30.0),
        ([done(days=31)], None),
        ([done(days=-1)], None),
        ([done(status="in-progress")], None),
        ([done(status="not-done")], None),
        ([done("ServiceRequest")], None),
        ([done(when=year(2026))], 0.0),
    ],
)
def test_a_procedure_counts_when_it_was_completed_within_the_window(entries, days):
    assert ask("procedure", *entries, within=30.0).attributes.get("done_days") == days


@pytest.mark.parametrize(("reassuring", "days"), [(False, 0.0), (True, 324.0)])
def test_a_procedure_that_speaks_against_a_danger_counts_from_its_earliest_day(reassuring, days):
    this_year = done(when=year(2026))

    assert ask("procedure", this_year, reassuring=reassuring).attributes["done_days"] == days


def test_a_procedure_without_date_was_done_but_cannot_be_placed_in_a_window():
    undated = done(days=None)

    assert (ask("procedure", undated).state, dict(ask("procedure", undated).attributes)) == (State.PRESENT, {})
    assert ask("procedure", undated, within=30.0).missing == ("Numbness has no date",)
    assert ask("procedure", undated, done(days=3), within=30.0).state == State.PRESENT


def mri(**given):
    return done("DiagnosticReport", status="final", **given)


@pytest.mark.parametrize(
    ("entry", "hours"),
    [
        (mri(instant=hours_ago(48)), 48.0),
        (mri(instant=hours_ago(48.01), days=2), None),
        (mri(days=1), Bounds(10.0, 34.0)),
        (mri(days=2), None),
        (mri(days=None), None),
        (mri(days=-1), None),
        (done("DiagnosticReport", status="preliminary"), None),
        (done("DiagnosticReport", status="amended", instant=hours_ago(2)), 2.0),
    ],
)
def test_a_report_counts_only_when_it_is_final_and_surely_recent(entry, hours):
    assert ask("report", entry, within_hours=48.0).attributes.get("done_hours") == hours


@pytest.mark.parametrize(("when", "days"), [(ago(42), 42.0), (ago(43), None), (year(2026), None)])
def test_a_partial_date_of_a_report_counts_from_its_earliest_day(when, days):
    assert ask("report", mri(when=when), within=42.0).attributes.get("done_days") == days


def test_the_newest_report_answers():
    old = mri(instant=hours_ago(40), days=2)
    attributes = ask("report", old, mri(instant=hours_ago(3))).attributes

    assert (attributes["done_hours"], attributes["done_on"]) == (3.0, "2026-11-21")


@pytest.mark.parametrize(
    ("entry", "after"),
    [
        (condition(onset=ago(3)), "no"),
        (condition(onset=ago(2)), "yes"),
        (condition(onset=ago(1)), "yes"),
        (condition(onset=ago(1), clinical_status="resolved"), "no"),
        (condition(recorded=ago(3)), "no"),
        (condition(recorded=ago(1)), "yes"),
        (condition(), "yes"),
        (condition(onset=ago(90), recorded=ago(1), clinical_status="relapse"), "yes"),
        (observation(True, days=3), "no"),
        (observation(True, days=2), "yes"),
        (observation(True, instant=hours_ago(47)), "yes"),
        (observation(True, instant=hours_ago(49)), "no"),
        (observation(False, days=1), "no"),
    ],
)
def test_a_report_is_too_old_for_what_began_or_worsened_since(entry, after):
    report = mri(instant=hours_ago(48), days=2)
    features = among(entry, "features")

    assert ask("report", report, features, codes=("in", "features")).attributes["features_after"] == after


def test_a_feature_seen_before_the_report_is_known_to_it():
    report = mri(instant=hours_ago(48), days=2)
    seen = [among(observation(True, days=days), "features") for days in (5, 0)]

    assert ask("report", report, *seen, codes=("in", "features")).attributes["features_after"] == "no"


@pytest.mark.parametrize(
    ("encounter", "days"),
    [
        (done("Encounter", status="in-progress", days=0), 0.0),
        (done("Encounter", status="finished", days=7), 7.0),
        (done("Encounter", status="finished", days=8), None),
        (done("Encounter", status="planned", days=0), None),
        (done("Encounter", status="in-progress", days=-1), None),
        (done("Encounter", status="in-progress", days=None), None),
    ],
)
def test_an_encounter_counts_once_it_has_begun(encounter, days):
    told = facts([spec("encounter", codes=(), within=7.0)], record(encounters=(encounter,)))["x"]

    assert told.attributes.get("started_days") == days


@pytest.mark.parametrize(("reasons", "state"), [(frozenset({"x.reason"}), State.PRESENT), (frozenset(), State.ABSENT)])
def test_an_encounter_may_be_asked_for_by_its_reason(reasons, state):
    visit = done("Encounter", status="finished", reasons=reasons)

    assert facts([spec("encounter", codes=("reason",))], record(encounters=(visit,)))["x"].state == state


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        (
            [done("Task", status="requested", due=Span(TODAY + timedelta(days=7), TODAY + timedelta(days=7)))],
            {"due_in_days": 7.0},
        ),
        ([done("Task", status="accepted", due=ago(2))], {"due_in_days": -2.0}),
        ([done("Task", status="requested")], {}),
        ([done("Task", status="requested"), done("Task", status="ready", due=ago(0))], {"due_in_days": 0.0}),
        ([done("Task", status="completed", due=ago(0))], None),
        ([], None),
    ],
)
def test_an_open_task_is_one_that_is_not_completed(entries, expected):
    fact = ask("open-task", *entries)

    assert (dict(fact.attributes) if fact.state is State.PRESENT else None) == expected


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([done("ServiceRequest", status="active", days=50)], {"ordered_days": 50.0, "first_ordered_days": 50.0}),
        (
            [done("ServiceRequest", status="completed", days=50), done("ServiceRequest", status="active", days=3)],
            {"ordered_days": 3.0, "first_ordered_days": 50.0},
        ),
        ([done("ServiceRequest", status="active", days=60)], {"ordered_days": 60.0, "first_ordered_days": 60.0}),
        ([done("ServiceRequest", status="active", days=61)], None),
        ([done("ServiceRequest", status="active", days=None)], {}),
        ([done("ServiceRequest", status="draft", days=3, draft=True)], None),
    ],
)
def test_a_request_counts_from_the_day_it_was_ordered(entries, expected):
    fact = ask("request", *entries, within=60.0)

    assert (dict(fact.attributes) if fact.state is State.PRESENT else None) == expected


def test_a_request_for_a_day_to_come_stands():
    assert ask("request", done("ServiceRequest", status="active", days=-5)).state is State.PRESENT


def test_a_task_counts_when_it_was_completed():
    assert ask("task", done("Task", days=3)).attributes["done_days"] == 3.0
    assert ask("task", done("Task", status="requested")).state == State.ABSENT


def test_the_newest_encounter_answers():
    visits = (done("Encounter", status="finished", days=5), done("Encounter", status="arrived", days=1))
    told = facts([spec("encounter", codes=())], record(encounters=visits))["x"]

    assert told.attributes["started_days"] == 1.0


@pytest.mark.parametrize(
    ("days", "began"),
    [([5], 5.0), ([5, 185], 185.0), ([5, 186], 5.0), ([5, 100, 250], 250.0), ([5, 300], 5.0), ([-3, 5], 5.0)],
)
def test_a_run_of_encounters_ends_where_more_than_the_gap_lies_between_two(days, began):
    visits = tuple(done("Encounter", status="finished", days=day) for day in days)
    told = facts([spec("encounter", codes=(), gap=180.0, within=28.0)], record(encounters=visits))["x"]

    assert told.attributes == {"started_days": 5.0, "began_days": began}


def draft(name, *, sets=IN, **given):
    return EventEntry(
        type="ServiceRequest", reference=f"ServiceRequest/{name}", codings=code(name), sets=sets, draft=True, **given
    )


def test_each_draft_of_the_choice_is_an_item():
    drafts = (
        draft("mri", priority="stat", text="MRI lumbar spine"),
        draft("xray"),
        draft("knee", sets=frozenset()),
        MedicationEntry(type="MedicationRequest", reference="MedicationRequest/m", codings=(), sets=IN, draft=True),
    )
    told = facts([spec("draft-request")], record(drafts=drafts))["x"]

    assert told.state == State.PRESENT
    assert [(item.name, dict(item.attributes)) for item in told.items] == [
        ("ServiceRequest/mri", {"priority": "stat", "title": "MRI lumbar spine"}),
        ("ServiceRequest/xray", {"priority": "routine", "title": "Numbness"}),
    ]


@pytest.mark.parametrize(
    ("told", "attributes"),
    [
        ({}, {"site": "unstated", "reason": "unstated", "only_reason": "no"}),
        (
            {
                "site_sets": frozenset({"x.at"}),
                "site_stated": True,
                "reasons": frozenset({"x.for"}),
                "each_reason": (frozenset({"x.for"}), frozenset({"x.for", "y.for"})),
                "reason_stated": True,
            },
            {"site": "yes", "reason": "yes", "only_reason": "yes"},
        ),
        (
            {
                "reasons": frozenset({"x.for"}),
                "each_reason": (frozenset({"x.for"}), frozenset()),
                "reason_stated": True,
            },
            {"site": "unstated", "reason": "yes", "only_reason": "no"},
        ),
        (
            {"site_sets": frozenset({"y.at"}), "site_stated": True, "reasons": frozenset(), "reason_stated": True},
            {"site": "other", "reason": "other", "only_reason": "no"},
        ),
    ],
)
def test_the_site_and_the_reason_of_a_draft_are_told_apart_where_a_fact_names_some(told, attributes):
    asked = spec("draft-request", codes=("in", "at", "for"))
    mri = draft("mri", text="MRI", **told)

    (item,) = facts([asked], record(drafts=(mri,)))["x"].items

    assert item.attributes == {"priority": "routine", "title": "MRI", **attributes}


def test_without_drafts_there_is_known_to_be_none():
    told = facts([spec("draft-request")], PatientRecord(patient=Patient(id="p")))["x"]

    assert told.state == State.ABSENT


@pytest.mark.parametrize(
    ("relatives", "degree", "state"),
    [
        ([relative("FTH")], "first", State.PRESENT),
        ([relative("NSIS")], "first", State.PRESENT),
        ([relative("GRMTH")], "first", State.ABSENT),
        ([relative("FAMMEMB")], "first", State.UNUSABLE),
        ([relative("")], "first", State.UNUSABLE),
        ([relative("FAMMEMB"), relative("BRO")], "first", State.PRESENT),
        ([relative("GRMTH")], "any", State.PRESENT),
        ([relative("FAMMEMB")], "any", State.PRESENT),
        ([relative("FTH", status="health-unknown")], "any", State.ABSENT),
    ],
)
def test_a_family_history_is_of_relatives_of_the_degree_asked_for(relatives, degree, state):
    assert ask("family-history", *relatives, degree=degree).state == state


def test_relatives_are_counted_once_each():
    told = [relative("FTH"), relative("FTH"), relative("BRO")]

    assert ask("family-history", *told).attributes["relatives"] == 2.0


def of(kind, *, supplied=EVERYTHING, **patient):
    told = PatientRecord(patient=Patient(id="p", **patient), supplied=frozenset(supplied))
    return facts([spec(kind, codes=())], told)["x"]


@pytest.mark.parametrize(
    ("born", "age"),
    [
        (Span(TODAY.replace(1980), TODAY.replace(1980)), 46.0),
        (Span(TODAY.replace(1980, 11, 22), TODAY.replace(1980, 11, 22)), 45.0),
        (Span(TODAY.replace(2004, 2, 29), TODAY.replace(2004, 2, 29)), 22.0),
        (Span(TODAY, TODAY), 0.0),
        (year(1980), Bounds(45.0, 46.0)),
        (Span(TODAY.replace(1980, 11, 1), TODAY.replace(1980, 11, 30)), Bounds(45.0, 46.0)),
        (Span(TODAY.replace(1980, 10, 1), TODAY.replace(1980, 10, 31)), 46.0),
    ],
)
def test_age_is_in_completed_years_or_their_bounds(born, age):
    assert of("age", born=born).attributes["value"] == age


@pytest.mark.parametrize(
    ("kind", "patient", "supplied", "state"),
    [
        ("age", {}, {"Patient"}, State.UNUSABLE),
        ("age", {"born": ago(-1)}, {"Patient"}, State.UNUSABLE),
        ("age", {}, (), State.UNSUPPLIED),
        ("gender", {"gender": "female"}, {"Patient"}, State.PRESENT),
        ("gender", {}, {"Patient"}, State.UNUSABLE),
        ("gender", {}, (), State.UNSUPPLIED),
        ("deceased", {"deceased": True}, {"Patient"}, State.PRESENT),
        ("deceased", {}, {"Patient"}, State.ABSENT),
        ("deceased", {}, (), State.UNSUPPLIED),
    ],
)
def test_what_is_not_told_of_the_patient_is_not_known(kind, patient, supplied, state):
    assert of(kind, supplied=supplied, **patient).state == state


def test_gender_is_told_as_recorded():
    assert of("gender", gender="other").attributes["value"] == "other"


@pytest.mark.parametrize(
    ("conclusions", "shows"), [({"x.shows"}, "yes"), ({"other.shows"}, "not said"), (set(), "not said")]
)
def test_a_report_shows_what_its_coded_conclusion_names(conclusions, shows):
    scan = done("DiagnosticReport", status="final", days=3, conclusion_sets=frozenset(conclusions))

    assert ask("report", scan, codes=("in", "shows")).attributes["shows"] == shows
