"""Where the lines of the log go: to standard error, as long as its reader keeps up. No call waits for it (F27)."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from io import FileIO
from threading import Lock

import orjson


class Sink:
    """As structlog wants a logger. A line that cannot be written is lost and counted; the next one that can comes after
    one that says how many.
    """

    def __init__(self, file: int) -> None:
        self._write, self._own = _writing(file)
        self._lost = 0
        self._rest = b""  # of a line that was taken in part
        self._turn = Lock()
        os.register_at_fork(after_in_child=self._renew)

    def msg(self, line: bytes) -> None:
        with self._turn:
            told = _loss(self._lost) if self._lost else b""
            try:
                self._finish()
                written = self._write(told + line + b"\n")
            except OSError:  # no room for now, no room on the disk, or nobody there
                self._lost += 1
                return
            self._lost = 0
            self._rest = (told + line + b"\n")[written:]

    debug = info = warning = error = critical = msg

    def _finish(self) -> None:
        """The line before, where it was taken in part."""
        while self._rest:
            self._rest = self._rest[self._write(self._rest) :]

    def close(self) -> None:
        if self._own:
            self._own.close()

    def _renew(self) -> None:
        self._turn = Lock()
        self._rest = b""  # its own process' business


def _loss(lines: int) -> bytes:
    moment = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    return orjson.dumps({"event": "log lines are lost", "lost": lines, "level": "warning", "timestamp": moment}) + b"\n"


def _writing(file: int) -> tuple[Callable[[bytes], int], socket.socket | FileIO | None]:
    """How to write without waiting, and what was opened for it. The file itself is not made so: others have it as well,
    such as a shell.
    """
    mode = os.fstat(file).st_mode
    if stat.S_ISSOCK(mode):
        channel = socket.socket(fileno=os.dup(file))
        return lambda piece: channel.send(piece, socket.MSG_DONTWAIT), channel
    if stat.S_ISFIFO(mode):
        with suppress(OSError):  # where the system does not let a pipe be opened anew, a line may wait
            opened = os.open(f"/dev/fd/{file}", os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            return partial(os.write, opened), os.fdopen(opened, "wb", buffering=0)
    return partial(os.write, file), None
