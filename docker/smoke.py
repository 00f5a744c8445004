"""What is promised of a running service, asked over HTTP by nothing but the standard library."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from threading import Event, Thread
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

SERVICE = "/cds-services/spine-and-headache"
NO_ANSWER = 0  # in place of a status
_PATIENCE = 90


def await_ready(port: int) -> bool:
    """Whether it comes to be."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return True
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.05)
    return False


def promises(base: str, story: bytes) -> Iterator[tuple[str, bool]]:
    """Each with whether it is kept. ``story``: a call that has to be answered with a critical card."""
    services = answer(base, "/cds-services")["services"]
    yield "discovery names its services", {"spine-and-headache"} <= {service["id"] for service in services}
    cards = answer(base, SERVICE, story)["cards"]
    yield "a hook call is answered with a critical card", "critical" in {card["indicator"] for card in cards}
    told = {"card": cards[0]["uuid"], "outcome": "accepted", "acceptedSuggestions": []}
    told["outcomeTimestamp"] = datetime.now(UTC).isoformat()
    told["acceptedSuggestions"] = [{"id": suggestion["uuid"]} for suggestion in cards[0].get("suggestions", [])[:1]]
    yield (
        "feedback on it is taken",
        answer(base, f"{SERVICE}/feedback", json.dumps({"feedback": [told]}).encode()) is None,
    )
    yield "/healthz says ok", answer(base, "/healthz")["status"] == "ok"
    yield "/readyz says ok", answer(base, "/readyz")["status"] == "ok"


def answered_after(act: Callable[[], object], port: int, story: bytes) -> bool:
    """Whether a call that had half arrived when something happened is answered all the same."""
    half = len(story) // 2
    connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    connection.putrequest("POST", SERVICE)
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(len(story)))
    connection.endheaders(story[:half])
    act()
    time.sleep(0.5)
    connection.send(story[half:])
    return connection.getresponse().status == 200


@contextmanager
def calling(base: str, story: bytes) -> Iterator[Counter[int]]:
    """One call after the other; of each its status."""
    enough, statuses = Event(), Counter[int]()

    def call() -> None:
        while not enough.wait(0.05):
            statuses[status(base, SERVICE, story)] += 1

    calling = Thread(target=call)
    calling.start()
    try:
        yield statuses
    finally:
        enough.set()
        calling.join()


def status(base: str, path: str, body: bytes | None = None) -> int:
    try:
        answer(base, path, body)
    except HTTPError as error:
        return error.code
    except (OSError, HTTPException):  # nobody there, or gone before the answer
        return NO_ANSWER
    return 200


def answer(base: str, path: str, body: bytes | None = None) -> Any:
    with urlopen(Request(base + path, body, {"Content-Type": "application/json"}), timeout=_PATIENCE) as answer:
        text = answer.read()
    return json.loads(text) if text else None
