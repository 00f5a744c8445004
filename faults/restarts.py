"""Replicas that are restarted one after another, under load (F17): no call fails."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import ExitStack
from itertools import count
from threading import Event, Thread

from bench.arrivals import Call, Load, post
from faults.observed import Fault, Observed, Size
from faults.site import folder, got, service
from tests.hooks.messages import RULESETS
from tests.serving import free_port
from tests.web.closed import CALL, PAIN

RATE = 200.0  # calls a second of the small ruleset


def restarted(seen: Observed, size: Size) -> None:
    """Three replicas, one after another, behind a balancer that asks each whether it is ready."""
    ports = [free_port() for _ in range(3)]
    with folder() as place, ExitStack() as stack:
        url = f"sqlite:///{place}/shared.sqlite"
        settings = {"DATABASE_URL": url, "CDS_RULESETS": str(RULESETS), "CDS_STOP_DELAY": "2", "CDS_WORKERS": "1"}
        replicas = {port: stack.enter_context(ExitStack()) for port in ports}

        def begin(port: int) -> None:
            replicas[port].enter_context(service(**settings, CDS_PORT=str(port), CDS_STATE=f"{place}/{port}"))

        for port in ports:
            begin(port)
        rounds = 0
        with Balancer(ports) as balancer, Load(balancer.call, RATE) as load:
            while rounds == 0 or len(load.replies) < size.soak / 5:
                for port, replica in replicas.items():
                    replica.close()
                    begin(port)
                    time.sleep(1)
                rounds += 1
    seen.tell(restarts=3 * rounds, of_each=[balancer.sent[port] for port in ports])
    seen.answered(load.replies, 200, p99=500)


class Balancer:
    """Sends in turns to those who said that they are ready when they were last asked, as an orchestrator would."""

    EVERY = 0.5  # seconds

    def __init__(self, ports: list[int]) -> None:
        self._ports = ports
        self._ready = list(ports)
        self._turn = count()
        self.sent: Counter[int] = Counter()
        self._enough = Event()
        self._thread = Thread(target=self._watch)

    def __enter__(self) -> Balancer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join()

    def call(self) -> Call:
        port = self._ready[next(self._turn) % len(self._ready)]
        self.sent[port] += 1
        return post(port, PAIN, CALL)

    def _watch(self) -> None:
        while not self._enough.wait(self.EVERY):
            self._ready = [port for port in self._ports if _says_ready(port)] or self._ready


def _says_ready(port: int) -> bool:
    try:
        return got(port, "/readyz", seconds=1)[0] == 200
    except OSError:
        return False


FAULTS = (Fault("F17", "three replicas are restarted one by one", "no call fails", restarted),)
