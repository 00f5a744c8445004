"""Whether the database can be reached, and since when that has been so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeAlias

import structlog
from sqlalchemy.exc import DBAPIError

from cds.errors import SettingsError
from cds.store.database import why

Reach: TypeAlias = Literal["untried", "there", "away", "newer", "failing"]

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Reached:
    """``newer``: a later release has changed its schema. ``failing``: the fault is ours.

    ``why`` has the kind of the error, "" when there is none.
    """

    reach: Reach
    since: datetime
    why: str = ""

    @classmethod
    def untried(cls) -> Reached:
        return cls("untried", datetime.now(UTC))

    def now(self, reach: Reach, why: str = "") -> Reached:
        """The same as long as nothing changes; a change is said."""
        if (reach, why) == (self.reach, self.why):
            return self
        say = _log.info if reach == "there" else _log.error
        say("database", reach=reach, why=why)
        return Reached(reach, datetime.now(UTC) if reach != self.reach else self.since, why)


def reached_after(before: Reached, error: Exception) -> Reached:
    """The message of an error stays here: it may quote a record or a password."""
    if isinstance(error, DBAPIError):
        return before.now("away", why(error))
    if isinstance(error, SettingsError):
        return before.now("newer", str(error))
    return before.now("failing", f"{type(error).__name__} {_line(error)}")


def _line(error: Exception) -> str:
    """Where it was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
