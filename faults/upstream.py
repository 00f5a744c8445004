"""FHIR servers that refuse, hang, fail or lie (F1 to F6): what they withheld is said to be missing, in time.

What they do is that of ``tests/ehr/faults.py``; what an answer to less than all of the data may leave out is judged by
``tests/ehr/oracle.py``.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from math import inf
from typing import NamedTuple

from faults.observed import Fault, Observed, Size
from tests.ehr import faults as trouble
from tests.ehr.charts import Visit, sample
from tests.ehr.client import Ehr, Json, Reply
from tests.ehr.fhir_server import Fault as Trouble
from tests.ehr.fhir_server import FhirServer
from tests.ehr.oracle import unsaid
from tests.serving import free_port, started

VISIT = sample("cauda-equina-new-saddle-numbness")
MISSING = ("observations", "Observation")  # the prefetch key that has to be read, and the type it asks for
BUDGET = 800  # milliseconds for all reads of a call; the default
GENEROUS = 700  # milliseconds for all the rest, on a machine that runs both sides
BREAKER_SECONDS = 10
CALLS = 8  # to a server that fails: more than its five failures


class Site(NamedTuple):
    """A service with two workers, and a FHIR server that it may read, where every chart has a base of its own."""

    fhir: FhirServer
    service: str
    ehr: Callable[[str], Ehr]


@contextmanager
def site(*charts: str) -> Iterator[Site]:
    with FhirServer(dict.fromkeys(charts, VISIT.chart)) as fhir:
        settings = {
            "CDS_FHIR_SERVERS": ",".join(map(fhir.base, charts)),
            "CDS_PRIVATE_NETWORKS": "127.0.0.0/8",
            "CDS_FHIR_MILLISECONDS": str(BUDGET),
            "CDS_WORKERS": "2",
            "CDS_MAX_CARDS": "50",
        }
        with started(**settings) as service:
            yield Site(fhir, service.base, lambda chart: Ehr(service.base, fhir.base(chart)))


class Opened(NamedTuple):
    """A chart that is opened: by an EHR that sends all, and by one that leaves a key to be read."""

    service: Json
    prefetch: Json
    full: Reply

    def without(self, ehr: Ehr) -> Reply:
        rest = {key: value for key, value in self.prefetch.items() if key != MISSING[0]}
        return ehr.call(self.service, VISIT.context, rest, access=True)

    def wrong(self, partial: Reply) -> list[str]:
        return unsaid(self.service, self.full.cards, partial, {MISSING[0]})


def opened(ehr: Ehr, visit: Visit = VISIT) -> Opened:
    service = ehr.services()[visit.service, visit.hook]
    prefetch = ehr.prefetch(service, visit.context)
    return Opened(service, prefetch, ehr.call(service, visit.context, prefetch, access=False))


def judge(seen: Observed, name: str, chart: Opened, replies: list[Reply]) -> None:
    """None too late, and none that keeps silent about what it could not read."""
    slowest = max(reply.seconds for reply in replies) * 1e3
    seen.within(f"{name}: the slowest answer", slowest, BUDGET + GENEROUS)
    for reply in replies:
        seen.expect(f"{name}: {reply.status} {chart.wrong(reply)}", not chart.wrong(reply))


def told(seen: Observed, replies: list[Reply]) -> None:
    counted = Counter(reply.status for reply in replies)
    seen.tell(
        answers=" ".join(f"{status}×{count}" for status, count in sorted(counted.items())),
        slowest_ms=round(max(reply.seconds for reply in replies) * 1e3),
    )


def refused(seen: Observed, _: Size) -> None:
    """Nobody listens; then the server is there, and is read again when the breaker lets a request pass."""
    with FhirServer({"ward": VISIT.chart}) as fhir:
        port = free_port()
        base = f"http://127.0.0.1:{port}/ward/r4"
        settings = {"CDS_FHIR_SERVERS": base, "CDS_PRIVATE_NETWORKS": "127.0.0.0/8", "CDS_WORKERS": "2"}
        with started(**settings) as service:
            chart = opened(Ehr(service.base, fhir.base("ward")))
            replies = [chart.without(Ehr(service.base, base)) for _ in range(2 * CALLS)]
            judge(seen, "refused", chart, replies)
            told(seen, replies)
            with _moved(fhir, port):
                began = time.monotonic()
                back = _read_again(chart, Ehr(service.base, base), BREAKER_SECONDS + 5)
            seen.expect("it is read again within 15 s of its return", back)
            seen.tell(read_again_after_s=round(time.monotonic() - began, 1))


@contextmanager
def _moved(fhir: FhirServer, port: int) -> Iterator[None]:
    """The same server at another port as well."""
    with FhirServer(fhir.charts, port=port):
        yield


def _read_again(chart: Opened, ehr: Ehr, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if len(chart.without(ehr).cards) == len(chart.full.cards) and not _gap(chart.without(ehr)):
            return True
        time.sleep(0.5)
    return False


def _gap(reply: Reply) -> bool:
    return any("Data not supplied" in card["detail"] for card in reply.cards)


def troubled(faults: Mapping[str, Trouble], seen: Observed, _: Size, *, most: float = inf) -> None:
    """Each fault at a base of its own, since the service remembers who fails. ``most``: requests of one call."""
    charts = [f"ward-{number}" for number in range(len(faults))]
    everything, requests = list[Reply](), list[int]()  # how many of each call
    with site(*charts) as here:
        for chart, (name, fault) in zip(charts, faults.items(), strict=True):
            ehr = here.ehr(chart)
            view = opened(ehr)
            replies = []
            for _call in range(CALLS):
                with here.fhir.troubled({MISSING[1]: fault}) as asked:
                    replies.append(view.without(ehr))
                requests.append(len(asked))
            judge(seen, name, view, replies)
            seen.expect(f"{name}: is asked, but {most} times a call at most", 1 <= max(requests[-CALLS:]) <= most)
            everything += replies
        again = opened(here.ehr(charts[0]))
        seen.expect("a call that brings everything is answered as before", len(again.full.cards) > 0)
    seen.tell(faults=len(faults), requests_of_one_call=max(requests))
    told(seen, everything)


HANGING = {"hangs": trouble.slow(5), "a byte every 100 ms": trouble.drip}
FAILING = {
    "500": trouble.status(500),
    "502": trouble.status(502),
    "503 with Retry-After": trouble.status(503, Retry_After="1"),
    "503 for an hour": trouble.status(503, Retry_After="3600"),
    "429": trouble.status(429, Retry_After="1"),
}
REFUSING = {"401": trouble.status(401), "403": trouble.status(403)}
RUBBISH = {
    "HTML": trouble.html,
    "nothing": trouble.nothing,
    "JSON cut off": trouble.json_cut_off,
    "a body cut off": trouble.body_cut_off,
    "a reset": trouble.reset,
    "another type": trouble.another_type,
    "no resource": trouble.no_resource,
    "an OperationOutcome": trouble.outcome,
    "resources that are none": trouble.garbage,
}
PAGES = {
    "a loop": trouble.loop,
    "a next page elsewhere": trouble.leads_to("http://127.0.0.1:9/ward/r4?page=2"),
    "a next page in the cloud": trouble.leads_to("http://169.254.169.254/latest/meta-data/"),
    "a next page next door": trouble.leads_to("{base}-2/Observation?patient=1"),
}


ONCE, TWICE = (partial(troubled, faults, most=most) for faults, most in ((REFUSING, 1), (FAILING, 2)))

FAULTS = (
    Fault("F01", "a FHIR server refuses connections", "what needs it is missing data; read again when back", refused),
    Fault("F02", "a FHIR server hangs or drips", "cut at the budget, answered in time", partial(troubled, HANGING)),
    Fault("F03", "a FHIR server fails or has too much to do", "at most one more try", TWICE),
    Fault("F04", "a FHIR server refuses the token", "no second try; what it has is missing data", ONCE),
    Fault("F05", "a FHIR server sends rubbish", "missing data with its reason, never 500", partial(troubled, RUBBISH)),
    Fault("F06", "pages without end, or elsewhere", "not followed; the set is incomplete", partial(troubled, PAGES)),
)
