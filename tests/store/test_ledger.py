"""The ledger: whatever is changed, taken away or put into the database without a key of the record is named."""

import json
import math
import re
from datetime import UTC, datetime, timedelta, timezone
from functools import partial

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update

from cds.cli import main
from cds.journal import NO_FACTS, Caller, Decision, Feedback, IssuedCard
from cds.security.sealing import ledger_keys
from cds.store import batches, database, decisions, digests, erasure, ledger, removal, retention, schema, tables
from cds.store import feedback as told
from cds.store.verifying import Head, verifying
from tests.store.entries import CLINIC, KEYS, NOON, at_once, card, decision, feedback, numbered, put
from tests.store.test_decisions import FULL

DAY = timedelta(days=1)
COVERED = ("decisions", "cards", "card_rules", "unshown", "feedback", "ledger")
NOT_COVERED = ("answered", "erased", "tokens")
OLD = ledger_keys(("old" * 11,))
BOTH = {**KEYS, **OLD}


def _store(engine, *entries, keys=KEYS):
    assert [] == batches.store(engine, keys, [msgspec.json.encode(entry) for entry in entries])


def _walked(engine, keys=KEYS, head=None):
    with verifying(engine, keys, head) as walk:
        return [f"{finding.about}: {finding.problem}" for finding in walk.findings()], walk


def _findings(engine, keys=KEYS, head=None):
    return _walked(engine, keys, head)[0]


def _counts(engine, keys=KEYS):
    """Kept, removed, from before; only of a ledger in which nothing is amiss."""
    findings, walk = _walked(engine, keys)
    assert [] == findings
    return walk.kept, walk.removed, walk.before


def _by_force(engine, *statements, **values):
    """As somebody who may do everything in the database: also what its own rules would refuse."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            assert 1 <= connection.execute(statement, values).rowcount
        connection.commit()
        if engine.dialect.name == "sqlite":
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")


def _rows(engine):
    with database.reading(engine) as connection:
        return connection.execute(select(tables.ledger).order_by(tables.ledger.c.place)).all()


def _head(engine):
    with database.reading(engine) as connection:
        place, _, seal = ledger.head(connection).partition(":")
        return Head(int(place), seal)


def _row(place):
    return tables.ledger.c.place == place


# What is stored, and comes again


def test_every_record_has_a_row_in_the_order_in_which_they_came(engine):
    _store(engine, decision("d-1"), decision("d-2"))
    _store(engine, feedback("f-1"), decision("d-3"))

    expected = [(0, "beginning"), (1, "d-1"), (2, "d-2"), (3, "d-3"), (4, "f-1")]
    assert expected == [(row.place, row.id if row.place else row.kind) for row in _rows(engine)]
    assert (4, 0, 0) == _counts(engine)


def test_a_batch_that_comes_again_is_entered_once(engine):
    _store(engine, FULL, decision("d-2"), decision("d-2"), feedback())
    before = _rows(engine)
    _store(engine, decision("d-2"), feedback(), FULL)

    assert before == _rows(engine)
    assert (3, 0, 0) == _counts(engine)


def test_another_record_with_a_known_id_changes_nothing(engine):
    """Not even where it has more cards."""
    _store(engine, decision("d-1"))
    _store(engine, decision("d-1", cards=(card("a"), card("b")), folded=("SRF-13.card@1.0.0",)))

    assert (1, 0, 0) == _counts(engine)


def test_a_record_that_is_refused_is_not_entered(engine):
    entries = [msgspec.json.encode(each) for each in (decision("d-1"), decision("d-2", orders=2**70), decision("d-3"))]

    assert [entries[1]] == batches.store(engine, KEYS, entries)
    assert (2, 0, 0) == _counts(engine)


def test_writers_on_many_machines_make_one_ledger(settings, engine):
    engines = [database.connect(settings, database.BACKGROUND) for _ in range(3)]

    def store(name, own):
        for number in range(20):
            _store(own, *numbered(f"{name}-{number}", range(5)), feedback(f"f-{name}-{number}"))

    at_once(*(partial(store, *each) for each in zip("abc", engines, strict=True)))
    for each in engines:
        each.dispose()

    assert (360, 0, 0) == _counts(engine)
    assert list(range(361)) == [row.place for row in _rows(engine)]


# What is done by force


@pytest.fixture
def full(engine):
    """Each column of each table has a value, and the record concerned has neighbours."""
    _store(engine, decision("before", cards=(card("x"),)), FULL, decision("after", cards=(card("y"),)))
    _store(engine, feedback("f-x", card="x"), feedback("f-1", card="card-1"), feedback("f-y", card="y", caller=CLINIC))
    assert (6, 0, 0) == _counts(engine)
    return engine


def _changed(value):
    """In one bit, or the least that a moment allows."""
    if isinstance(value, str):
        return value[:-1] + chr(ord(value[-1:] or "~") ^ 1)
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1)
    if isinstance(value, float):
        return math.nextafter(value, math.inf)
    return not value if isinstance(value, bool) else value ^ 64


def _findings_when_changed(engine, table, column):
    """In a row that belongs to FULL, or to f-1; afterwards it is again as it was."""
    where = {"ledger": "place = 2", "decisions": "id = 'd-1'", "feedback": "id = 'f-1'"}.get(table, "decision = 'd-1'")
    with database.reading(engine) as connection:
        (row, *_) = map(dict, connection.execute(text(f'SELECT * FROM "{table}" WHERE {where}')).mappings())
    key = [each.name for each in tables.metadata.tables[table].primary_key]
    changed = {**row, column: _changed(row[column])}
    for before, after in ((row, changed), (changed, row)):
        this_row = " AND ".join(f'"{name}" = :{name}' for name in key)
        change = text(f'UPDATE "{table}" SET "{column}" = :changed WHERE {this_row}')
        _by_force(engine, change, changed=after[column], **{name: before[name] for name in key})
        if after is changed:
            found = _findings(engine)
    return found


@pytest.mark.parametrize("table", COVERED)
def test_one_changed_byte_is_named_and_nothing_else(full, table):
    (of_row, others) = {
        "ledger": ("place 2", r"before|after|f-|place [13456]\b"),
        "feedback": ("feedback f-1", "decision|f-[xy]|^place"),
    }.get(table, ("decision d-1", "before|after|f-|^place"))
    columns = [column.name for column in tables.metadata.tables[table].columns]
    found = {column: _findings_when_changed(full, table, column) for column in columns}

    assert [] == [column for column in columns if not any(of_row in finding for finding in found[column])]
    assert [] == [(column, each) for column in columns for each in found[column] if re.search(others, each)]
    assert [] == _findings(full)


def test_every_table_is_covered_or_known_not_to_be():
    assert sorted(COVERED + NOT_COVERED) == sorted(tables.metadata.tables)


def test_what_is_no_text_any_more_is_named(on_sqlite):
    engine = database.connect(on_sqlite, database.BACKGROUND)
    _store(engine, decision())
    _by_force(engine, text("UPDATE decisions SET facts = CAST(x'7bff7d' AS TEXT), at = 'x', status = 'x'"))

    assert ["decision d-1 (place 1): not as it was entered"] == _findings(engine)
    engine.dispose()


@pytest.mark.parametrize(
    ("statements", "named"),
    [
        ([delete(tables.decisions).where(tables.decisions.c.id == "d-1")], ["decision d-1 (place 2): missing"]),
        (
            [delete(tables.cards).where(tables.cards.c.uuid == "card-3")],
            ["decision d-1 (place 2): not as it was entered"],
        ),
        ([delete(tables.feedback).where(tables.feedback.c.id == "f-1")], ["feedback f-1 (place 5): missing"]),
        ([delete(tables.ledger).where(_row(2))], ["place 2: missing", "decision d-1: never entered"]),
        (
            [delete(tables.ledger).where(_row(0))],
            ["ledger: its beginning is not as it was sealed"],
        ),
        (
            [delete(tables.ledger).where(tables.ledger.c.place < 3)],
            ["ledger: its beginning is not as it was sealed"],
        ),
        ([delete(tables.ledger)], ["ledger: there is none"]),
        (
            [
                update(tables.ledger).where(_row(2)).values(place=99),
                update(tables.ledger).where(_row(3)).values(place=2),
                update(tables.ledger).where(_row(99)).values(place=3),
            ],
            ["place 2: not as it was sealed", "place 3: not as it was sealed"],
        ),
        (
            [update(tables.decisions).where(tables.decisions.c.id == "d-1").values(id="d-2")],
            ["decision d-1 (place 2): missing", "decision d-2: never entered"],
        ),
        (
            [update(tables.cards).where(tables.cards.c.decision == "before").values(decision="after", place=1)],
            ["decision before (place 1): not as it was entered", "decision after (place 3): not as it was entered"],
        ),
    ],
    ids=[
        "a decision is deleted",
        "a card is deleted",
        "feedback is deleted",
        "a row is deleted",
        "the beginning is deleted",
        "all rows up to one are deleted",
        "all rows are deleted",
        "two rows change places",
        "a record is renamed",
        "a card is given to another decision",
    ],
)
def test_what_is_taken_away_or_moved_is_named(full, statements, named):
    _by_force(full, *statements)

    assert named == _findings(full)


def test_a_tail_that_is_cut_off_is_noticed_by_a_head_that_was_noted(full):
    noted = _head(full)
    assert [] == _findings(full, head=noted)
    _by_force(full, delete(tables.feedback), delete(tables.ledger).where(tables.ledger.c.place > 3))

    assert [] == _findings(full)
    assert ["ledger: it went up to 6 when its head was noted, and ends at 3"] == _findings(full, head=noted)


def test_a_tail_that_is_written_anew_is_noticed_by_a_head_that_was_noted(full):
    noted = _head(full)
    _by_force(full, delete(tables.feedback), delete(tables.ledger).where(tables.ledger.c.place > 3))
    _store(full, *numbered("new", range(5)))

    assert [] == _findings(full)
    assert [f"place 6: the head that was noted is {noted.seal}"] == _findings(full, head=noted)


def test_an_older_head_still_holds(full):
    noted = _head(full)
    _store(full, *numbered("new", range(5)))
    assert [] == _findings(full, head=noted)

    retention.purge(full, KEYS, NOON + DAY, NOON + 40 * DAY)
    assert 11 == _rows(full)[0].place
    assert [] == _findings(full, head=noted)


def test_a_record_that_nobody_entered_is_named(full):
    with database.writing(full) as connection:
        put(connection, decision("forged", at=NOON - 400 * DAY))
        put(connection, feedback("forged"))

    assert ["decision forged: never entered", "feedback forged: never entered"] == _findings(full)


@pytest.mark.parametrize(
    ("key", "why"),
    [("name of ours", "not as it was sealed"), ("other", "sealed with a key that is not among CDS_RECORD_KEYS")],
)
def test_a_record_with_a_row_that_somebody_else_sealed_is_named(full, key, why):
    with database.writing(full) as connection:
        forged = {next(iter(KEYS)) if key == "name of ours" else "other": b"k" * 32}
        record = ("decision", "forged", decisions.rows(decision("forged")))
        put(connection, decision("forged"))
        ledger.enter(connection, forged, ledger.end(connection, forged), [record])

    assert [f"place 7: {why}"] == _findings(full)


@pytest.mark.parametrize("place", [1, 3])
def test_a_removal_without_the_key_is_named(full, place):
    """Also after the hour in which the service takes away what is removed."""
    row = _rows(full)[place]
    forged = ledger.gone({next(iter(KEYS)): b"k" * 32}, row, "purged")
    decided = delete(tables.decisions).where(tables.decisions.c.id == row.id)
    _by_force(full, decided, update(tables.ledger).where(_row(place)).values(gone=forged))
    retention.purge(full, KEYS, NOON - 400 * DAY, NOON)

    assert [f"decision {row.id} (place {place}): said to be removed, but not by this service"] == _findings(full)


def test_the_removal_of_another_record_is_no_removal(full):
    with database.writing(full) as connection:
        assert 1 == removal.remove(connection, KEYS, "decision", ["before"], "erased")
    lawful = _rows(full)[1].gone
    _by_force(
        full,
        delete(tables.decisions).where(tables.decisions.c.id == "d-1"),
        update(tables.ledger).where(_row(2)).values(gone=lawful),
    )

    assert ["decision d-1 (place 2): said to be removed, but not by this service"] == _findings(full)


def test_a_record_that_is_made_old_to_be_removed_is_missed(full):
    """The service removes it, and does not vouch for it."""
    aged = update(tables.decisions).where(tables.decisions.c.id == "d-1").values(at=NOON - 400 * DAY)
    _by_force(full, aged)
    retention.purge(full, KEYS, NOON - 365 * DAY, NOON)

    assert ["decision d-1 (place 2): missing"] == _findings(full)


def test_a_row_that_is_changed_with_its_record_is_not_taken_away(full):
    """Its digest is right then, and its removal told by the service."""
    _by_force(full, update(tables.decisions).where(tables.decisions.c.id == "d-1").values(at=NOON - 400 * DAY))
    with database.reading(full) as connection:
        changed = digests.stored(connection, "decision", ["d-1"])["d-1"]
    _by_force(full, update(tables.ledger).where(_row(2)).values(digest=changed))
    retention.purge(full, KEYS, NOON + DAY, NOON + DAY)

    assert ["place 2: not as it was sealed"] == _findings(full)
    assert [1, 2, 3, 4, 5, 6] == [row.place for row in _rows(full)]


def test_a_beginning_that_was_changed_is_not_sealed_anew(full):
    _by_force(full, update(tables.ledger).where(_row(0)).values(id=(NOON + 400 * DAY).isoformat()))
    retention.purge(full, KEYS, NOON + DAY, NOON + 40 * DAY)

    assert ["ledger: its beginning is not as it was sealed"] == _findings(full)


# What is removed as it should be


def test_what_is_too_old_leaves_the_ledger_with_its_rows(engine):
    _store(engine, *(decision(f"d-{n}", at=NOON + n * DAY) for n in range(5)), feedback(card="card-d-1"))
    retention.purge(engine, KEYS, NOON + 3 * DAY, NOON + 3 * DAY)

    assert (2, 1, 0) == _counts(engine)
    assert [3, 4, 5, 6] == [row.place for row in _rows(engine)]
    retention.purge(engine, KEYS, NOON + 40 * DAY, NOON + 40 * DAY)
    assert (0, 0, 0) == _counts(engine)
    assert [6] == [row.place for row in _rows(engine)]
    _store(engine, decision("new"))
    assert (1, 0, 0) == _counts(engine)


def test_rows_between_records_that_are_kept_stay(engine):
    _store(engine, decision("young", at=NOON + DAY), decision("old"), decision("young-2", at=NOON + DAY))
    retention.purge(engine, KEYS, NOON + DAY, NOON + DAY)

    assert (2, 1, 0) == _counts(engine)
    assert "purged" == _rows(engine)[2].gone.partition(".")[0]


def test_more_rows_than_fit_into_one_transaction_leave_the_ledger(engine):
    _store(engine, *numbered("d", range(2_500)), decision("young", at=NOON + DAY))
    retention.purge(engine, KEYS, NOON + DAY, NOON + DAY)

    assert [2_500, 2_501] == [row.place for row in _rows(engine)]
    assert (1, 0, 0) == _counts(engine)


def test_a_patient_who_is_erased_is_missed_by_nobody(full):
    _store(full, decision("other", patient="patient-b"))
    with database.writing(full) as connection:
        assert erasure.Removed(decisions=3, feedback=3) == erasure.erase(connection, KEYS, "patient-a", NOON + DAY)

    assert (1, 6, 0) == _counts(full)
    assert {"erased"} == {row.gone.partition(".")[0] for row in _rows(full)[1:7]}
    assert "patient-a" not in str(_rows(full))


def test_what_was_removed_and_is_put_back_is_named(full):
    retention.purge(full, KEYS, NOON + DAY, NOON + DAY)
    with database.writing(full) as connection:
        put(connection, FULL)

    assert ["decision d-1: never entered"] == _findings(full)


def test_a_record_that_comes_again_after_it_was_removed_is_entered_again(engine):
    """As when a segment of the spool was not removed."""
    _store(engine, decision("stays", at=NOON + DAY), decision("old"))
    retention.purge(engine, KEYS, NOON + DAY, NOON + DAY)
    _store(engine, decision("old"))
    assert (2, 1, 0) == _counts(engine)

    retention.purge(engine, KEYS, NOON + DAY, NOON + DAY)
    assert (1, 2, 0) == _counts(engine)


# Keys, releases, entries


def test_a_new_key_seals_and_the_one_before_verifies(engine):
    _store(engine, decision("d-1"), decision("d-2"), keys=OLD)
    _store(engine, decision("d-3", at=NOON + DAY), keys=BOTH)
    assert (3, 0, 0) == _counts(engine, BOTH)

    unknown = "sealed with a key that is not among CDS_RECORD_KEYS"
    assert [f"ledger: its beginning is {unknown}", *(f"place {n}: {unknown}" for n in (1, 2))] == _findings(engine)


def test_the_former_key_may_go_when_its_records_have(engine):
    _store(engine, decision("d-1"), decision("d-2"), keys=OLD)
    _store(engine, decision("d-3", at=NOON + DAY), keys=BOTH)
    retention.purge(engine, BOTH, NOON + DAY, NOON + DAY)

    assert (1, 0, 0) == _counts(engine, KEYS)


def _as_before_there_was_a_ledger(engine):
    with database.writing(engine) as connection:
        tables.ledger.drop(connection)
        connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))


def test_a_ledger_that_was_taken_away_is_missed_also_by_feedback_alone(engine):
    _store(engine, feedback())
    _by_force(engine, delete(tables.ledger))

    assert ["ledger: there is none"] == _findings(engine)


def test_records_from_before_the_ledger_are_counted(engine):
    _store(engine, decision("d-1"), feedback())
    _as_before_there_was_a_ledger(engine)
    assert "0002" == schema.upgrade(engine)
    assert ["ledger: there is none"] == _findings(engine)
    _store(engine, decision("d-1"), decision("d-2"), feedback())
    assert (1, 0, 2) == _counts(engine)

    retention.purge(engine, KEYS, NOON + DAY, NOON + 31 * DAY)
    assert (0, 0, 0) == _counts(engine)


def test_instances_of_the_release_before_may_go_on_for_a_day(engine):
    _store(engine, decision("d-1"))
    _as_before_there_was_a_ledger(engine)
    schema.upgrade(engine)
    _store(engine, decision("d-2"))
    begun = datetime.now(UTC)
    with database.writing(engine) as connection:
        put(connection, decision("in-time", at=begun + timedelta(hours=23)))
    assert (1, 0, 2) == _counts(engine)

    with database.writing(engine) as connection:
        put(connection, decision("late", at=begun + timedelta(hours=25)))
    assert ["decision late: never entered"] == _findings(engine)


def test_a_column_that_a_later_release_adds_changes_no_digest_of_before(engine):
    """It is empty in all records that were there."""
    digest = digests.digest_of(engine.dialect)
    ((table, (row,)),) = told.rows(feedback()).items()
    before = {name: value for name, value in row.items() if name != "comment"}

    assert digest({table: [before]}) == digest({table: [row]})
    assert digest({table: [before]}) != digest({table: [{**row, "comment": "sealed"}]})


WORDS = st.text(max_size=8)
IDS = st.text("0123456789abcdef-", min_size=1, max_size=36)
MOMENTS = st.builds(
    lambda microseconds, hours: (NOON + timedelta(microseconds=microseconds)).astimezone(
        timezone(timedelta(hours=hours))
    ),
    st.integers(-(2**52), 2**52),
    st.integers(-14, 14),
)
RULES = st.lists(st.from_regex(r"[A-Z]{1,3}-[0-9]\.card(@[0-9]\.[0-9]\.[0-9])?", fullmatch=True), max_size=3).map(tuple)
LISTED = st.lists(WORDS, max_size=3).map(tuple)
CALLERS = st.builds(Caller, client=WORDS, issuer=WORDS, tenant=WORDS, jti=WORDS)
CARDS = st.lists(
    st.builds(IssuedCard, uuid=WORDS, indicator=WORDS, rules=RULES, suggestions=LISTED, trigger=WORDS), max_size=3
)
FACTS = st.dictionaries(WORDS, st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | WORDS)
DECISIONS = st.builds(
    Decision,
    id=IDS,
    at=MOMENTS,
    caller=CALLERS,
    status=st.integers(0, 999),
    milliseconds=st.floats(0, 1e9),
    orders=st.integers(0, 2**31 - 1),
    cards=CARDS.map(tuple),
    quieted=CARDS.map(tuple),
    unavailable=LISTED,
    facts=st.just(NO_FACTS) | FACTS.map(lambda facts: msgspec.Raw(msgspec.json.encode(facts))),
    **dict.fromkeys(("folded", "withheld", "unanswered", "acted"), RULES),
    **dict.fromkeys(("service", "hook", "hook_instance", "patient", "user", "encounter", "software", "body"), WORDS),
)
TOLD = st.builds(
    Feedback,
    id=IDS,
    received=MOMENTS,
    at=MOMENTS,
    caller=CALLERS,
    outcome=st.sampled_from(["accepted", "overridden"]),
    suggestions=LISTED,
    **dict.fromkeys(("service", "card", "reason_system", "reason_code", "reason_display", "comment"), WORDS),
)


@settings_of_hypothesis(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries=st.lists(DECISIONS | TOLD, max_size=4))
def test_whatever_is_stored_reads_back_as_it_was_entered(engine, entries):
    lines = [msgspec.json.encode(entry).replace(b"\n", b" ") for entry in entries]

    assert [] == batches.store(engine, KEYS, lines)
    assert [] == _findings(engine)


# `cds decisions verify`


@pytest.fixture
def verify(settings):
    """Runs the command; returns its exit code and what it printed."""
    environment = {"CDS_STATE": str(settings.state), "CDS_DATABASE_URL": settings.database_url}
    environment |= {"CDS_PSEUDONYM_KEY": "k" * 32, "CDS_RECORD_KEYS": "r" * 32}

    def run(*words):
        done = CliRunner().invoke(main, ["decisions", "verify", *words], env=environment)
        return done.exit_code, done.output

    return run


def test_the_command_tells_what_it_has_seen(verify, full):
    head = "{}:{}".format(*_head(full))
    counted = "6 records as they were entered, 0 removed, 0 from before it; 0 findings"

    assert (0, f"ledger 0 to 6: {counted}; head {head}\n") == verify()
    assert 0 == verify("--head", head)[0]
    status, told = verify("--json")
    numbers = {"first": 0, "last": 6, "kept": 6, "removed": 0, "before": 0}
    assert (0, {"findings": [], **numbers, "head": head}) == (status, json.loads(told))


def test_the_command_names_what_is_amiss_and_says_nothing_of_a_patient(verify, full):
    _by_force(full, update(tables.decisions).where(tables.decisions.c.id == "d-1").values(patient="patient-b"))

    status, told = verify("--head", "9:AbCdEfGhIjKl")
    assert (1, "decision d-1 (place 2): not as it was entered") == (status, told.splitlines()[0])
    assert "ledger: it went up to 9 when its head was noted, and ends at 6" in told
    assert "; 2 findings; head 6:" in told
    assert "patient-" not in told
    status, told = verify("--json")
    assert (1, ["decision d-1 (place 2)"]) == (status, [each["about"] for each in json.loads(told)["findings"]])


@pytest.mark.parametrize("noted", ["6", "6:", "x:AbCdEfGhIjKl", "6:AbCdEfGhIjK", "6:AbCdEfGhIjKlM", "6:AbCdEfGhIj\nl"])
def test_a_head_that_is_none_is_refused(verify, full, noted):
    assert (2, "cds: --head must be a position and the beginning of a seal, such as 1234:AbCdEfGhIjKl\n") == verify(
        "--head", noted
    )


def test_an_empty_database_has_nothing_amiss(verify, engine):
    counted = "0 records as they were entered, 0 removed, 0 from before it; 0 findings"

    assert (0, f"ledger 0 to 0: {counted}; head none\n") == verify()
