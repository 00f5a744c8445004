"""Backups and new keys, as docs/operations.md has them: what was decided before is read, and explained, afterwards."""

import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner

from cds.cli import main
from tests.recorded import arrived
from tests.serving import ROOT, started

OLD, NEW = "old" * 16, "new" * 16
PATIENT = "p-1"
CALL = {
    "hook": "patient-view",
    "hookInstance": "00000000-0000-4000-8000-000000000001",
    "context": {"userId": "Practitioner/p-2", "patientId": PATIENT},
    "prefetch": {"patient": {"resourceType": "Patient", "id": PATIENT}},
}
ONE_RULE = {"CDS_RULESETS": str(ROOT / "bench" / "one-rule"), "CDS_RECORD": "full"}  # loaded in no time
FULL = {**ONE_RULE, "CDS_PSEUDONYM_KEY": "p" * 64}


def call(service):
    """One whose record holds the request, sealed."""
    headers = {"Content-Type": "application/json"}
    body = json.dumps(CALL).encode()
    with urlopen(Request(f"{service.base}/cds-services/nsaid", body, headers), timeout=60) as answer:
        assert 200 == answer.status


def cds(*words, **settings):
    told = CliRunner().invoke(main, words, env=settings)
    return told.exit_code, told.stdout, told.stderr


def decisions(**settings):
    """The ids of what is kept of the patient, oldest first."""
    code, out, err = cds("decisions", "find", "--patient", PATIENT, "--json", **settings)
    assert "" == err
    assert (0 if json.loads(out) else 1) == code
    return [decision["id"] for decision in json.loads(out)]


@pytest.fixture(scope="module")
def moved(postgres):
    """A database with a decision under the old key, dumped and restored elsewhere, and one more there under the new."""
    first, second = postgres.database(), postgres.database()
    with started(CDS_DATABASE_URL=first, CDS_RECORD_KEYS=OLD, **FULL) as service:
        call(service)
    dumped = subprocess.run([postgres.binaries / "pg_dump", "--format=custom", first], capture_output=True, check=True)
    restore = [postgres.binaries / "pg_restore", "--no-owner", "--exit-on-error", "--dbname", second]
    subprocess.run(restore, input=dumped.stdout, capture_output=True, check=True)
    before = decisions(CDS_DATABASE_URL=second, CDS_RECORD_KEYS=OLD, **FULL)
    with started(CDS_DATABASE_URL=second, CDS_RECORD_KEYS=f"{NEW},{OLD}", **FULL) as service:
        call(service)
    yield second, before
    postgres.drop(first)
    postgres.drop(second)


def test_a_restored_database_tells_what_was_told(moved):
    url, before = moved

    assert 1 == len(before)
    assert (0, "") == cds("decisions", "explain", before[0], CDS_DATABASE_URL=url, CDS_RECORD_KEYS=OLD, **FULL)[::2]


def test_it_has_the_schema_of_the_release(moved):
    assert 0 == cds("database", "status", CDS_DATABASE_URL=moved[0], CDS_RECORD_KEYS=OLD, **FULL)[0]


def test_with_the_new_key_in_front_old_and_new_records_are_opened(moved):
    url, before = moved
    both = {"CDS_DATABASE_URL": url, "CDS_RECORD_KEYS": f"{NEW},{OLD}", **FULL}
    known = decisions(**both)

    assert before == known[:1]
    assert [0, 0] == [cds("decisions", "explain", decision, **both)[0] for decision in known]


def test_without_the_old_key_the_old_request_stays_sealed(moved):
    """That it cannot be opened is said: nothing is explained from half a record."""
    url, before = moved
    new = {"CDS_DATABASE_URL": url, "CDS_RECORD_KEYS": NEW, **FULL}
    _, newest = decisions(**new)

    assert 0 == cds("decisions", "explain", newest, **new)[0]
    assert 0 != cds("decisions", "explain", before[0], **new)[0]


def test_the_ledger_goes_on_with_the_new_key_and_needs_the_old_one_for_its_rows(moved):
    url, _ = moved
    both, new = ({"CDS_DATABASE_URL": url, "CDS_RECORD_KEYS": keys, **FULL} for keys in (f"{NEW},{OLD}", NEW))
    code, out, _ = cds("decisions", "verify", **both)

    assert (0, "ledger 0 to 2: 2 records as they were entered") == (code, out.partition(",")[0])
    code, out, _ = cds("decisions", "verify", **new)
    assert (1, "place 1: sealed with a key that is not among CDS_RECORD_KEYS") == (code, out.splitlines()[1])


def test_with_another_pseudonym_key_the_patient_is_a_stranger(moved):
    other = FULL | {"CDS_PSEUDONYM_KEY": "q" * 64}

    assert [] == decisions(CDS_DATABASE_URL=moved[0], CDS_RECORD_KEYS=OLD, **other)


def test_sqlite_is_copied_while_the_service_runs(tmp_path):
    with started(**ONE_RULE) as service:
        call(service)
        assert [1, 0] == arrived(f"sqlite:///{service.state}/cds.sqlite", [1, 0])
        (known,) = decisions(**ONE_RULE, CDS_STATE=str(service.state))
        with (
            closing(sqlite3.connect(service.state / "cds.sqlite")) as there,
            closing(sqlite3.connect(tmp_path / "cds.sqlite")) as here,
        ):
            there.backup(here)
        shutil.copy(service.state / "keys.json", tmp_path)
    restored = {**ONE_RULE, "CDS_STATE": str(tmp_path)}

    assert [known] == decisions(**restored)
    assert (0, "") == cds("decisions", "explain", known, **restored)[::2]
    assert 0 == cds("database", "status", **restored)[0]


def test_the_page_says_so():
    page = Path(ROOT, "docs", "operations.md").read_text(encoding="utf-8")

    assert "pg_dump --format=custom" in page
    assert "pg_restore --no-owner --exit-on-error" in page
    assert ".backup(" in page
