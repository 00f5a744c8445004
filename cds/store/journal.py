"""The journal of a worker: what is written is in the spool when its call is answered, in the database soon after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from cds.journal import Entry
from cds.settings import Settings
from cds.store import rejected, spool
from cds.store.drain import Drain
from cds.store.feedback import Responded, unseen
from cds.store.ledger import Keys
from cds.store.losses import Losses
from cds.store.reach import Reached


@dataclass(frozen=True, slots=True)
class State:
    """For /readyz. ``lost``: by this process; what waits and was rejected is that of the machine.

    ``folder``: why the spool cannot be used, "" when it can; what waits may be more than is told then.
    """

    waiting_bytes: int
    waiting_since: datetime | None
    rejected_bytes: int
    lost: int
    database: Reached
    folder: str = ""


class Journal:
    """Lives as long as its worker process."""

    def __init__(self, settings: Settings, keys: Keys, seen: Responded = unseen) -> None:
        """``keys``: of the ledger. ``seen``: told of responses to cards once they are in the database, by the thread
        that brings them there.
        """
        self._folder = settings.state.absolute() / "spool"
        self._writer = spool.Writer(self._folder, settings.spool_bytes)
        self._losses = Losses()
        self._fault = ""  # of the last write
        self._drain = Drain(settings, keys, self._folder, self._losses, seen)

    def start(self) -> None:
        """After the fork."""
        self._drain.start()

    def write(self, entry: Entry) -> bool:
        """False when it is lost, which is counted and said. Waits for nothing but the file."""
        try:
            line = msgspec.json.encode(entry).replace(b"\n", b" ")  # facts may be spread over lines
            self._writer.append(line + b"\n")
        except (spool.NoRoom, OSError, UnicodeEncodeError) as error:
            self._fault = _reason(error)
            self._losses.count(1, self._fault)
            return False
        self._fault = ""
        self._drain.wake()
        return True

    def state(self) -> State:
        """Reads the folder of the spool; never raises."""
        lost, reached, fault = self._losses.total, self._drain.reached, self._fault or self._drain.fault
        try:
            waiting, since = spool.size(self._folder), spool.oldest(self._folder)
            return State(waiting, since, rejected.size(self._folder), lost, reached, fault)
        except OSError as error:
            return State(0, None, 0, lost, reached, _reason(error))

    def close(self, seconds: float = 5) -> None:
        """Moves what waits, if the database is there and the time suffices; what does not, stays in the spool."""
        self._writer.close()
        self._drain.close(seconds)


def _reason(error: Exception) -> str:
    return str(error.strerror) if isinstance(error, OSError) else type(error).__name__
