"""Lines of the spool that no database will take. They are kept beside it: moved back into the spool, they are tried again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from cds.store import spool


def keep(folder: Path, name: str, lines: Sequence[bytes], limit: int) -> None:
    """Under the name of their segment: when that is read again after a failure, they are kept once.

    Raises ``spool.NoRoom``, and ``OSError`` when they cannot be written.
    """
    content = b"".join(line + b"\n" for line in lines)
    if spool.size(folder) + len(content) > limit:
        raise spool.NoRoom
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / name
    file.touch(mode=0o600)
    file.write_bytes(content)


def erase(folder: Path, patient: str) -> int:
    """Removes the lines that name this pseudonym. Returns how many."""
    removed = 0
    for file in spool.segments(folder):
        lines = file.read_bytes().splitlines(keepends=True)
        others = [line for line in lines if patient.encode() not in line]
        removed += len(lines) - len(others)
        file.write_bytes(b"".join(others)) if others else file.unlink()
    return removed


def purge(folder: Path, before: datetime) -> None:
    for file in spool.segments(folder):
        if file.stat().st_mtime < before.timestamp():
            file.unlink()
