"""The databases that the store is tested on: each test that asks for `settings` runs once on either."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cds.settings import Settings
from cds.store import database, schema

KEYS = {"pseudonym_key": "p" * 32, "record_keys": ("r" * 32,)}


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Of a service whose database is there and empty."""
    here = Settings(state=tmp_path / "state", **KEYS)
    if request.param == "sqlite":
        return here
    return replace(here, database_url=request.getfixturevalue("postgres").database())


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    """To look at what was stored, and to store it: the tables are there."""
    engine = database.connect(settings, database.BACKGROUND)
    schema.upgrade(engine)
    yield engine
    engine.dispose()
