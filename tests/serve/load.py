"""Callers of a running service: some connect for each call, some keep their connection."""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.web.closed import CALL, PAIN

_SECONDS = 10  # for one answer
_PAUSE = 0.05
BUSY = 503


class Heard:
    """What the callers were answered, each of them by its status, and what went wrong."""

    def __init__(self) -> None:
        self.told: list[int] = []
        self.failures: list[str] = []

    @property
    def statuses(self) -> Counter[int]:
        """How often each. Who finds no turn on a machine that is busy otherwise is told to come again, and does: that
        is neither an answer nor a failure. How seldom it may be is measured by ``make faults``.
        """
        return Counter(status for status in self.told if status != BUSY)

    @property
    def calls(self) -> int:
        return self.statuses.total()


@contextmanager
def callers(port: int, kept: int = 2, new: int = 2, path: str = PAIN) -> Iterator[Heard]:
    """They call until the block ends. ``kept``: that keep their connection."""
    heard, over = Heard(), threading.Event()
    threads = [
        threading.Thread(target=_call, args=(port, path, keeps, heard, over.is_set))
        for keeps in [True] * kept + [False] * new
    ]
    for thread in threads:
        thread.start()
    try:
        yield heard
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _call(port: int, path: str, keeps: bool, heard: Heard, over: Callable[[], bool]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    while not over():
        try:
            connection.request("POST", path, CALL, {"Content-Type": "application/json"})
            response = connection.getresponse()
            response.read()
            heard.told.append(response.status)
        except (OSError, http.client.HTTPException) as error:
            heard.failures.append(repr(error))
            connection.close()
        if not keeps:
            connection.close()
        time.sleep(_PAUSE)
    connection.close()
