"""Workers that die (F15): their own call is lost and no other, nothing that was answered, and another takes over."""

from __future__ import annotations

import os
import signal
import time

from bench.arrivals import NO_ANSWER, Load, Replies, at_rate
from bench.servers import workers
from faults.observed import Fault, Observed, Size
from faults.site import SOON, hooks, hooks_and_feedback, service
from tests.recorded import arrived
from tests.serving import Running

BACK_SECONDS = 2.0
APART = 7.0  # seconds between two deaths: after that of a young one the next is born after a rest


def killed(seen: Observed, size: Size) -> None:
    """By a signal that cannot be caught, and by the one of a crash in C; one worker of two each time."""
    longest = []
    with service() as running:
        with Load(hooks_and_feedback(running.port), size.rate) as load:
            time.sleep(1)
            for number in (signal.SIGKILL, signal.SIGSEGV):
                longest.append(_replaced(running, number))
                time.sleep(APART)
        after = at_rate(hooks(running.port), size.rate, 1)
        replies = load.replies
        lost = replies.statuses[NO_ANSWER]
        hooks_told = sum(reply.status != NO_ANSWER for reply in replies.of("hook")) + len(after)
        told = [hooks_told, sum(reply.status == 200 for reply in replies.of("feedback"))]
        found = arrived(f"sqlite:///{running.state}/cds.sqlite", told, 20) or [0, 0]
    seen.tell(answered=sum(told), lost_calls=lost, back_after_s=round(max(longest), 2), recorded=f"{found} of {told}")
    seen.answered(after, 200, p99=SOON, of="afterwards")
    seen.expect("no more than the calls under way are lost", lost <= 2 * size.rate * SOON / 1e3)
    seen.answered(Replies(reply for reply in replies if reply.status != NO_ANSWER), 200, of="other")
    seen.within("the time until another worker is there", max(longest) * 1e3, BACK_SECONDS * 1e3)
    complete = all(told <= kept <= told + lost for kept, told in zip(found, told, strict=True))
    seen.expect("all that was answered is recorded, and nothing twice", complete)


def _replaced(running: Running, number: signal.Signals) -> float:
    """Seconds until there are as many workers as before."""
    before = workers(running.process.pid)
    began = time.monotonic()
    os.kill(before[0], number)
    while time.monotonic() - began < 30:
        now = workers(running.process.pid)
        if before[0] not in now and len(now) == len(before):
            break
        time.sleep(0.02)
    return time.monotonic() - began


FAULTS = (Fault("F15", "a worker is killed, and one crashes", "its own calls are lost, no others", killed),)
