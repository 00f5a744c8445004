"""The thread of each worker that empties the spool of the machine: one of them does, the others stand by."""

from __future__ import annotations

import gc
import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import structlog
from sqlalchemy import Engine

from cds.settings import Settings
from cds.store import database, ledger, moves, rejected, retention, schema
from cds.store.feedback import Responded
from cds.store.ledger import Keys
from cds.store.losses import Losses
from cds.store.reach import Reached, reached_after
from cds.store.spool import waiting_bytes
from cds.store.turn import Turn

_GATHER_SECONDS = 0.25  # after something was written: what follows goes into the same transaction
_LOOK_SECONDS = 0.25  # at what other processes have written
_SHORTEST_REST, _LONGEST_REST = 0.2, 10.0  # seconds after a failure, doubling
_CHECK_SECONDS = 10.0  # between looks at a database that nothing is moved to
_TIDY_SECONDS = 3_600.0
_LAST_TRIES, _BETWEEN_TRIES = 20, 0.05  # of a process that ends

_log = structlog.get_logger()


class Drain:
    """Lives as long as its worker process."""

    def __init__(self, settings: Settings, keys: Keys, folder: Path, losses: Losses, seen: Responded) -> None:
        self.reached = Reached.untried()
        self.fault = ""  # of the folder, when it was last looked into
        self._settings = settings
        self._keys = keys
        self._folder = folder
        self._losses = losses
        self._seen = seen
        self._turn = Turn(folder)
        self._rest = _SHORTEST_REST
        self._next_check = self._next_tidying = time.monotonic()
        self._written = Event()
        self._closing = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """In the worker: Python 3.13.0 does not start a thread that was made before a fork."""
        self._thread = Thread(target=self._run, name="drain", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Something was written."""
        self._written.set()

    def close(self, seconds: float) -> None:
        """Moves what waits, once more. What takes longer than this stays in the spool."""
        self._closing.set()
        self._written.set()
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self) -> None:
        engine = database.connect(self._settings, database.BACKGROUND)
        while not self._closing.is_set():
            if self._attempt(engine):
                self._await_more()
            else:
                self._closing.wait(self._resting())
        for _ in range(_LAST_TRIES):  # a process that ends at the same time may have the turn still
            self._attempt(engine)
            if self._turn.ours or not waiting_bytes(self._settings):
                break
            time.sleep(_BETWEEN_TRIES)
        self._turn.give_up()
        engine.dispose()

    def _await_more(self) -> None:
        if self._written.wait(_LOOK_SECONDS):
            self._closing.wait(_GATHER_SECONDS)
            self._written.clear()

    def _resting(self) -> float:
        """Workers of many machines must not come back to the database all at once."""
        rest, self._rest = self._rest, min(self._rest * 2, _LONGEST_REST)
        gc.collect(1)  # an error leaves cycles behind, and an idle worker has no calls to collect them after
        return rest * random.uniform(0.75, 1.25)  # noqa: S311  # no secret: only that not all come at once

    def _attempt(self, engine: Engine) -> bool:
        """Whether the database took what there was for it. Nothing ends the thread: the spool would fill unseen."""
        try:
            self._work(engine)
        except OSError as error:
            self._say(str(error.strerror))
            return False
        except Exception as error:  # noqa: BLE001  # the reason stands in tests/test_house_rules.py
            self.reached = reached_after(self.reached, error)
            return False
        self._say("")
        self._rest = _SHORTEST_REST
        return True

    def _say(self, fault: str) -> None:
        if fault and fault != self.fault:
            _log.error("the spool cannot be used", reason=fault)
        self.fault = fault

    def _work(self, engine: Engine) -> None:
        if self._turn.take():
            if self.reached.reach != "there":
                schema.upgrade(engine)
                self._is_there()
            if moves.move_all(engine, self._keys, self._folder, self._losses, self._seen):
                self._is_there()
            self._tidy(engine)
        if time.monotonic() >= self._next_check:
            self._look(engine)
            self._is_there()

    def _look(self, engine: Engine) -> None:
        """One that has the database goes on with it while a newer release completes its tables: steps only add."""
        with database.reading(engine) as connection:
            if self.reached.reach == "there":
                schema.current(connection)
            else:
                schema.check(connection)

    def _is_there(self) -> None:
        self.reached = self.reached.now("there")
        self._next_check = time.monotonic() + _CHECK_SECONDS

    def _tidy(self, engine: Engine) -> None:
        if time.monotonic() < self._next_tidying:
            return
        self._next_tidying = time.monotonic() + _TIDY_SECONDS
        now = datetime.now(UTC)
        before = now - timedelta(days=self._settings.keep_days)
        removed = retention.purge(engine, self._keys, before, now)
        retention.end_notes(engine, before)
        rejected.purge(self._folder, before)
        if removed.decisions or removed.feedback:
            _log.info("records too old are removed", decisions=removed.decisions, feedback=removed.feedback)
        with database.reading(engine) as connection:  # a witness beyond the reach of whoever can change the database
            _log.info("ledger", head=ledger.head(connection))
