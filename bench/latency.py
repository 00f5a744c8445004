"""How long calls take that come at a constant rate, whatever became of those before; see ``bench/arrivals.py``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from bench.arrivals import Replies, at_rate, post
from bench.bodies import request
from bench.chart import Resource, chart, patient
from bench.plot import Line, plotted
from bench.servers import ALL_RULES, Server, started
from bench.stories import everything
from bench.tables import Table

ENTRIES = 1_000
RATE = 50  # calls a second
RATE_OF_ALL = 5  # of the chart that no patient has
SECONDS, WARM_SECONDS, STEP_SECONDS = 30.0, 3.0, 10.0
RATES = (10, 25, 50, 75, 100, 125, 150)
WORKERS = 2
GOAL = 500.0  # milliseconds, of 99 of 100 calls
EVERYTHING = "every sample in one"
PLOT = "latency.svg"

HEAD = ("chart", "hook", "kB", "cards", "calls/s", "answered", "p50 ms", "p95 ms", "p99 ms", "longest ms")


def bodies() -> dict[tuple[str, str], bytes]:
    """By what the chart is, and the hook."""
    today = datetime.now(UTC).date()
    nothing, clinic = ([patient(), *chart(ENTRIES - 1, relevant=kind, today=today)] for kind in (False, True))
    stories = everything(today)
    told = [*stories, *chart(ENTRIES - len(stories), relevant=False, today=today)]
    order = next(each for each in clinic if each["resourceType"] == "MedicationRequest")
    drafts = {"draftOrders": {"resourceType": "Bundle", "entry": [{"resource": _draft(order)}]}}
    return {
        ("nothing relevant", "patient-view"): request(nothing),
        ("spine and headache", "patient-view"): request(clinic),
        ("spine and headache", "order-sign"): request(clinic, "order-sign", **drafts),
        (EVERYTHING, "patient-view"): request(told),
    }


def _draft(order: Resource) -> Resource:
    return {**order, "id": "draft-1", "status": "draft"}


def tables() -> Iterator[Table]:
    with started(ALL_RULES, CDS_WORKERS=str(WORKERS)) as service:
        found = bodies()
        for content in found.values():
            measured(service, content, RATE_OF_ALL, WARM_SECONDS)
        rows = [_row(service, *name, content) for name, content in found.items()]
        yield Table("latency", HEAD, rows)
        yield from _by_rate(service, found["spine and headache", "patient-view"])


def measured(service: Server, content: bytes, rate: float, seconds: float) -> Replies:
    call = post(*service.target, content)
    return at_rate(lambda: call, rate, seconds)


def _row(service: Server, story: str, hook: str, content: bytes) -> tuple[object, ...]:
    rate = RATE_OF_ALL if story == EVERYTHING else RATE
    replies = measured(service, content, rate, SECONDS)
    cards = replies[0].body.count(b'"summary"')
    shares = (replies.share(percent) for percent in (50, 95, 99, 100))
    return (story, hook, len(content) // 1_000, cards, rate, answered(replies), *shares)


def answered(replies: Replies) -> str:
    return " ".join(f"{status}×{count}" for status, count in sorted(replies.statuses.items()))


def _by_rate(service: Server, content: bytes) -> Iterator[Table]:
    """Up to more than there is room for: the rest is refused, and those that are answered are in time."""
    rows: list[tuple[object, ...]] = []
    half, nearly_all = Line("p50", []), Line("p99", [])
    for rate in RATES:
        replies = measured(service, content, rate, STEP_SECONDS)
        good = Replies(reply for reply in replies if reply.status == 200)
        rows.append((rate, answered(replies), *(good.share(percent) for percent in (50, 95, 99, 100))))
        half.points.append((rate, good.share(50)))
        nearly_all.points.append((rate, good.share(99)))
    yield Table("rates", ("calls/s", "answered", "p50 ms", "p95 ms", "p99 ms", "longest ms"), rows)
    plotted(
        PLOT,
        "Time of a call, ms",
        "calls a second, 1,000 entries, two workers on two cores",
        [half, nearly_all],
        goal=GOAL,
    )
