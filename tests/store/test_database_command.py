"""`cds database`, as an operator types it."""

import json
import re
import subprocess
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from cds.journal import Caller
from cds.security.pseudonyms import pseudonyms
from cds.store import batches, database, ledger
from tests.serving import COMMAND
from tests.store.entries import KEYS, decision, feedback, ids, stored

KEY = "k" * 32
EHR = Caller(issuer="https://ehr.example.org", tenant="a")


@pytest.fixture
def cds(settings):
    """Runs one command on the database; returns its exit code and what it printed."""
    environment = {
        "CDS_STATE": str(settings.state),
        "CDS_DATABASE_URL": settings.database_url,
        "CDS_PSEUDONYM_KEY": KEY,
        "CDS_RECORD_KEYS": "r" * 32,
    }

    def run(*words):
        done = subprocess.run(
            [COMMAND, "database", *words], env=environment, capture_output=True, text=True, check=False
        )
        return done.returncode, (done.stdout or done.stderr).strip()

    return run


def _store(engine, *entries):
    assert [] == batches.store(engine, KEYS, [msgspec.json.encode(entry) for entry in entries])


def test_a_database_is_made_and_told_of(cds):
    before, made, again, after = cds("status"), cds("upgrade"), cds("upgrade"), cds("status", "--json")

    assert (1, "schema none, this release has 0003") == (before[0], before[1].splitlines()[1])
    assert [(0, "schema 0003, before none"), (0, "schema 0003")] == [made, again]
    told = json.loads(after[1])
    assert (0, "0003", 0, None) == (after[0], told["schema"], told["decisions"], told["oldest"])
    assert "p%40ss" not in after[1]


def test_what_is_stored_is_told(cds, engine):
    _store(engine, decision(), feedback())
    with database.reading(engine) as connection:
        head = ledger.head(connection)

    assert re.fullmatch(r"2:[\w-]{12}", head)
    assert [
        "schema 0003",
        "1 decisions, 1 pieces of feedback",
        "the oldest of 2026-11-21 12:00:00 UTC",
        f"ledger {head}",
        "0 bytes wait in the spool, 0 were rejected",
    ] == cds("status")[1].splitlines()[1:]


def test_what_is_too_old_is_removed(cds, engine):
    now = datetime.now(UTC)
    _store(engine, decision("old", at=now - timedelta(days=366)), decision("young", at=now - timedelta(days=364)))

    assert (0, "removed 1 decisions, 0 pieces of feedback") == cds("purge")
    assert {"young"} == ids(engine)
    assert (0, "removed 1 decisions, 0 pieces of feedback") == cds("purge", "--before", f"{now:%Y-%m-%d}")


def test_a_patient_of_one_client_is_erased(cds, engine):
    theirs, open_ = (pseudonyms(KEY, caller)("patient", "p1") for caller in (EHR, Caller()))
    _store(engine, decision("ehr", patient=theirs), decision("open", patient=open_), feedback(card="card-ehr"))

    assert (0, "removed 1 decisions, 1 pieces of feedback, 0 rejected lines") == cds(
        "erase", "--patient", "p1", "--issuer", EHR.issuer, "--tenant", "a"
    )
    assert {"open"} == ids(engine)
    assert (0, "removed 1 decisions, 0 pieces of feedback, 0 rejected lines") == cds("erase", "--patient", "p1")
    assert 0 == stored(engine)


def test_who_was_erased_stays_so_when_younger_records_are_removed_by_hand(cds, engine):
    """Decisions about the patient may still wait on other machines."""
    pseudonym = pseudonyms(KEY, Caller())("patient", "p1")
    cds("erase", "--patient", "p1")
    cds("purge", "--before", f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}")
    _store(engine, decision("waited", patient=pseudonym, at=datetime.now(UTC) - timedelta(hours=1)))

    assert set() == ids(engine)


def test_nothing_to_erase_may_be_for_want_of_whose_patient_it_is(cds, engine):
    _store(engine, decision("ehr", patient=pseudonyms(KEY, EHR)("patient", "p1")))

    status, told = cds("erase", "--patient", "p1")

    assert (0, "removed 0 decisions, 0 pieces of feedback, 0 rejected lines") == (status, told.splitlines()[0])
    assert "--issuer and --tenant must be those of the client's tokens" in told
    assert {"ehr"} == ids(engine)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("purge",), "cds: the database has no tables of this release: run `cds database upgrade`"),
        (("erase", "--patient", "p1"), "cds: the database has no tables of this release: run `cds database upgrade`"),
        (("erase", "--patient", ""), "cds: --patient must not be empty"),
    ],
)
def test_what_cannot_be_done_ends_with_2(cds, words, said):
    assert (2, said) == cds(*words)


@pytest.mark.parametrize("words", [("purge",), ("erase", "--patient", "p1")])
def test_no_keys_are_made_for_records_that_are_there(words, on_sqlite):
    """What is removed is sealed with the key of the service, and a patient found with it."""
    environment = {"CDS_STATE": str(on_sqlite.state)}
    done = subprocess.run([COMMAND, "database", *words], env=environment, capture_output=True, text=True, check=False)

    told = "cds: there is no keys.json in CDS_STATE, which has to be that of the service\n"
    assert (2, told) == (done.returncode, done.stderr)
    assert not (on_sqlite.state / "keys.json").exists()


def test_a_database_that_is_away_ends_with_1():
    environment = {"DATABASE_URL": "postgresql://cds:secret@127.0.0.1:1/x", "CDS_PSEUDONYM_KEY": KEY}
    environment |= {"CDS_RECORD_KEYS": KEY}
    done = subprocess.run([COMMAND, "database", "status"], env=environment, capture_output=True, text=True, check=False)

    assert (1, "cds: the database is away (nothing listens at its address)\n") == (done.returncode, done.stderr)
