"""What is counted (L6): at a port of its own, and no more of it for more patients."""

from __future__ import annotations

import json
import re

from bench.arrivals import Call, Calls, at_rate, post
from faults.observed import Fault, Observed, Size
from faults.reload import RATE, reloading
from faults.site import got
from tests.web.closed import CALL, PAIN


def second_port(seen: Observed, size: Size) -> None:
    """Metrics are at a port of their own, and their labels do not grow with the patients."""
    with reloading() as (running, _, metrics):
        before = _series(metrics, running.port)
        at_rate(_patients(running.port), RATE, size.seconds)
        after = _series(metrics, running.port)
        at_rate(_patients(running.port), RATE, size.seconds)
        later = _series(metrics, running.port)
        on_first = got(running.port, "/metrics")[0]
    seen.tell(series=f"{len(before)}, {len(after)}, {len(later)}", first_port=on_first)
    seen.expect("the first port has no metrics", on_first == 404)
    seen.expect("labels do not grow with the patients", after == later)
    seen.expect("no label is of a patient", not [name for name in later if re.search(r"patient-\d", name)])


def _patients(port: int) -> Calls:
    numbers = iter(range(10**9))
    text = json.loads(CALL)

    def following() -> Call:
        text["context"]["patientId"] = f"patient-{next(numbers)}"
        return post(port, PAIN, json.dumps(text).encode())

    return following


def _series(metrics: int, port: int) -> set[str]:
    at_rate(lambda: post(port, PAIN, CALL), 50, 0.4)
    lines = got(metrics, "/metrics")[1].decode().splitlines()
    return {line.rpartition(" ")[0] for line in lines if not line.startswith("#")}


FAULTS = (Fault("L6", "metrics", "at a port of their own; labels are bounded", second_port),)
