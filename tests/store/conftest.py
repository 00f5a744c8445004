"""The databases that the store is tested on: each test that asks for `settings` runs once on either."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cds.settings import Settings
from cds.store import database, prepare, schema
from tests.postgres import Cluster


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    """Of a service with an SQLite database that is not made yet."""
    return Settings(state=tmp_path / "state", pseudonym_key="p" * 32, record_keys=("r" * 32,))


@pytest.fixture
def on_sqlite(here: Settings) -> Settings:
    """Of a service whose tables are there."""
    prepare(here)
    return here


@pytest.fixture
def on_postgres(here: Settings, postgres: Cluster) -> Iterator[Settings]:
    """Of a service whose tables are there."""
    url = postgres.database()
    settings = replace(here, database_url=url)
    prepare(settings)
    yield settings
    postgres.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, here: Settings) -> Iterator[Settings]:
    """Of a service whose database is there and empty."""
    if request.param == "sqlite":
        yield here
        return
    server = request.getfixturevalue("postgres")
    url = server.database()
    yield replace(here, database_url=url)
    server.drop(url)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    """To look at what was stored, and to store it: the tables are there."""
    engine = database.connect(settings, database.BACKGROUND)
    schema.upgrade(engine)
    yield engine
    engine.dispose()
