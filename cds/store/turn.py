"""Which process of a machine drains a spool."""

from __future__ import annotations

import os
from pathlib import Path

from cds.store.spool import lock


class Turn:
    """The right to drain a folder. It ends with its process, however sudden."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: int | None = None

    @property
    def ours(self) -> bool:
        return self._file is not None

    def take(self) -> bool:
        """Whether it is ours, now or since before. Raises ``OSError`` when the folder cannot be used."""
        if self._file is None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = os.open(self._folder / "drain.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            if not lock(file):
                os.close(file)
                return False
            self._file = file
        return True

    def give_up(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
