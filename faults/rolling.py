"""The service as Compose runs it, two instances behind nginx, restarted one by one under load (F28): no call fails."""

from __future__ import annotations

import shutil
import time
from contextlib import ExitStack

from bench.arrivals import Load, post
from faults.observed import Fault, LeftOut, Observed, Size
from faults.site import folder, service
from tests.deployment.nginx import in_front_of
from tests.hooks.messages import RULESETS
from tests.serving import free_port
from tests.web.closed import CALL, PAIN

RATE = 40.0  # calls a second of the small ruleset: what one instance answers by itself
SEEN = 2.0  # seconds after which the proxy asks one again that was away


def restarted(seen: Observed, size: Size) -> None:
    if not shutil.which("nginx"):
        raise LeftOut("nginx is not installed")
    front, *ports = (free_port() for _ in range(3))
    with folder() as place, ExitStack() as stack:
        settings = {
            "DATABASE_URL": f"sqlite:///{place}/shared.sqlite",
            "CDS_RULESETS": str(RULESETS),
            "CDS_PUBLIC_URL": f"https://localhost:{front}",
            "CDS_PROXIES": "127.0.0.0/8",
        }
        instances = [stack.enter_context(ExitStack()) for _ in ports]

        def begin(number: int) -> None:
            port = str(ports[number])
            instances[number].enter_context(service(**settings, CDS_PORT=port, CDS_STATE=f"{place}/{port}"))

        for number in range(2):
            begin(number)
        proxy = stack.enter_context(in_front_of((ports[0], ports[1]), front, place))
        rounds = 0
        with Load(lambda: post(front, PAIN, CALL), RATE, trust=proxy.trust) as load:
            while rounds == 0 or len(load.replies) < size.soak / 5:
                for number, instance in enumerate(instances):
                    instance.close()
                    begin(number)
                    time.sleep(SEEN)
                rounds += 1
    seen.tell(restarts=2 * rounds)
    seen.answered(load.replies, 200)
    seen.expect("no call is told 503", not load.replies.statuses[503])


FAULTS = (Fault("F28", "two instances behind the proxy are restarted one by one", "no call fails", restarted),)
