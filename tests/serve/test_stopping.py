"""A service that is told to stop loses no call that has reached it."""

import http.client
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.hooks.messages import RULESETS
from tests.serve.load import BUSY
from tests.serving import started
from tests.web.closed import CALL, PAIN

PATIENCE = 30
BROKEN_OFF = 0  # in place of a status


@pytest.mark.parametrize("workers", ["1", "2"])
def test_every_connection_that_is_made_while_the_service_stops_is_answered(workers):
    """(F17) Others are refused, which costs nobody a call: nothing was sent, and a proxy goes to another instance."""
    with started(CDS_RULESETS=str(RULESETS), CDS_WORKERS=workers) as service, ThreadPoolExecutor(4) as threads:
        callers = [threads.submit(calling_until_refused, service.port) for _ in range(4)]
        time.sleep(1)
        service.process.terminate()
        statuses = [status for caller in callers for status in caller.result()]

        assert {200} == {*statuses} - {BUSY}
        assert 0 == service.process.wait(PATIENCE)


def calling_until_refused(port: int) -> list[int]:
    """Each call has a connection of its own, and is sent as soon as that is made."""
    statuses: list[int] = []
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            connection.connect()
        except ConnectionRefusedError:
            return statuses
        try:
            connection.request("POST", PAIN, CALL, {"Content-Type": "application/json"})
            statuses.append(connection.getresponse().status)
        except (OSError, http.client.HTTPException):
            statuses.append(BROKEN_OFF)
        connection.close()
