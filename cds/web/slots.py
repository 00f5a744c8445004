"""Where the workers of a service leave their counts: a folder of files, one set for each place that a worker may take.

A worker takes the first place that is free and goes on where the one before it in that place has ended. So no count is
lost with a worker, however sudden its end, and there are no more files than there ever were workers at once.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

_IN_MEMORY = Path("/dev/shm")  # noqa: S108  # within it a folder of our own is made
_LIVE = "gauge_live*_{}.db"  # as the library names what holds only while its process lives
_BYTES = {"counter": 1_048_576, "histogram": 524_288, "gauge_livemax": 16_384}  # of every rule and route, and more


class Slots:
    """Made by the first process of a service, before any fork, and ended with it."""

    def __init__(self) -> None:
        writable = _IN_MEMORY.is_dir() and os.access(_IN_MEMORY, os.W_OK)
        self.folder = Path(tempfile.mkdtemp(prefix="cds-metrics-", dir=_IN_MEMORY if writable else None))

    def take(self) -> int:
        """The number of a place that is this process' own for as long as it lives.

        Raises ``OSError`` when there is no room for it. The room is taken at once: to write where there is none would
        end the process.
        """
        place = next(number for number in count() if self._locked(number) is not None)
        for kind, size in _BYTES.items():
            _make_room(self.folder / f"{kind}_{place}.db", size)
        return place

    def forget_the_dead(self) -> None:
        """What only the living know better, such as whether they reach the database."""
        for number in self._numbers():
            lock = self._locked(number)
            if lock is not None:
                for file in self.folder.glob(_LIVE.format(number)):
                    file.unlink()
                os.close(lock)

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _numbers(self) -> Iterator[int]:
        return (int(file.stem) for file in self.folder.glob("*.lock"))

    def _locked(self, number: int) -> int | None:
        lock = os.open(self.folder / f"{number}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        return lock


def _make_room(path: Path, size: int) -> None:
    """All of it or no file: whoever asks for the metrics meanwhile could not read one that is empty."""
    if path.exists():
        return
    new = path.with_suffix(".new")
    try:
        with new.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)
    except OSError:
        new.unlink(missing_ok=True)
        raise
    new.rename(path)
