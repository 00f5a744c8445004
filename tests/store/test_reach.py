"""What is told of a database that cannot be used, and what is not."""

import sqlite3

import psycopg
import pytest
from sqlalchemy.exc import OperationalError, ProgrammingError

from cds.errors import SettingsError
from cds.store.reach import Reached, reached_after


def _raised(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as caught:
        return caught


@pytest.mark.parametrize(
    ("error", "reach", "why"),
    [
        (OperationalError("SELECT secret", {}, sqlite3.OperationalError("secret")), "away", "OperationalError"),
        (
            ProgrammingError("SELECT secret", {}, psycopg.errors.UndefinedTable('relation "secret" does not exist')),
            "away",
            "UndefinedTable 42P01",
        ),
        (SettingsError("the database has schema 9999"), "newer", "the database has schema 9999"),
        (ValueError("secret"), "failing", "ValueError test_reach.py:"),
    ],
)
def test_the_kind_of_an_error_is_told_and_not_its_words(error, reach, why):
    after = reached_after(Reached.untried(), _raised(error))

    assert (reach, True, False) == (after.reach, after.why.startswith(why), "secret" in after.why)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ('connection to server at "10.1.2.3", port 5432 failed: Connection refused', "nothing listens at its address"),
        ("failed to resolve host 'db.secret': [Errno -2] Name or service not known", "its host has no address"),
        ('FATAL:  password authentication failed for user "secret"', "it refuses this user or password"),
        ('FATAL:  database "secret" does not exist', "it has no such database or user"),
        ("connection timeout expired", "no answer in time"),
        ("FATAL:  sorry, too many clients already", "it has too many connections"),
        ("something secret", "OperationalError"),
    ],
)
def test_why_postgresql_lets_nobody_in_is_told_in_words_of_our_own(theirs, ours):
    error = OperationalError("SELECT secret", {}, psycopg.OperationalError(theirs))

    assert ours == reached_after(Reached.untried(), error).why


def test_it_is_known_since_when_it_has_been_so():
    away = Reached.untried().now("away", "OperationalError 08006")

    assert away is away.now("away", "OperationalError 08006")
    assert away.since == away.now("away", "OperationalError 57P03").since
    assert away.since < away.now("there").since
