"""What the processes of a service tell each other: which shift is on duty, and who is about to leave.

A shift is one process that has loaded the rulesets, with the workers forked from it. A reload begins a new one; the one
before answers what still comes to it, and leaves. The board is a page of memory that all of them share.
"""

from __future__ import annotations

import mmap
import os
import struct
from datetime import UTC, datetime
from typing import Final

_UNSIGNED: Final = struct.Struct("=Q")
_REAL: Final = struct.Struct("=d")
_ON_DUTY, _STOPPING, _REPLACED, _RELOAD_FAILED = range(0, 32, 8)  # where each stands: written at once, as a whole


class Board:
    """Made by the supervisor before any fork. It alone writes, but for ``replaced``, which is the shift's on duty."""

    def __init__(self) -> None:
        self._page = mmap.mmap(-1, mmap.PAGESIZE)

    @property
    def on_duty(self) -> int:
        """The number of the shift that serves; 0 before the first does."""
        return self._number(_ON_DUTY)

    @on_duty.setter
    def on_duty(self, shift: int) -> None:
        self._page[_ON_DUTY : _ON_DUTY + 8] = _UNSIGNED.pack(shift)

    @property
    def stopping(self) -> bool:
        return bool(self._number(_STOPPING))

    @stopping.setter
    def stopping(self, is_so: bool) -> None:
        self._page[_STOPPING : _STOPPING + 8] = _UNSIGNED.pack(is_so)

    @property
    def replaced(self) -> int:
        """The id of the one process that another is taking the place of; 0: none."""
        return self._number(_REPLACED)

    @replaced.setter
    def replaced(self, process: int) -> None:
        self._page[_REPLACED : _REPLACED + 8] = _UNSIGNED.pack(process)

    @property
    def reload_failed(self) -> datetime | None:
        """When the rulesets could not be loaded anew; None when the last reload succeeded, or there was none."""
        (seconds,) = _REAL.unpack_from(self._page, _RELOAD_FAILED)
        return datetime.fromtimestamp(seconds, UTC) if seconds else None

    @reload_failed.setter
    def reload_failed(self, moment: datetime | None) -> None:
        self._page[_RELOAD_FAILED : _RELOAD_FAILED + 8] = _REAL.pack(moment.timestamp() if moment else 0.0)

    def _number(self, place: int) -> int:
        (number,) = _UNSIGNED.unpack_from(self._page, place)
        return int(number)


class Post:
    """What the board says to the workers of one shift."""

    def __init__(self, board: Board, shift: int) -> None:
        self.board = board
        self.shift = shift

    @property
    def stopping(self) -> bool:
        """The service is about to stop: no new caller should come."""
        return self.board.stopping

    @property
    def relieved(self) -> bool:
        """Another takes the place of this worker."""
        return self.shift < self.board.on_duty or self.board.replaced == os.getpid()

    @property
    def leaving(self) -> bool:
        """This worker is about to end: whoever is connected should connect anew, and meets another."""
        return self.relieved or self.stopping

    @property
    def reload_failed(self) -> datetime | None:
        return self.board.reload_failed
