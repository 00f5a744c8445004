from typing import Any

import pytest

from cds.clinical import Fact, Quantity, Span, State
from cds.facts import derive, plan
from cds.facts.kinds import ANSWERERS
from cds.record import Patient, PatientRecord
from cds.ruleset.kinds import KINDS
from tests.facts.asking import (
    EVERYTHING,
    NOW,
    ago,
    among,
    ask,
    condition,
    done,
    facts,
    hours_ago,
    measured,
    observation,
    record,
    relative,
    spec,
    year,
)
from tests.facts.prescribing import order

FINDING = spec("finding", name="x")
VOLUME = spec("observation", name="volume", unit="mL")


def test_every_kind_is_answered_by_one_function():
    assert set(ANSWERERS) == set(KINDS)


def test_what_was_supplied_and_shows_nothing_is_absent():
    assert facts([FINDING, VOLUME], record()) == {
        "x": Fact("x", State.ABSENT),
        "volume": Fact("volume", State.ABSENT),
    }


@pytest.mark.parametrize(
    ("supplied", "unavailable", "missing"),
    [
        ((), {}, ("Condition: not supplied", "Observation: not supplied")),
        (("Condition",), {}, ("Observation: not supplied",)),
        (("Condition",), {"Observation": "the server refused"}, ("Observation: the server refused",)),
        (
            (),
            {"Observation": "the server refused"},
            ("Condition: not supplied", "Observation: the server refused"),
        ),
    ],
)
def test_what_was_not_supplied_is_unknown_and_says_what_is_missing(supplied, unavailable, missing):
    told = PatientRecord(patient=Patient(id="p"), supplied=frozenset(supplied), unavailable=unavailable)

    assert facts([FINDING], told)["x"] == Fact("x", State.UNSUPPLIED, missing=missing)


def test_a_finding_may_be_present_although_not_all_was_supplied():
    told = record(condition(), supplied=frozenset({"Condition"}))

    assert facts([FINDING], told)["x"].state == State.PRESENT


def test_an_entry_that_answers_nothing_does_not_make_unsupplied_data_absent():
    told = record(condition(clinical_status="resolved"), supplied=frozenset({"Condition"}))

    assert facts([FINDING], told)["x"].state == State.UNSUPPLIED


def test_an_entry_found_by_two_facts_answers_both():
    entry = condition(sets=frozenset({"x.in", "y.in"}))
    told = facts([FINDING, spec("finding", name="y"), spec("finding", name="z")], record(entry))

    assert {name: fact.state for name, fact in told.items()} == {
        "x": State.PRESENT,
        "y": State.PRESENT,
        "z": State.ABSENT,
    }


def test_an_entry_of_a_companion_choice_alone_answers_nothing():
    near = spec("finding", codes=("in", "near"))

    assert facts([near], record(among(condition(), "near")))["x"] == Fact("x", State.ABSENT)


def test_a_plan_is_used_again_for_another_patient():
    prepared = plan({"x": FINDING})

    assert derive(prepared, record(condition()), NOW)["x"].state == State.PRESENT
    assert derive(prepared, record(), NOW)["x"].state == State.ABSENT


@pytest.mark.parametrize(
    ("onset", "start", "days"),
    [
        (ago(24), ago(10), 14.0),
        (ago(25), ago(10), 15.0),
        (ago(10), ago(10), 0.0),
        (ago(3), ago(10), -7.0),
        (Span(ago(60).earliest, ago(20).latest), ago(10), 10.0),
        (Span(ago(60).earliest, ago(0).latest), ago(10), 0.0),
        (Span(ago(9).earliest, ago(0).latest), ago(10), -1.0),
        (year(2025), year(2025), 0.0),
        (None, ago(10), None),
        (ago(10), None, None),
    ],
)
def test_a_fact_is_measured_from_its_anchor_with_partial_dates_as_near_as_they_can_be(onset, start, days):
    weakness = spec("finding", name="x", anchors=("pain",))
    told = record(condition(onset=onset), condition("pain", sets=frozenset({"pain.in"}), onset=start))

    attributes = facts([weakness, spec("finding", name="pain")], told)["x"].attributes
    assert attributes.get("onset_days_before_pain") == days


def test_every_event_is_measured_from_the_event_of_the_anchor():
    numbness = spec("finding", name="x", anchors=("mri",))
    report = done("DiagnosticReport", status="final", sets=frozenset({"mri.in"}), days=2)
    told = record(condition(onset=ago(9), recorded=ago(1), clinical_status="relapse"), report)

    attributes = facts([numbness, spec("report", name="mri")], told)["x"].attributes
    assert {name: value for name, value in attributes.items() if name.endswith("_before_mri")} == {
        "onset_days_before_mri": 7.0,
        "worsened_days_before_mri": -1.0,
        "changed_days_before_mri": -1.0,
        "stated_days_before_mri": -1.0,
    }


def test_an_anchor_that_is_not_there_leaves_the_distance_unknown():
    told = facts([spec("finding", name="x", anchors=("pain",)), spec("finding", name="pain")], record(condition()))

    assert "onset_days_before_pain" not in told["x"].attributes


WORSE = condition(onset=ago(9), recorded=ago(1), clinical_status="relapse", severity="severe", side="left")
OVER = condition(clinical_status="resolved", onset=ago(90), abatement=ago(3))
GRADES = [observation(Quantity(grade, None), "hip", side="both", days=days) for grade, days in ((5.0, 9), (3.0, 1))]
EXAMPLES: dict[str, list[dict[str, Any]]] = {
    "condition": [{"entries": [WORSE]}, {"entries": [OVER], "status": "ever"}],
    "finding": [{"entries": [WORSE]}, {"entries": [OVER], "status": "ever"}],
    "bilateral": [
        {
            "entries": [
                condition(side="both", onset=ago(3), recorded=ago(3)),
                among(condition("neuropathy", onset=ago(90)), "explained_by"),
            ],
            "codes": ("in", "explained_by"),
        }
    ],
    "episode": [{"entries": [WORSE]}],
    "screen-item": [{"entries": [WORSE]}],
    "family-history": [{"entries": [relative("FTH")]}],
    "observation": [{"entries": [measured(350.0, side="left")], "unit": "mL"}],
    "raised-marker": [{"entries": [measured(50.0, "mg/L")], "unit": "mg/L", "limit": 10.0}],
    "muscle-power": [{"entries": GRADES}],
    "power-decline": [{"entries": GRADES}],
    "procedure": [{"entries": [done()]}],
    "report": [
        {
            "entries": [
                done("DiagnosticReport", status="final", instant=hours_ago(2)),
                among(WORSE, "features"),
            ],
            "codes": ("in", "features", "shows"),
        }
    ],
    "request": [{"entries": [done("ServiceRequest", status="active")]}],
    "care-start": [{"entries": [among(WORSE, "episode"), done()], "codes": ("in", "episode")}],
    "open-task": [{"entries": [done("Task", status="requested", due=ago(0))]}],
    "reduced-sign": [{"entries": [observation("absent", "knee jerk", side="left")]}],
    "leg-raise": [
        {
            "entries": [
                observation(True, "leg raise", side="left"),
                among(observation(Quantity(40.0, "deg"), "angle", side="left"), "angle"),
            ],
            "codes": ("in", "angle"),
        }
    ],
}


def answer(kind, *, entries, **parameters):
    return ask(kind, *entries, **parameters)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_attribute_that_a_kind_declares_is_answered(kind):
    answered = [answer(kind, **example) for example in EXAMPLES[kind]]

    assert {name for fact in answered for name in fact.attributes} == set(KINDS[kind].attributes)


def test_the_facts_of_the_patient_have_the_attributes_declared():
    born = Patient(id="p", born=ago(9000), gender="female")
    visit = done("Encounter", status="arrived")
    told = facts(
        [spec(kind, name=kind, codes=()) for kind in ("age", "gender", "encounter")],
        record(patient=born, encounters=(visit,)),
    )

    assert {kind: set(fact.attributes) for kind, fact in told.items()} == {
        kind: set(KINDS[kind].attributes) for kind in told
    }


def test_a_patient_alone_costs_no_look_up():
    told = PatientRecord(patient=Patient(id="p"), supplied=EVERYTHING, entries={"unasked.in": (condition(),)})

    assert facts([FINDING], told)["x"] == Fact("x", State.ABSENT)


@pytest.mark.parametrize("session", ["drafts", "background"])
@pytest.mark.parametrize(
    ("choices", "looked_at"),
    [
        ((), {"any"}),
        (("taken.in",), {"any", "taken"}),
        (("scan.in", "taken.for"), {"any", "scan"}),
    ],
)
def test_an_order_is_looked_at_by_the_facts_that_ask_for_it_and_by_those_that_ask_for_any(session, choices, looked_at):
    asked = [
        spec("draft-medication", name="any", codes=()),
        spec("draft-request", name="scan"),
        spec("medication", name="taken", codes=("in", "for"), drafts=True),
        spec("medication", name="on_record"),
    ]
    drafts: dict[str, Any] = {session: (order(sets=frozenset(choices)),)}

    assert derive(plan({one.name: one for one in asked}), record(**drafts), NOW).possible == looked_at


def test_medicines_that_no_code_explains_are_named():
    asked = spec("unmapped-medicines", codes=())
    told = record(unmapped_medications={"MedicationRequest/1": "Willow bark", "MedicationRequest/2": ""})

    found = facts([asked], told)["x"]

    assert found.attributes == {"number": 2, "names": "Willow bark, medicine without a name"}
    assert facts([asked], record())["x"].state is State.ABSENT


def test_what_a_site_has_set_is_always_known():
    asked = spec("setting", codes=(), value="UK", choices=("US", "UK"))

    assert facts([asked], record(supplied=frozenset()))["x"].attributes == {"value": "UK"}
