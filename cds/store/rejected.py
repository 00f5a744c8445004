"""Lines of the spool that no database will take. They are kept beside it: moved back into it, they are tried again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from cds.store import spool

_ROOM = 20_000_000  # bytes


def size(folder: Path) -> int:
    """In bytes, of what was rejected from this spool."""
    return spool.size(_beside(folder))


def keep(folder: Path, name: str, lines: Sequence[bytes]) -> None:
    """Under the name of their segment: when that is read again after a failure, they are kept once.

    Raises ``spool.NoRoom``, and ``OSError`` when they cannot be written.
    """
    content = b"".join(line + b"\n" for line in lines)
    if size(folder) + len(content) > _ROOM:
        raise spool.NoRoom
    _beside(folder).mkdir(mode=0o700, exist_ok=True)
    file = _beside(folder) / name
    file.touch(mode=0o600)
    file.write_bytes(content)


def erase(folder: Path, patient: str) -> int:
    """Removes the lines that name this pseudonym. Returns how many."""
    removed = 0
    for file in spool.segments(_beside(folder)):
        lines = file.read_bytes().splitlines(keepends=True)
        others = [line for line in lines if patient.encode() not in line]
        removed += len(lines) - len(others)
        file.write_bytes(b"".join(others)) if others else file.unlink()
    return removed


def purge(folder: Path, before: datetime) -> None:
    for file in spool.segments(_beside(folder)):
        if file.stat().st_mtime < before.timestamp():
            file.unlink()


def _beside(folder: Path) -> Path:
    return folder / "rejected"
