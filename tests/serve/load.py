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


class Heard:
    """What the callers were answered: how often each status, and what went wrong."""

    def __init__(self) -> None:
        self.statuses: Counter[int] = Counter()
        self.failures: list[str] = []
        self.slowest = 0.0

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
        began = time.monotonic()
        try:
            connection.request("POST", path, CALL, {"Content-Type": "application/json"})
            response = connection.getresponse()
            response.read()
            heard.statuses[response.status] += 1
        except (OSError, http.client.HTTPException) as error:
            heard.failures.append(repr(error))
            connection.close()
        heard.slowest = max(heard.slowest, time.monotonic() - began)
        if not keeps:
            connection.close()
        time.sleep(_PAUSE)
    connection.close()
