"""The journal: what is written arrives, whoever drains, and what cannot arrive keeps nothing else back."""

import os
import shutil
import time
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from cds.store import Journal, batches, database, ledger, moves, spool, tables
from cds.store.losses import Losses
from tests.store.entries import CLINIC, KEYS, NOON, at_once, card, decision, eventually, feedback, ids, numbered, stored
from tests.store.worker import finish, worker, written


@pytest.fixture
def journal(settings):
    journal = Journal(settings, KEYS)
    journal.start()
    yield journal
    journal.close()


@pytest.fixture
def folder(settings):
    return settings.state / "spool"


def _write(folder, *lines):
    """Each segment is there at once: no reader comes in the midst of it."""
    draft = folder.with_name("draft")
    writer = spool.Writer(draft, 1_000_000)
    for line in lines:
        writer.append(line + b"\n")
    writer.close()
    folder.mkdir(parents=True, exist_ok=True)
    for segment in spool.segments(draft):
        segment.rename(folder / segment.name)


def test_what_is_written_arrives_soon(journal, engine):
    assert [True, True] == [journal.write(decision()), journal.write(feedback())]

    assert eventually(lambda: (stored(engine), stored(engine, "feedback")) == (1, 1))
    assert eventually(lambda: journal.state().waiting_bytes == 0)
    state = journal.state()
    assert (None, 0, 0, "there") == (state.waiting_since, state.rejected_bytes, state.lost, state.database.reach)


def test_what_became_of_a_card_is_told_once_for_each_of_its_rules(settings, engine):
    """Feedback that is sent again, or of a card that nobody here has issued, tells nothing new."""
    told: list[tuple[str, str]] = []
    journal = Journal(settings, KEYS, told.extend)
    journal.start()
    journal.write(decision(cards=(card(rules=("A.card@1.0.0", "B.card@1.0.0")), card("other"))))
    journal.write(feedback())
    journal.write(feedback("f-2", card="card-of-nobody"))
    journal.write(feedback("f-3", card="other", caller=CLINIC))
    assert eventually(lambda: stored(engine, "feedback") == 3)
    journal.write(feedback())
    journal.write(feedback("f-4", card="other", outcome="overridden"))
    assert eventually(lambda: stored(engine, "feedback") == 4)
    journal.close()

    assert [("A.card", "accepted"), ("B.card", "accepted"), ("SRF-01.card", "overridden")] == sorted(told)


def test_closing_moves_what_waits(settings, engine):
    journal = Journal(settings, KEYS)
    journal.start()
    for entry in numbered("d", range(1_200)):
        journal.write(entry)
    journal.close()

    assert 1_200 == stored(engine)
    assert 0 == journal.state().waiting_bytes


def test_a_journal_that_was_not_started_keeps_what_is_written(settings, engine, folder):
    journal = Journal(settings, KEYS)
    journal.write(decision())
    journal.close()
    assert (0, True) == (stored(engine), spool.size(folder) > 0)

    later = Journal(settings, KEYS)
    later.start()
    assert eventually(lambda: stored(engine) == 1)
    later.close()


def test_facts_that_are_spread_over_lines_are_one_record(journal, engine):
    journal.write(decision(facts=msgspec.Raw(b'{\n  "a": "b c"\n}')))

    assert eventually(lambda: stored(engine) == 1)
    with database.reading(engine) as connection:
        assert '{   "a": "b c" }' == connection.scalar(select(tables.decisions.c.facts))


def test_four_processes_write_and_everything_arrives_once(settings, engine, folder):
    names = "abcd"
    with ExitStack() as stack:
        workers = [stack.enter_context(worker(settings, name, 1_000)) for name in names]
        assert [True] * 4 == [written(each) for each in workers]
        assert [0] * 4 == [finish(each) for each in workers]

    assert 0 == spool.size(folder)
    assert {f"{name}-{number}" for name in names for number in range(1_000)} == ids(engine)
    assert 4_000 == stored(engine, "cards")


def test_the_same_feedback_told_by_fifty_at_once_is_one(journal, engine):
    """(F21)"""
    at_once(*[lambda: journal.write(feedback())] * 50)
    journal.write(feedback("f-2", outcome="overridden", at=NOON + timedelta(minutes=9)))

    assert eventually(lambda: ids(engine, "feedback") == {"f-1", "f-2"})
    assert eventually(lambda: journal.state().waiting_bytes == 0)
    assert 2 == stored(engine, "feedback")


def test_one_drains_and_the_others_stand_by(settings, engine):
    first, second = Journal(settings, KEYS), Journal(settings, KEYS)
    first.start()
    assert eventually(lambda: first.state().database.reach == "there")
    second.start()
    assert eventually(lambda: second.state().database.reach == "there")
    second.write(decision("of-the-second"))
    assert eventually(lambda: ids(engine) == {"of-the-second"})

    first.close()
    second.write(decision("after-the-first"))
    assert eventually(lambda: ids(engine) == {"of-the-second", "after-the-first"})
    second.close()


def test_when_the_process_that_drains_dies_another_goes_on(settings, engine):
    with worker(settings, "first", 10) as first:
        assert written(first)
        assert eventually(lambda: stored(engine) == 10)
        standing_by = Journal(settings, KEYS)
        standing_by.start()
        first.kill()
        first.wait()
    standing_by.write(decision("after"))

    assert eventually(lambda: stored(engine) == 11)
    standing_by.close()


def test_what_a_killed_worker_wrote_is_moved_by_the_next(settings, engine, folder):
    """(F15)"""
    with worker(settings, "killed", 3_000) as killed:
        assert written(killed)
        killed.kill()
        killed.wait()
    with worker(settings, "next", 1) as following:
        assert eventually(lambda: stored(engine) == 3_001)
        assert 0 == finish(following)

    assert 0 == spool.size(folder)


def test_two_that_drain_at_once_store_nothing_twice(settings, engine, folder):
    """As after a kill between commit and removal: both have the same segments."""
    _write(folder, *(msgspec.json.encode(entry) for entry in numbered("d", range(2_000))))
    other = replace(settings, database_url=settings.database, state=settings.state / "other")
    shutil.copytree(folder, other.state / "spool")
    first, second = Journal(settings, KEYS), Journal(other, KEYS)
    for journal in (first, second):
        journal.start()
    for journal in (first, second):
        journal.close(30)

    assert {"decisions": 2_000, "cards": 2_000} == {name: stored(engine, name) for name in ("decisions", "cards")}
    assert [0, 0] == [spool.size(folder), spool.size(other.state / "spool")]


POISON = [
    b"",
    b"not JSON",
    b'{"type":"decision","id":"d-x"}',
    b'{"type":"unheard of"}',
    b"\x00\x00\x00\x00",
    b"\xff\xfe",
    b'{"type":"feedback"',
    b'{"type":"decision","facts":' + b"[" * 5_000,
    msgspec.json.encode(decision("of-no-zone")).replace(b"00Z", b"00"),
]


def test_lines_that_are_no_records_keep_nothing_back(journal, engine, folder):
    good = [msgspec.json.encode(entry) for entry in numbered("d", range(3))]
    _write(folder, good[0], *POISON, good[1], good[2])

    assert eventually(lambda: stored(engine) == 3)
    assert eventually(lambda: spool.size(folder) == 0)
    (kept,) = (folder / "rejected").iterdir()
    assert POISON == kept.read_bytes().split(b"\n")[:-1]
    assert "0o600" == oct(kept.stat().st_mode & 0o777)
    assert (sum(len(line) + 1 for line in POISON), 0) == (journal.state().rejected_bytes, journal.state().lost)


@pytest.mark.parametrize(
    "wrong",
    [
        {"orders": 2**63},
        {"at": NOON.replace(year=1, month=1, day=1).astimezone(), "status": 2**80},
    ],
    ids=["a number no column holds", "a larger one"],
)
def test_a_record_that_the_database_refuses_keeps_nothing_back(journal, engine, folder, wrong):
    entries = [*numbered("d", range(400)), decision("wrong", **wrong), *numbered("e", range(400))]
    for entry in entries:
        assert journal.write(entry)

    assert eventually(lambda: stored(engine) == 800)
    assert eventually(lambda: spool.size(folder) == 0)
    (kept,) = (folder / "rejected").iterdir()
    assert b'"wrong"' in kept.read_bytes()
    assert 1 == kept.read_bytes().count(b"\n")


def test_a_text_too_long_for_an_index_keeps_nothing_back(journal, engine, folder):
    """PostgreSQL calls it an operational error, as it does when it is away."""
    noise = "".join(chr(33 + number * 7919 % 90) for number in range(100_000))
    journal.write(decision("long", hook_instance=noise))
    journal.write(decision("short"))

    assert eventually(lambda: "short" in ids(engine))
    assert eventually(lambda: spool.size(folder) == 0)


def test_a_line_that_its_writer_died_over_is_told_and_keeps_nothing_back(journal, engine, folder, capsys):
    folder.mkdir(parents=True, exist_ok=True)
    torn = msgspec.json.encode(decision()) + b'\n{"type":"decis'
    (folder / "draft").write_bytes(torn)
    (folder / "draft").rename(folder / "1-1-aaaa.jsonl")

    assert eventually(lambda: ids(engine) == {"d-1"})
    assert eventually(lambda: spool.size(folder) == 0)
    assert not (folder / "rejected").exists()
    assert "a process died over a line of the spool" in capsys.readouterr().out


def test_a_segment_that_cannot_be_read_is_told_and_keeps_nothing_back(journal, engine, folder):
    """As when root has copied it there. To root itself only a folder of such a name is closed."""
    (folder / "0-0-closed.jsonl").mkdir(parents=True)
    journal.write(decision())

    assert eventually(lambda: ids(engine) == {"d-1"})
    assert eventually(lambda: journal.state().folder == "Is a directory")


def test_when_too_much_was_rejected_the_rest_is_lost_and_counted(journal, engine, folder):
    full = folder / "rejected" / "0-0-full.jsonl"
    full.parent.mkdir(parents=True)
    with full.open("wb") as file:
        file.truncate(20_000_000)
    _write(folder, b"not JSON", msgspec.json.encode(decision()))

    assert eventually(lambda: ids(engine) == {"d-1"})
    assert eventually(lambda: journal.state().lost == 1)
    assert [full] == list(full.parent.iterdir())


def test_rejected_lines_end_at_the_age_of_records(settings, engine, folder):
    old, young = folder / "rejected" / "1-1-old.jsonl", folder / "rejected" / "2-1-young.jsonl"
    old.parent.mkdir(parents=True)
    for file in (old, young):
        file.write_bytes(b"not JSON\n")
    long_ago = time.time() - 366 * 86_400
    os.utime(old, (long_ago, long_ago))
    journal = Journal(settings, KEYS)
    journal.start()

    assert eventually(lambda: [young] == list(old.parent.iterdir()))
    journal.close()


def test_what_was_rejected_can_be_tried_again(journal, engine, folder):
    rejected = folder / "rejected"
    rejected.mkdir(parents=True)
    line = msgspec.json.encode(decision())
    (rejected / "1-1-aaaa.jsonl").write_bytes(line + b"\n")
    (rejected / "1-1-aaaa.jsonl").rename(folder / "1-1-aaaa.jsonl")

    assert eventually(lambda: stored(engine) == 1)


def test_a_batch_that_came_halfway_is_finished_the_next_time(engine, folder):
    lines = [msgspec.json.encode(entry) for entry in numbered("d", range(700))]
    _write(folder, *lines)
    batches.store(engine, KEYS, lines[:500])

    assert 700 == moves.move_all(engine, KEYS, folder, Losses())
    assert 700 == stored(engine)


def test_what_there_is_no_room_for_is_counted(settings, engine):
    small = Journal(replace(settings, spool_bytes=1_000_000), KEYS)
    large = decision(body="x" * 600_000)

    assert [True, False, True] == [small.write(large), small.write(large), small.write(decision("small"))]
    assert 1 == small.state().lost
    small.close()


def test_writing_takes_no_time_to_speak_of(journal):
    """A call must not feel it; a thousandfold of what it takes is allowed to a slow machine."""
    journal.write(decision())
    started = time.monotonic()
    for entry in numbered("d", range(500)):
        journal.write(entry)

    assert time.monotonic() - started < 5


def test_old_records_are_removed_without_being_asked(settings, engine):
    batches.store(engine, KEYS, [msgspec.json.encode(decision("old", at=NOON - timedelta(days=4_000)))])
    journal = Journal(settings, KEYS)
    journal.start()

    assert eventually(lambda: stored(engine) == 0)
    journal.close()


def test_the_log_is_told_where_the_ledger_ends(settings, engine):
    """A witness beyond the reach of whoever can change the database."""
    batches.store(engine, KEYS, [msgspec.json.encode(decision())])
    with database.reading(engine) as connection:
        head = ledger.head(connection)
    with capture_logs() as lines:
        journal = Journal(settings, KEYS)
        journal.start()
        told = eventually(lambda: any(line["event"] == "ledger" for line in lines))
        journal.close()

    assert told
    assert [head] == [line["head"] for line in lines if line["event"] == "ledger"]
