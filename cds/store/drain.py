"""Moves what waits in the spool into the database, in the background, in one process of the machine at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import structlog
from sqlalchemy import Engine

from cds.store import batches, rejected, spool

_GATHERED = 500  # lines that are moved together, from as many segments as it takes
_REJECTED_SHARE = 10  # of the room of the spool, a tenth

_log = structlog.get_logger()


class Turn:
    """The right to drain this folder. It ends with its process, however sudden."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: int | None = None

    def take(self) -> bool:
        """Whether it is ours, now or since before. Raises ``OSError`` when the folder cannot be used."""
        if self._file is not None:
            return True
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(self._folder / "drain.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    def give_up(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def drain(engine: Engine, folder: Path, limit: int, lost: Callable[[int], None]) -> int:
    """Returns how many lines were moved. A segment is removed when all of it is committed.

    Raises ``DBAPIError`` when the database is away, ``OSError`` when a segment cannot be read or removed. ``lost`` is
    told how many lines were neither stored nor kept as rejected.
    """
    moved = 0
    waiting = spool.segments(folder)
    while waiting:
        with ExitStack() as held:
            taken: list[spool.Taken] = []
            while waiting and sum(len(segment.lines) for segment in taken) < _GATHERED:
                segment = held.enter_context(spool.taken(waiting.pop(0)))
                taken += [segment] if segment else []
            moved += _move(engine, taken, folder / "rejected", limit // _REJECTED_SHARE, lost)
    return moved


def _move(
    engine: Engine, taken: list[spool.Taken], kept: Path, limit: int, lost: Callable[[int], None]
) -> int:
    refused = set(batches.store(engine, [line for segment in taken for line in segment.lines]))
    for segment in taken:
        _keep(segment, [line for line in segment.lines if line in refused], kept, limit, lost)
        if segment.torn:
            _log.warning("a writer died over a line of the spool", segment=segment.path.name, bytes=segment.torn)
        segment.remove()
    return sum(len(segment.lines) for segment in taken)


def _keep(segment: spool.Taken, lines: list[bytes], folder: Path, limit: int, lost: Callable[[int], None]) -> None:
    if not lines:
        return
    _log.error("the database refuses records for what they are", records=len(lines), segment=segment.path.name)
    try:
        rejected.keep(folder, segment.path.name, lines, limit)
    except (spool.NoRoom, OSError):
        lost(len(lines))
