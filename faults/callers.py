"""Callers that come all at once, repeat themselves, or use a token twice (F21, F23, F24, L5)."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bench.arrivals import Call, Load, Replies, at_rate, get, post
from faults.observed import Fault, Observed, Size
from faults.site import FEEDBACK, SERVICE, SOON, degraded, folder, hook, names, on_postgres, postgres, service
from tests.hooks.messages import RULESETS, request
from tests.recorded import KEYS, arrived, overridden
from tests.security.tokens import Issuer, clients_file
from tests.web.closed import CALL, PAIN

COPIES = 50
LATE = 2_000.0  # milliseconds: the longest a call may take that is answered at all
SHED = 50.0  # milliseconds within which a call is refused for which there is no room
PUBLIC = "http://127.0.0.1:8080"
HOSPITAL = Issuer()
PER_MINUTE = 300  # calls that a client may make


def repeated(seen: Observed, _: Size) -> None:
    """The same feedback at once and again, about a card that nobody knows and one that is not recorded yet."""
    with on_postgres() as (running, _cluster, url):
        port = running.port
        same = post(port, FEEDBACK, overridden())
        told = at_rate(lambda: same, 5_000, COPIES / 5_000)
        told += at_rate(lambda: same, 20, 0.5)
        [shown] = at_rate(lambda: hook(port), 100, 0.01)
        card = json.loads(shown.body)["cards"][0]["uuid"]
        both = [overridden(card, f"2026-11-21T10:05:{second}Z") for second in (31, 32, 32)]
        told += [reply for each in both for reply in at_rate(partial(post, port, FEEDBACK, each), 100, 0.01)]
        found = arrived(url, [1, 3])
        time.sleep(1)  # for one too many to arrive
        found = arrived(url, [1, 3])
    seen.answered(Replies(told), 200)
    seen.tell(told=len(told), rows=found[1] if found else None)
    seen.expect(f"one row of feedback for each distinct event: three, and one decision, not {found}", found == [1, 3])


def partition(seen: Observed, _: Size) -> None:
    """A token that was used is not known to be used: refused, or accepted and told, as the setting says."""
    for replay, status in (("strict", 503), ("degraded", 200)):
        with folder() as place, postgres() as cluster:
            settings = closed(place) | {"DATABASE_URL": cluster.database(), **KEYS, "CDS_REPLAY": replay}
            with service(**settings) as running:
                before = at_rate(partial(signed, running.port), 20, 0.5)
                cluster.kill()
                seen.expect(f"{replay}: /readyz tells it", names(running.port, "database"))
                away = at_rate(partial(signed, running.port), 20, 1)
                alarm = degraded(running.port)
                cluster.start()
                back = _until(200, running.port)
            seen.answered(before, 200, of=f"{replay}, before")
            seen.answered(away, status, p99=LATE, of=f"{replay}, away")
            seen.expect(f"{replay}: /readyz has an alarm", "database" in alarm)
            seen.expect(f"{replay}: answered again when it is back", back)


def greedy(seen: Observed, size: Size) -> None:
    """One client calls ten times as often as it may; another as it should."""
    other = Issuer("https://practice.example.org")
    with folder() as place:
        settings = closed(place) | {"CDS_WORKERS": "1"}
        clients_file(place, HOSPITAL, other, per_minute=PER_MINUTE)
        with service(**settings) as running:
            rate = PER_MINUTE / 60
            with Load(lambda: signed(running.port), 10 * rate) as too_much:
                modest = at_rate(lambda: signed(running.port, other), rate, size.seconds)
    let_in, refused = (too_much.replies.statuses[status] for status in (200, 429))
    most = rate * too_much.now + rate * 10 + 1  # and what it may do at once
    seen.tell(asked=len(too_much.replies), let_in=let_in, refused=refused)
    seen.answered(too_much.replies, 200, 429, of="too often")
    seen.expect(f"no more than {most:.0f} of them are let in", let_in <= most)
    seen.expect("the rest is told 429", refused > 0)
    seen.answered(modest, 200, p99=SOON, of="the other client")


def _until(status: int, port: int, patience: float = 15) -> bool:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if set(at_rate(lambda: signed(port), 10, 0.4).statuses) == {status}:
            return True
    return False


def closed(place: Path) -> dict[str, str]:
    clients = clients_file(place, HOSPITAL)
    return {"CDS_CLIENTS": str(clients), "CDS_PUBLIC_URL": PUBLIC, "CDS_RULESETS": str(RULESETS)}


def signed(port: int, issuer: Issuer = HOSPITAL) -> Call:
    return post(port, PAIN, CALL, [f"Authorization: {issuer.bearer(audience=PUBLIC + PAIN)}"], kind=issuer.url)


def herd(seen: Observed, size: Size) -> None:
    """Charts opened in one second, far more than two workers can answer in it."""
    with service() as running:
        at_rate(lambda: hook(running.port), 20, 1)
        with Load(lambda: hook(running.port), size.herd, most=size.herd) as load:
            replies = load.wait()
        after = at_rate(lambda: hook(running.port), 20, 1)
    good, shed = (Replies(reply for reply in replies if reply.status == status) for status in (200, 503))
    seen.answered(replies, 200, 503)
    seen.tell(slowest_ms=round(replies.share(100)), answered=len(good), shed=len(shed))
    seen.within("the slowest answer", replies.share(100), LATE)
    seen.answered(after, 200, p99=SOON, of="afterwards")


def crowded(seen: Observed, _: Size) -> None:
    """Calls that wait for a FHIR server that never answers take all turns and all places in line."""
    with _silent() as server:
        settings = {"CDS_FHIR_SERVERS": server, "CDS_PRIVATE_NETWORKS": "127.0.0.0/8", "CDS_WORKERS": "1"}
        with service(**settings) as running:
            waiting = json.dumps(request(hook="patient-view") | {"fhirServer": server}).encode()
            with Load(lambda: post(running.port, SERVICE, waiting, kind="waiting"), 400, most=300) as load:
                time.sleep(0.4)
                alive = at_rate(lambda: get(running.port, "/healthz"), 20, 0.5)
                replies = load.wait()
    shed = Replies(reply for reply in replies if reply.status == 503)
    at_once = [reply for reply in shed if reply.seconds * 1e3 < SHED * seen.patience]
    seen.tell(
        answers=dict(replies.statuses), shed_p50_ms=round(shed.share(50), 1), at_once=f"{len(at_once)}/{len(shed)}"
    )
    seen.within("half of the refusals", shed.share(50), SHED)
    seen.within("the slowest answer", replies.share(100), LATE)
    seen.expect("nobody is told anything but 412 and 503", set(replies.statuses) == {412, 503})
    seen.answered(alive, 200, p99=SOON, of="/healthz meanwhile")


@contextmanager
def _silent() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0), backlog=1_000) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/fhir"


FAULTS = (
    Fault("F21", "feedback again and again", "200 to each, a row for each distinct event", repeated),
    Fault("F23", "no way to the database that knows used tokens", "strict 503, degraded 200; an alarm", partition),
    Fault("F24", "a herd of charts opened in a second", "no late answers; 503 for those beyond", herd),
    Fault("L4", "a client calls ten times as often as it may", "429 to it, nothing to others", greedy),
    Fault("L5", "no turn and no place in line is free", "503 within 50 ms; health answers", crowded),
)
