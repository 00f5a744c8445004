"""Moves what waits in the spool into the database."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import structlog
from sqlalchemy import Engine

from cds.store import batches, rejected, spool
from cds.store.feedback import Responded, unseen
from cds.store.ledger import Keys
from cds.store.losses import Losses

_GATHERED = 500  # lines that are moved together, from as many segments as it takes

_log = structlog.get_logger()


def move_all(engine: Engine, keys: Keys, folder: Path, losses: Losses, seen: Responded = unseen) -> int:
    """Returns how many lines it were. A segment is removed when all of it is committed. ``keys`` and ``seen``: as of
    ``store``.

    Raises ``DBAPIError`` when the database is away, ``OSError`` when a segment cannot be removed, or not be read: then
    the others are moved first.
    """
    moved, unread = 0, list[OSError]()
    waiting = spool.segments(folder)
    while waiting:
        with ExitStack() as held:
            taken: list[spool.Taken] = []
            while waiting and sum(len(segment.lines) for segment in taken) < _GATHERED:
                try:
                    segment = held.enter_context(spool.taken(waiting.pop(0)))
                except OSError as error:
                    unread.append(error)
                else:
                    taken += [segment] if segment else []
            refused = batches.store(engine, keys, [line for segment in taken for line in segment.lines], seen)
            moved += _done(taken, folder, set(refused), losses)
    if unread:
        raise unread[0]
    return moved


def _done(taken: list[spool.Taken], folder: Path, refused: set[bytes], losses: Losses) -> int:
    for segment in taken:
        _keep(folder, segment.path.name, [line for line in segment.lines if line in refused], losses)
        if segment.torn:
            _log.warning("a process died over a line of the spool", segment=segment.path.name, bytes=segment.torn)
        segment.remove()
    return sum(len(segment.lines) for segment in taken)


def _keep(folder: Path, name: str, lines: list[bytes], losses: Losses) -> None:
    if not lines:
        return
    _log.error("records are refused for what they are", records=len(lines), kept=f"rejected/{name}")
    try:
        rejected.keep(folder, name, lines)
    except (spool.NoRoom, OSError) as error:
        losses.count(len(lines), type(error).__name__)
