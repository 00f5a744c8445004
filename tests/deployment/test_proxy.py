"""docker/nginx.conf, run by nginx in front of the service: TLS, complete bodies, and nothing of them written down."""

import json
import re
import shutil
import socket
import time
from contextlib import closing
from http.client import HTTPSConnection
from pathlib import Path

import pytest

from tests.deployment.nginx import in_front_of
from tests.hooks.messages import RULESETS, data, request, thunderclap
from tests.serving import ROOT, free_port, started

LIMIT = 5_000_000
NOBODY = (9, 9)
CALL = "/cds-services/pain"
BODY = json.dumps(request(prefetch=data(thunderclap()))).encode()
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def proxy(tmp_path_factory):
    port = free_port()
    settings = {
        "CDS_PUBLIC_URL": f"https://localhost:{port}",
        "CDS_PROXIES": "127.0.0.0/8",
        "CDS_RULESETS": str(RULESETS),
    }
    with (
        started(**settings) as service,
        in_front_of(
            (service.port, service.port), port, tmp_path_factory.mktemp("nginx"), client_body_timeout="1s"
        ) as running,
    ):
        yield running


def asked(proxy, method="POST", path=CALL, body=BODY, **headers):
    with closing(HTTPSConnection("localhost", proxy.port, timeout=30, context=proxy.trust)) as connection:
        connection.request(method, path, body if method == "POST" else None, JSON | headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


def test_a_call_is_answered_with_its_card(proxy):
    status, headers, text = asked(proxy)

    assert (200, "critical") == (status, json.loads(text)["cards"][0]["indicator"])
    assert headers["Server"] in (None, "nginx")


@pytest.mark.parametrize(
    ("asking", "expected"),
    [({}, 200), ({"path": "/nowhere"}, 404), ({"body": b" " * (LIMIT + 1)}, 413)],
    ids=["answered", "refused by the service", "refused by the proxy"],
)
def test_every_answer_says_once_that_tls_is_wanted(proxy, asking, expected):
    """(RFC 6797, 7.1)"""
    status, headers, _ = asked(proxy, **asking)

    assert (expected, ["max-age=31536000"]) == (status, headers.get_all("Strict-Transport-Security"))


@pytest.mark.parametrize("said", ["http", "HTTPS", "https, http"])
def test_what_a_client_says_of_the_scheme_is_replaced(proxy, said):
    assert 200 == asked(proxy, **{"X-Forwarded-Proto": said})[0]


def test_the_name_of_a_request_goes_there_and_back(proxy):
    assert "general-hospital-0017" == asked(proxy, **{"X-Request-ID": "general-hospital-0017"})[1]["X-Request-ID"]
    assert proxy.logs(after='"request_id":"general-hospital-0017"')


@pytest.mark.parametrize(("size", "expected"), [(LIMIT, 200), (LIMIT + 1, 413)])
def test_the_largest_body_is_taken_and_one_byte_more_is_not(proxy, size, expected):
    status, headers, text = asked(proxy, body=BODY + b" " * (size - len(BODY)))

    assert expected == status
    if expected == 413:
        assert ("application/fhir+json", "too-long") == (headers["Content-Type"], json.loads(text)["issue"][0]["code"])


def pieces(proxy, pause, count=4):
    """A connection over which a call comes in pieces, and what is answered; nothing when it is cut off."""
    raw = socket.create_connection(("localhost", proxy.port), timeout=30)
    with proxy.trust.wrap_socket(raw, server_hostname="localhost") as connection:
        head = f"POST {CALL} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Content-Length: {len(BODY)}\r\n\r\n".encode())
        size = len(BODY) // count + 1
        try:
            for start in range(0, len(BODY), size):
                connection.sendall(BODY[start : start + size])
                time.sleep(pause)
            return connection.recv(15)
        except OSError:
            return b""


def test_a_body_that_comes_slowly_is_waited_for(proxy):
    assert b"HTTP/1.1 200 OK" == pieces(proxy, pause=0.2)


def test_a_body_that_stops_coming_is_not(proxy):
    assert pieces(proxy, pause=1.5) in (b"", b"HTTP/1.1 408 Re")


def test_half_a_body_never_reaches_the_service(proxy, tmp_path):
    """Nobody listens where the service should be, and nobody is missed until the body is there."""
    with in_front_of(NOBODY, free_port(), tmp_path, client_body_timeout="1s") as alone:
        assert pieces(alone, pause=1.5) in (b"", b"HTTP/1.1 408 Re")
        assert alone.logs(after='"answered_by_service":""')


def test_a_service_that_is_away_is_told_as_the_service_tells_it(proxy, tmp_path):
    with in_front_of(NOBODY, free_port(), tmp_path) as alone:
        status, headers, text = asked(alone)

    assert (503, "5", "application/fhir+json") == (status, headers["Retry-After"], headers["Content-Type"])
    assert "transient" == json.loads(text)["issue"][0]["code"]
    assert ["max-age=31536000"] == headers.get_all("Strict-Transport-Security")


def test_neither_tokens_nor_patients_are_written_down(proxy, tmp_path):
    asked(proxy, path=f"{CALL}?patient=MARKER", Authorization="Bearer MARKER", Cookie="MARKER")
    asked(proxy, body=b'{"MARKER": 1}' + b" " * LIMIT, **{"X-Anything": "MARKER"})
    asked(proxy, path="/fhir/Patient/MARKER", **{"X-Request-ID": "MARKER, born in 1950"})
    with in_front_of(NOBODY, free_port(), tmp_path) as alone:
        asked(alone, path=f"{CALL}?patient=MARKER", Authorization="Bearer MARKER")
        written = alone.logs(after=f'"path":"{CALL}"')

    assert "MARKER" not in written + proxy.logs(after='"path":"elsewhere"')


def test_nothing_is_taken_in_the_clear(proxy):
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=30) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")

        assert re.match(rb"HTTP/1.1 400 ", connection.recv(100))


def test_the_file_is_the_one_that_compose_mounts():
    assert "./nginx.conf:/etc/nginx/cds.conf:ro" in Path(ROOT, "docker", "compose.yaml").read_text("utf-8")


def test_what_goes_wrong_inside_the_proxy_does_not_tell_of_the_call_either(tmp_path):
    """As when its folder of bodies is full: here it is gone."""
    with in_front_of(NOBODY, free_port(), tmp_path) as alone:
        shutil.rmtree(tmp_path / "body")
        assert 500 == asked(alone, path=f"{CALL}?MARKER", body=b"x" * 1_000_000)[0]
        written = alone.logs(after=f'"path":"{CALL}"')

    assert "MARKER" not in written
