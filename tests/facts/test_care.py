from datetime import date

import pytest

from cds.clinical import Span, State
from cds.record import EventEntry, MedicationEntry
from tests.facts.asking import EVERYTHING, TODAY, ago, code, condition, done, facts, record, spec

CODES = ("in", "taught", "medicines", "episode")
BACK_PAIN = condition("backache", sets=frozenset({"x.episode"}), onset=ago(60))


def answer(*entries, pain=BACK_PAIN, visits=(), supplied=EVERYTHING):
    asked = spec("care-start", codes=CODES)
    return facts([asked], record(pain, *entries, encounters=visits, supplied=supplied))["x"]


def visit(days):
    return EventEntry(
        type="Encounter",
        reference="Encounter/v",
        codings=(),
        status="finished",
        when=ago(days),
        reasons=frozenset({"x.episode"}),
    )


def ibuprofen(days, **given):
    standard = {"status": "active", "intent": "order", "authored": ago(days), "days_supply": 10.0}
    return MedicationEntry(
        type="MedicationRequest",
        reference="MedicationRequest/m",
        codings=code("ibuprofen"),
        sets=frozenset({"x.medicines"}),
        **{**standard, **given},
    )


def referral(**given):
    return done("ServiceRequest", **{"status": "active", "intent": "order", **given})


OCTOBER = Span(date(2026, 10, 1), date(2026, 10, 31))


@pytest.mark.parametrize(
    ("entries", "visits", "days"),
    [
        ([done(days=50)], [], 50.0),
        ([done(days=20), done(days=50)], [], 50.0),
        ([done(days=60)], [], 60.0),
        ([done(days=61)], [], None),
        ([done(when=OCTOBER)], [], 21.0),
        ([done(days=-1)], [], None),
        ([referral(days=41)], [], 41.0),
        ([referral(days=41, intent="proposal")], [], None),
        ([referral(days=-3)], [], None),
        ([done(days=30, sets=frozenset({"x.taught"}))], [], 30.0),
        ([referral(days=30, sets=frozenset({"x.taught"}))], [], None),
        ([ibuprofen(30)], [visit(30)], 30.0),
        ([ibuprofen(30)], [visit(27)], 30.0),
        ([ibuprofen(30)], [visit(33)], 30.0),
        ([ibuprofen(30)], [visit(34)], None),
        ([ibuprofen(30)], [visit(26)], None),
        ([ibuprofen(30)], [], None),
        ([ibuprofen(30, draft=True)], [visit(30)], None),
        ([ibuprofen(61)], [visit(61)], None),
        ([ibuprofen(30), done(days=40)], [visit(30)], 40.0),
    ],
)
def test_care_began_with_the_earliest_treatment_of_the_episode(entries, visits, days):
    assert answer(*entries, visits=visits).attributes.get("began_days") == days


def test_what_it_began_with_is_named():
    assert answer(done(days=50, text="Physiotherapy")).attributes["began_with"] == "Physiotherapy"


@pytest.mark.parametrize(
    ("pain", "care", "missing"),
    [
        (BACK_PAIN, done(days=None), ("Numbness has no date",)),
        (
            condition("backache", sets=frozenset({"x.episode"})),
            done(days=10),
            ("Numbness cannot be placed: the episode has no date",),
        ),
    ],
)
def test_care_that_cannot_be_placed_in_the_episode_is_unknown(pain, care, missing):
    found = answer(care, pain=pain)

    assert (found.state, found.missing) == (State.UNUSABLE, missing)


def test_no_care_is_known_only_when_procedures_orders_and_medicines_were_supplied():
    assert answer().state == State.ABSENT
    assert answer(supplied=EVERYTHING - {"ServiceRequest"}).state == State.UNSUPPLIED


def test_without_an_episode_there_is_no_care_of_it():
    over = condition("backache", sets=frozenset({"x.episode"}), onset=ago(60), clinical_status="resolved")

    assert answer(done(days=50), pain=over).state == State.ABSENT


def test_an_encounter_after_a_gap_begins_a_new_episode():
    old = condition("backache", sets=frozenset({"x.episode"}), onset=ago(600))
    again = visit(TODAY.toordinal() - ago(40).latest.toordinal())

    assert answer(done(days=50), pain=old, visits=[again]).state == State.ABSENT
    assert answer(done(days=40), pain=old, visits=[again]).attributes["began_days"] == 40.0
