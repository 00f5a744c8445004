"""/metrics of a service with two workers: what it tells is what happened, and nobody who calls chooses a label."""

import http.client
import os
import signal
from collections.abc import Iterator
from functools import partial
from urllib.request import Request, urlopen

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain

from tests.hooks.messages import RULESETS
from tests.serve.load import callers
from tests.serve.processes import awaited, workers
from tests.serving import Running, free_port, started
from tests.web.closed import CALL, FEEDBACK, PAIN

MARKER = "Unverwechselbar"
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def service(port: int) -> Iterator[Running]:
    with started(CDS_RULESETS=str(RULESETS), CDS_WORKERS="2", CDS_METRICS_PORT=str(port)) as running:
        yield running


def page(port: int, accept: str = "") -> str:
    request = Request(f"http://127.0.0.1:{port}/metrics", headers={"Accept": accept})
    with urlopen(request, timeout=30) as response:
        return str(response.read().decode())


def samples(port: int) -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in plain(page(port))
        for sample in family.samples
    }


def total(port: int, name: str, **labels: str) -> float:
    return sum(
        value
        for (found, given), value in samples(port).items()
        if found == name and labels.items() <= dict(given).items()
    )


def sent(service: Running, method: str, path: str, body: bytes = b"", **headers: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
    connection.request(method, path, body, {"Content-Type": "application/json", **headers})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


def test_what_is_counted_is_what_was_answered_also_when_a_worker_is_killed(service, port):
    with callers(service.port) as heard:
        awaited(lambda: heard.calls > 50)
    first = heard.calls
    before = workers(service.process.pid)
    os.kill(before[0], signal.SIGKILL)
    awaited(lambda: len(now := workers(service.process.pid)) == 2 and before[0] not in now)
    with callers(service.port) as heard:
        awaited(lambda: heard.calls > 50)
    calls = first + heard.calls

    assert ([], {200}) == (heard.failures, set(heard.statuses))
    assert calls == total(port, "cds_hook_requests_total", service="pain", hook="patient-view", outcome="answered")
    route = {"route": "/cds-services/<service_id>", "status": "200"}
    assert calls == total(port, "http_server_request_duration_seconds_count", **route)
    assert calls == total(port, "cds_cards_total", indicator="warning")
    assert calls == total(port, "cds_rule_evaluations_total", rule="P-01.card", result="shown")
    awaited(lambda: total(port, "cds_worker_starts_total") == 3)
    assert 2 == awaited(partial(total, port, "cds_workers"))


def test_what_was_loaded_and_how_it_is_are_told(service, port):
    told = samples(port)

    assert 1 == told["cds_ruleset_info", (("ruleset", "pain"), ("version", "1.2.0"))]
    assert (1, 0) == (told["cds_ruleset_unreviewed", ()], told["cds_ruleset_reload_failed", ()])
    assert 0 == told["cds_degraded", (("part", "database"),)]
    service.process.send_signal(signal.SIGHUP)
    awaited(lambda: total(port, "cds_ruleset_reload_total", result="succeeded") == 1)


def test_nobody_who_calls_chooses_a_label(service, port):
    """(P1) Whatever a request says of methods, addresses, services, hooks, callers and patients."""

    def attack(number: int) -> None:
        odd = f"{MARKER}{number}"
        for method in ("GET", "DELETE", odd.upper()):
            sent(service, method, f"/{odd}?{odd}={odd}")
            sent(service, method, f"/cds-services/{odd}", CALL, **{"X-Request-ID": odd, "traceparent": odd})
            sent(service, method, f"/rulesets/{odd}")
        for body in (CALL.replace(b"patient-view", odd.encode()), CALL.replace(b'"1"', f'"{odd}"'.encode()), b"{"):
            sent(service, "POST", PAIN, body)
        sent(service, "POST", f"/cds-services/{odd}/feedback", b"{}")
        sent(service, "POST", FEEDBACK, b'{"feedback": [{"card": "%b"}]}' % odd.encode())

    attack(0)
    before = samples(port).keys()
    for number in range(1, 10):
        attack(number)

    assert before == samples(port).keys()
    assert MARKER.lower() not in page(port).lower()


def test_it_is_understood_in_both_formats(port):
    names = {family.name for family in plain(page(port))}

    assert {"cds_build_info", "cds_hook_requests", "http_server_request_duration_seconds"} <= names
    assert list(open_metrics(page(port, "application/openmetrics-text; version=1.0.0")))


def test_other_addresses_and_half_a_request_are_no_trouble(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/")
    assert 404 == connection.getresponse().status
    connection.close()
    slow = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    slow.connect()
    slow.sock.sendall(b"GET /metrics HTTP/1.1\r\n")

    assert page(port)
    slow.close()
