"""A hundred thousand calls of many kinds (SOAK): every one is answered, and memory stays where it was."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import cycle

from bench.arrivals import Call, Load, post
from bench.bodies import SIZES, body
from bench.servers import memory, workers
from faults.observed import Fault, Observed, Size
from faults.site import FEEDBACK, SERVICE, service
from tests.hostile.stories import story
from tests.recorded import arrived, overridden

WINDOWS = 10
RATE, AT_ONCE = 500.0, 4  # calls a second, and under way
GROWTH = 1.02  # of the last three windows beside the third to fifth: what is learned on the way is learned by then
STORIES = ("cauda-equina-new-saddle-numbness", "opioid-substitution-with-migraine", "triptan-diary-over-three-months")


def calls(port: int) -> Iterator[Call]:
    """Of a hundred: 60 small charts and 12 of 200 entries about which there is nothing to say, 2 of 2,000, 18 that get
    cards, 4 of feedback, 4 that are refused.
    """
    today = datetime.now(UTC).date()
    small, middle, large = (post(port, SERVICE, body(size, relevant=False, today=today), kind="200") for size in SIZES)
    told = [post(port, SERVICE, json.dumps(story(name)).encode(), kind="200") for name in STORIES]
    refused = [post(port, SERVICE, b"{", kind="400"), post(port, f"{SERVICE}-x", b"{}", kind="404")]
    hundred = [small] * 60 + [middle] * 12 + [large] * 2 + told * 6 + refused * 2
    for place in cycle(range(100)):
        at = (place * 37) % 100  # each kind spread over the hundred
        yield hundred[at] if at < len(hundred) else post(port, FEEDBACK, overridden(), kind="200")


def soak(seen: Observed, size: Size) -> None:
    with service(CDS_LOG_LEVEL="error") as running:
        with Load(calls(running.port).__next__, RATE, most=size.soak, at_once=AT_ONCE) as load:
            windows = [
                _window(load, running.process.pid, size.soak * part // WINDOWS) for part in range(1, WINDOWS + 1)
            ]
            replies = load.wait()
        wrong = Counter((reply.kind, reply.status) for reply in replies if reply.kind != str(reply.status))
        expected = [sum(reply.status == 200 and len(reply.body) > 0 for reply in replies)]
        told = sum(reply.status == 200 for reply in replies) - expected[0]
        refusals = replies.statuses[400] + replies.statuses[404]
        found = arrived(f"sqlite:///{running.state}/cds.sqlite", [expected[0] + refusals, told], 60)
    seen.tell(
        calls=len(replies),
        per_second=round(len(replies) / load.now),
        p99_ms=round(replies.share(99), 1),
        mb_of_a_worker=windows,
    )
    seen.tell(recorded=f"{found}")
    seen.expect(f"every call ends as it should, not {dict(wrong)}", not wrong)
    seen.expect(f"memory grows by less than 2 %: {windows}", max(windows[-3:]) <= max(windows[2:5]) * GROWTH)
    seen.expect("each answer is recorded once", found == [expected[0] + refusals, told])


def _window(load: Load, pid: int, until: int) -> float:
    """Megabytes of the largest worker, its own and its share (PSS), when so many calls are answered."""
    while len(load.replies) < until - 50 and load.running:
        time.sleep(0.1)
    return round(max(memory(worker).proportional for worker in workers(pid)), 1)


FAULTS = (Fault("SOAK", "100,000 calls of many kinds", "all answered and recorded, memory flat", soak),)
