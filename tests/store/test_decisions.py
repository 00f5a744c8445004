"""Decisions and feedback: given back as they were told, stored once, joined where they belong."""

from datetime import timedelta, timezone
from threading import Thread

import msgspec
import pytest
from sqlalchemy import select

from cds.journal import NOBODY, Decision
from cds.store import batches, database, decisions, feedback, finding, ledger, responses, tables
from tests.store.entries import CLINIC, HOSPITAL, KEYS, NOON, card, decision, put, stored
from tests.store.entries import feedback as told

FULL = decision(
    encounter="encounter-a",
    orders=2,
    software="1.0.0",
    knowledge="f00d",
    cards=(
        card(
            "card-1", indicator="critical", rules=("SRF-01.card@1.2.0", "SRF-02.card@1.0.0"), suggestions=("s-1", "s-2")
        ),
        card("card-2", rules=("no-version",), trigger=""),
    ),
    quieted=(card("card-3", indicator="info"),),
    folded=("HD-MOH-050.card@0.9.0",),
    withheld=("SRF-13.card@1.0.0",),
    unanswered=("SRF-06.t1@1.0.0", "SRF-06.t2@1.0.0"),
    acted=("ORD-4.assessed@1.0.0",),
    unavailable=("Observation", "QuestionnaireResponse"),
    facts=msgspec.Raw('{"b": 1.10, "a": "Übelkeit \\u0000", "b2": []}'.encode()),
    body="encrypted",
)
REFUSED = Decision(id="d-2", at=NOON, caller=NOBODY, service="spine-and-headache", status=412, milliseconds=0.25)


def _store(engine, *entries):
    assert [] == batches.store(engine, KEYS, [msgspec.json.encode(entry) for entry in entries])


@pytest.mark.parametrize("entry", [FULL, REFUSED, decision()], ids=["full", "refused", "usual"])
def test_a_decision_is_given_back_as_it_was_told(engine, entry):
    _store(engine, entry)

    with database.reading(engine) as connection:
        assert (entry,) == decisions.by_id(connection, entry.id)


def test_a_decision_is_found_by_its_call_and_by_each_of_its_cards(engine):
    _store(engine, FULL, REFUSED)

    assert (FULL,) == finding.found(engine, hook_instance="call-d-1")
    assert (FULL,) == finding.found(engine, card="card-2")
    assert (FULL,) == finding.found(engine, card="card-3")
    assert () == finding.found(engine, card="card-9")


def test_calls_of_several_services_are_found_in_their_order(engine):
    late = decision("d-1", at=NOON + timedelta(seconds=1), hook_instance="one")
    early = decision("d-2", hook_instance="one")
    _store(engine, late, early)

    assert (early, late) == finding.found(engine, hook_instance="one")


def test_feedback_is_given_back_as_it_was_told(engine):
    override = told(
        "f-2",
        outcome="overridden",
        at=NOON + timedelta(minutes=9),
        reason_system="https://terminology.example.org/reasons",
        reason_code="not-now",
        reason_display="Not now",
        comment="encrypted",
    )
    accepted = told(suggestions=("s-2", "s-1"))
    _store(engine, override, accepted)

    with database.reading(engine) as connection:
        assert (accepted, override) == feedback.of_card(connection, "card-d-1")


def test_what_comes_again_changes_nothing(engine):
    tables_ = ("decisions", "cards", "card_rules", "unshown", "feedback")
    _store(engine, FULL, told())
    before = {name: stored(engine, name) for name in tables_}
    _store(engine, told(), FULL, FULL)
    _store(engine, FULL)

    assert {"decisions": 1, "cards": 3, "card_rules": 4, "unshown": 5, "feedback": 1} == before
    assert before == {name: stored(engine, name) for name in tables_}


def test_moments_of_any_zone_come_back_as_the_same_moments(engine):
    in_vienna = NOON.astimezone(timezone(timedelta(hours=1)))
    _store(engine, decision(at=in_vienna))

    with database.reading(engine) as connection:
        assert NOON == connection.scalar(select(tables.decisions.c.at))
        assert 1 == len(decisions.find(connection, tables.decisions.c.at == in_vienna))


def test_a_character_that_no_database_holds_costs_no_record(engine):
    _store(engine, decision(hook_instance="a\0b"), told(reason_display="\0", suggestions=("\0",)))

    with database.reading(engine) as connection:
        assert "a\ufffdb" == decisions.by_id(connection, "d-1")[0].hook_instance
        assert ("\0",) == feedback.of_card(connection, "card-d-1")[0].suggestions


def _answered(engine, patient="patient-a", user="user-a", triggers=("trigger-card-d-1",)):
    with database.reading(engine) as connection:
        return responses.responses(connection, patient, user, frozenset(triggers))


FOUR_PAST = NOON + timedelta(minutes=4)


@pytest.mark.parametrize("outcome", ["accepted", "overridden"])
def test_a_card_that_was_answered_is_known_by_its_trigger(engine, outcome):
    _store(engine, decision(), told(outcome=outcome))

    assert {"trigger-card-d-1": FOUR_PAST} == _answered(engine)


def test_feedback_may_be_stored_before_its_card(engine):
    """(F21)"""
    _store(engine, told())
    assert {} == _answered(engine)

    _store(engine, decision())
    assert {"trigger-card-d-1": FOUR_PAST} == _answered(engine)


def test_a_card_and_its_feedback_that_two_machines_store_at_once_are_brought_together(settings, engine):
    """Neither transaction sees what the other has not committed yet (F21)."""
    other = database.connect(settings, database.BACKGROUND)
    thread = Thread(target=_store, args=(other, told()))
    with database.writing(engine) as connection:
        ledger.end(connection, KEYS)
        put(connection, decision())
        responses.match(connection, [decision()], [])
        thread.start()
        thread.join(0.3)
    thread.join()
    other.dispose()

    assert {"trigger-card-d-1": FOUR_PAST} == _answered(engine)


def test_cards_that_nobody_can_ask_for_are_not_remembered(engine):
    unnamed = decision("unnamed", user="")
    unmarked = decision("unmarked", cards=(card("card-unmarked", trigger=""),))
    _store(engine, unnamed, unmarked, told("f-1", card="card-unnamed"), told("f-2", card="card-unmarked"))

    assert 0 == stored(engine, "answered")


def test_more_cards_than_one_statement_takes_are_brought_together(engine):
    many = decision(cards=tuple(card(f"card-{number}") for number in range(10_001)))
    _store(engine, told("f-1", card="card-0"), told("f-2", card="card-9999"), many)

    assert 2 == stored(engine, "answered")


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"patient": "patient-b"}, "another patient"),
        ({"user": "user-b"}, "another user"),
        ({"triggers": ("other",)}, "another trigger"),
        ({"triggers": ()}, "no trigger"),
    ],
)
def test_an_answer_is_one_of_this_user_for_this_patient_and_trigger(engine, asked, why):
    _store(engine, decision(), told())

    assert {} == _answered(engine, **asked), why


@pytest.mark.parametrize(
    "caller",
    [CLINIC, msgspec.structs.replace(HOSPITAL, tenant="b"), NOBODY],
    ids=["issuer", "tenant", "nobody"],
)
def test_feedback_of_another_than_was_answered_counts_for_nothing(engine, caller):
    """(S19)"""
    _store(engine, decision(), told(caller=caller))

    assert {} == _answered(engine)


def test_the_latest_answer_counts_and_never_one_from_the_future(engine):
    _store(
        engine,
        decision(),
        told("f-1", outcome="accepted"),
        told("f-2", outcome="overridden", at=NOON + timedelta(days=300), received=NOON + timedelta(minutes=7)),
        told("f-3", at=NOON + timedelta(minutes=6), received=NOON + timedelta(days=2)),
    )

    assert {"trigger-card-d-1": NOON + timedelta(minutes=7)} == _answered(engine)
