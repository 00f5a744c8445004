"""Records end: at their age, and when a patient is to be forgotten, wherever they are."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy import select

from cds.store import Journal, batches, database, erasure, retention, spool, tables, upkeep
from tests.store.entries import KEYS, NOON, card, decision, eventually, feedback, ids, put, stored

DAY = timedelta(days=1)


def _store(engine, *entries):
    assert [] == batches.store(engine, KEYS, [msgspec.json.encode(entry) for entry in entries])


def _counts(engine):
    return {name: stored(engine, name) for name in ("decisions", "cards", "card_rules", "unshown", "feedback")}


def _write(settings, *entries):
    journal = Journal(settings, KEYS)
    assert [True] * len(entries) == [journal.write(entry) for entry in entries]
    journal.close()


def test_decisions_end_at_their_age_with_all_that_hangs_on_them(engine):
    _store(
        engine,
        decision("old", at=NOON - timedelta(microseconds=1), folded=("SRF-13.card@1.0.0",)),
        decision("young", at=NOON, unanswered=("SRF-13.card@1.0.0",)),
    )

    assert 1 == retention.purge(engine, KEYS, NOON, NOON + 400 * DAY).decisions
    assert {"young"} == ids(engine)
    assert {"decisions": 1, "cards": 1, "card_rules": 1, "unshown": 1, "feedback": 0} == _counts(engine)


def test_more_than_fit_into_one_transaction_are_removed(engine):
    _store(engine, *(decision(f"d-{number}") for number in range(2_100)))

    assert 2_100 == retention.purge(engine, KEYS, NOON + DAY, NOON + DAY).decisions
    assert 0 == sum(_counts(engine).values())


@pytest.mark.parametrize(
    ("age", "kept"),
    [(30 * DAY, True), (30 * DAY + timedelta(microseconds=1), False)],
    ids=["30 days", "longer"],
)
def test_feedback_without_a_card_is_kept_for_30_days(engine, age, kept):
    """(F21)"""
    _store(engine, feedback("f", card="never-issued", received=NOON - age, at=NOON - age))
    retention.purge(engine, KEYS, NOON - 365 * DAY, NOON)

    assert ({"f"} if kept else set()) == ids(engine, "feedback")


def test_where_records_are_kept_for_a_shorter_time_so_is_feedback(engine):
    _store(engine, decision(), feedback("old", received=NOON), feedback("young", received=NOON + 6 * DAY))

    assert erasure.Removed(decisions=1, feedback=1) == retention.purge(engine, KEYS, NOON + DAY, NOON + 8 * DAY)
    assert {"young"} == ids(engine, "feedback")


def test_feedback_stays_as_long_as_its_card(engine):
    _store(engine, decision(at=NOON - 100 * DAY), feedback(received=NOON - 90 * DAY, at=NOON - 90 * DAY))
    retention.purge(engine, KEYS, NOON - 101 * DAY, NOON)
    assert {"f-1"} == ids(engine, "feedback")

    assert erasure.Removed(decisions=1, feedback=1) == retention.purge(engine, KEYS, NOON - 99 * DAY, NOON)


@pytest.mark.parametrize(("later", "kept"), [(0, 1), (1, 0)], ids=["at that moment", "before it"])
def test_what_was_answered_is_known_for_as_long_as_decisions_are(engine, later, kept):
    _store(engine, decision(), feedback(at=NOON))
    retention.purge(engine, KEYS, NOON + timedelta(microseconds=later), NOON + DAY)

    assert kept == stored(engine, "answered")


def test_a_patient_is_forgotten_and_no_other(engine, settings):
    _store(
        engine,
        decision("a-1", cards=(card("card-a", rules=("SRF-01.card@1.2.0", "SRF-02.card@1.0.0")),)),
        decision("a-2", at=NOON + DAY),
        decision("b-1", patient="patient-b", cards=(card("card-b"),)),
        decision("nobody", patient=""),
        feedback("of-a", card="card-a", comment="encrypted"),
        feedback("of-b", card="card-b"),
        feedback("of-none", card="card-c"),
    )
    forgotten = upkeep.forget(engine, KEYS, settings.state / "spool", "patient-a", NOON + 2 * DAY)

    assert upkeep.Forgotten(decisions=2, feedback=1, rejected=0, waiting=0) == forgotten
    assert {"b-1", "nobody"} == ids(engine)
    assert {"of-b", "of-none"} == ids(engine, "feedback")
    with database.reading(engine) as connection:
        assert ["patient-b"] == list(connection.scalars(select(tables.answered.c.patient)))


def test_what_waits_in_the_spool_of_this_machine_is_forgotten_too(engine, settings):
    _write(settings, decision("a"), decision("b", patient="patient-b"), feedback("of-a", card="card-a"))

    assert upkeep.Forgotten(1, 1, 0, 0) == upkeep.forget(
        engine, KEYS, settings.state / "spool", "patient-a", NOON + DAY
    )
    assert ({"b"}, set()) == (ids(engine), ids(engine, "feedback"))


def test_what_a_running_service_moves_is_waited_for(engine, settings):
    running = Journal(settings, KEYS)
    running.start()
    assert eventually(lambda: running.state().database.reach == "there")
    _write(settings, decision("a"), feedback("of-a", card="card-a"))

    assert upkeep.Forgotten(1, 1, 0, 0) == upkeep.forget(
        engine, KEYS, settings.state / "spool", "patient-a", NOON + DAY
    )
    running.close()


def test_what_the_service_writes_meanwhile_does_not_wait_since_before(engine, settings):
    running = Journal(settings, KEYS)
    running.start()
    enough = Event()

    def write():
        while not enough.wait(0.001):
            running.write(decision(str(uuid4()), patient="patient-b"))

    thread = Thread(target=write)
    thread.start()
    try:
        assert eventually(lambda: stored(engine) > 0)
        waiting = [
            upkeep.forget(engine, KEYS, settings.state / "spool", "patient-a", NOON + DAY).waiting for _ in range(5)
        ]
    finally:
        enough.set()
        thread.join()
        running.close()

    assert [0] * 5 == waiting


def test_what_waits_on_another_machine_is_not_stored_any_more(engine, settings):
    elsewhere = replace(settings, database_url=settings.database, state=settings.state / "elsewhere")
    _write(elsewhere, decision("before"), decision("after", at=NOON + 2 * DAY), decision("b", patient="patient-b"))
    upkeep.forget(engine, KEYS, settings.state / "spool", "patient-a", NOON + DAY)
    other = Journal(elsewhere, KEYS)
    other.start()
    other.close()

    assert {"after", "b"} == ids(engine)


def test_an_erasure_waits_for_records_that_are_being_stored(engine, settings):
    other = database.connect(settings, database.BACKGROUND)
    removed = []

    def erase():
        with database.writing(other) as connection:
            removed.append(erasure.erase(connection, KEYS, "patient-a", NOON + DAY))

    thread = Thread(target=erase)
    with database.writing(engine) as connection:
        put(connection, *erasure.not_erased(connection, [decision()]))
        thread.start()
        thread.join(0.3)
        assert [] == removed
    thread.join()
    other.dispose()

    assert [erasure.Removed(decisions=1, feedback=0)] == removed
    assert 0 == stored(engine)


def test_what_is_read_again_after_it_was_erased_stays_away(engine, settings):
    """As when a process died between commit and removal of a segment."""
    folder = settings.state / "spool"
    _write(settings, decision("a"))
    shutil.copytree(folder, settings.state / "copy")
    upkeep.forget(engine, KEYS, folder, "patient-a", NOON + DAY)
    for segment in spool.segments(settings.state / "copy"):
        shutil.copy(segment, folder)
    journal = Journal(settings, KEYS)
    journal.start()
    journal.close()

    assert (0, 0) == (stored(engine), spool.size(folder))


def test_the_note_of_an_erasure_goes_when_such_records_would_be_too_old(engine):
    with database.writing(engine) as connection:
        erasure.erase(connection, KEYS, "patient-a", NOON)
    retention.end_notes(engine, NOON)
    assert 1 == stored(engine, "erased")

    retention.end_notes(engine, NOON + timedelta(microseconds=1))
    assert 0 == stored(engine, "erased")


def test_rejected_lines_about_the_patient_are_removed(engine, settings):
    rejected = settings.state / "spool" / "rejected"
    rejected.mkdir(parents=True)
    others = b'{"patient":"patient-b"}\nno JSON\n'
    (rejected / "1-1-a.jsonl").write_bytes(b'{"patient":"patient-a"}\n' + others)
    (rejected / "2-1-b.jsonl").write_bytes(b'{"patient":"patient-a"}\n')
    forgotten = upkeep.forget(engine, KEYS, settings.state / "spool", "patient-a", datetime.now(UTC))

    assert upkeep.Forgotten(0, 0, 2, 0) == forgotten
    assert [others] == [file.read_bytes() for file in rejected.iterdir()]


def test_nothing_of_a_forgotten_patient_is_left_in_the_files_of_sqlite(on_sqlite):
    """(P5)"""
    engine = database.connect(on_sqlite, database.BACKGROUND)
    facts = msgspec.Raw(b'{"marker": "MARKER-OF-THE-FACTS"}')
    _store(engine, *(decision(f"a-{n}", facts=facts) for n in range(50)), feedback(card="card-a-1", comment="MARKER"))
    upkeep.forget(engine, KEYS, on_sqlite.state / "spool", "patient-a", NOON + DAY)
    left = b"".join(file.read_bytes() for file in on_sqlite.state.glob("cds.sqlite*"))
    engine.dispose()

    assert b"patient-a" in left  # the note of the erasure
    assert b"MARKER" not in left
