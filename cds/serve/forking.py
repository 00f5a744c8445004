"""Forked processes: what they do not keep of their parent's, and how they learn that it is gone."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import NoReturn


class Lifeline:
    """A pipe that nobody writes to: whoever reads from it hears of the end of the process that made it, however
    sudden. A process that is forked lets go of the other end first.
    """

    def __init__(self) -> None:
        self.end, self._held = os.pipe()

    def let_go(self) -> None:
        os.close(self._held)


def forked(run: Callable[[], int]) -> int:
    """The id of a new process, with a group of its own, that ends with the exit code that ``run`` gives.

    Call it where no other thread runs. Signals of the parent's are not taken for the child's, nor the other way round.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    process = os.fork()
    if process == 0:
        _run(run, before)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return process


def buried() -> Iterator[tuple[int, int]]:
    """The children that have ended, whoever began them, each with its exit code; negative: the signal it died of."""
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            yield ended[0], os.waitstatus_to_exitcode(ended[1])


def _run(run: Callable[[], int], mask: Iterable[int]) -> NoReturn:
    code = 1
    try:
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        code = run()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001  # the reason stands in tests/test_house_rules.py
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(code)
