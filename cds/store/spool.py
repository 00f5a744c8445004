"""The spool: files of this machine in which entries wait until they are in the database.

A segment is a file of whole lines. Its writer and its reader take turns by a lock on it, which neither waits for: a
writer that finds its segment taken, or gone, begins another, and a reader passes by. What was written survives the
death of its process, however sudden; it is not forced to the disk, so a power cut may cost the newest.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from cds.settings import Settings

_SUFFIX = ".jsonl"
_BEGUN = re.compile(r"[0-9]{20}")  # nanoseconds since 1970, at the beginning of a name
_SEGMENT_BYTES = 1_000_000
_SEGMENTS = 50  # at least, of a full spool: one large file would be read whole again after each failure
_WRITERS = 256  # at the most, at once on this machine


class NoRoom(Exception):
    """What waits has reached its limit."""


class Writer:
    """Appends lines to a segment of its own. Lives as long as its process; threads may share it."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder = folder
        self._limit = limit
        self._segment_bytes = min(_SEGMENT_BYTES, limit // _SEGMENTS)
        self._segment: int | None = None
        self._allowed = 0  # bytes that may be written before the folder is looked into again
        self._turn = Lock()

    def append(self, line: bytes) -> None:
        """The line is there whole or not at all. Raises ``NoRoom``, and ``OSError`` when it cannot be written."""
        with self._turn:
            self._allow(len(line))
            segment = self._taken()
            try:
                _append(segment, line)
            except OSError:
                self._leave()  # what is left of the line could not be taken back, perhaps
                raise
            fcntl.flock(segment, fcntl.LOCK_UN)

    def close(self) -> None:
        with self._turn:
            self._leave()

    def _allow(self, length: int) -> None:
        """Looking into the folder takes longer the more waits. Each writer may use its part of the room it saw."""
        if length > self._allowed:
            room = self._limit - size(self._folder)
            if length > room:
                raise NoRoom
            self._allowed = max(length, room // _WRITERS)
        self._allowed -= length

    def _taken(self) -> int:
        """A segment with room, locked. A new one may be taken and emptied by a reader before it is locked here."""
        while self._segment is None or not self._is_ours(self._segment):
            self._leave()
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            name = f"{time.time_ns():020}-{os.getpid()}-{secrets.token_hex(4)}{_SUFFIX}"
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            self._segment = os.open(self._folder / name, flags, 0o600)
        return self._segment

    def _is_ours(self, segment: int) -> bool:
        if not lock(segment):
            return False
        status = os.fstat(segment)
        return status.st_nlink > 0 and status.st_size < self._segment_bytes

    def _leave(self) -> None:
        if self._segment is not None:
            os.close(self._segment)
            self._segment = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A segment no other process touches. ``torn``: bytes at its end that a writer died over."""

    path: Path
    lines: tuple[bytes, ...]
    torn: int
    _segment: int

    def remove(self) -> None:
        """Its writer may still hold the file: emptying it frees the room all the same."""
        os.ftruncate(self._segment, 0)
        self.path.unlink()


@contextmanager
def taken(path: Path) -> Iterator[Taken | None]:
    """None when it is being written to at this moment, or is gone."""
    try:
        segment = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        yield None
        return
    try:
        yield _read(path, segment) if lock(segment) else None
    finally:
        os.close(segment)


def segments(folder: Path) -> list[Path]:
    """Oldest first."""
    return [folder / entry.name for entry in _entries(folder)]


def size(folder: Path) -> int:
    """In bytes, of all segments."""
    return sum(_size(entry) for entry in _entries(folder))


def waiting_bytes(settings: Settings) -> int:
    """In the spool of this machine; 0 when it cannot be looked into."""
    try:
        return size(settings.state / "spool")
    except OSError:
        return 0


def oldest(folder: Path) -> datetime | None:
    """Since when anything has been waiting, at the most: segments are named by the moment they were begun."""
    first = next((entry.name for entry in _entries(folder) if _size(entry)), "")
    begun = _BEGUN.match(first)
    return datetime.fromtimestamp(int(begun[0]) / 1e9, UTC) if begun else None


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted((entry for entry in found if entry.name.endswith(_SUFFIX)), key=lambda entry: entry.name)
    except FileNotFoundError:
        return []


def _size(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat().st_size
    except FileNotFoundError:  # read and removed meanwhile
        return 0


def lock(file: int) -> bool:
    """Whether nobody else has it. Its holder has it until the file is closed, also by its death."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _append(segment: int, line: bytes) -> None:
    before = os.fstat(segment).st_size
    written = os.write(segment, line)
    if written < len(line):
        os.ftruncate(segment, before)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _read(path: Path, segment: int) -> Taken:
    with os.fdopen(segment, "rb", closefd=False) as file:
        *lines, rest = file.read().split(b"\n")
    return Taken(path, tuple(lines), len(rest), segment)
