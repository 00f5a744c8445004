"""The server as it is shipped, over real connections."""

import json
import os
import pty
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest

from tests.hooks.messages import RULESETS, data, headache, nsaid_days, request
from tests.security.tokens import Issuer, clients_file
from tests.serve.processes import workers
from tests.serving import free_port, spawned

START = "from cds.serve import serve; from cds.settings import Settings; serve(Settings.from_environment())"
LIMIT = 50_000
SLOW_SECONDS = 3
PATIENCE = 60  # seconds, on a machine that has others to serve
RIGHT = json.dumps(request(prefetch=data(headache(), nsaid_days()))).encode()


STATE = tempfile.TemporaryDirectory()


def starting(port, stderr=subprocess.PIPE, **settings):
    usual = {"CDS_PORT": str(port), "CDS_RULESETS": str(RULESETS), "CDS_WORKERS": "1", "CDS_STATE": STATE.name}
    return spawned([sys.executable, "-c", START], usual | settings, stderr=stderr, text=True)


def stop(process):
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=PATIENCE)
    return process.returncode, errors


class Ready(NamedTuple):
    """``line``: what it said when it was."""

    port: int
    line: dict[str, Any]
    process: subprocess.Popen[str]


@contextmanager
def serving(**settings):
    port = free_port()
    with starting(port, CDS_LOG_LEVEL="error", **settings) as process:
        yield Ready(port, json.loads(process.stderr.readline()), process)


@pytest.fixture(scope="module")
def server():
    with serving(CDS_MAX_BODY_BYTES=str(LIMIT), CDS_BODY_SECONDS=str(SLOW_SECONDS)) as ready:
        yield ready
        assert 0 == stop(ready.process)[0]


@pytest.fixture(scope="module")
def port(server):
    return server.port


@pytest.fixture(scope="module")
def other():
    """One with the usual settings, which does no more than that it has to be there."""
    with serving() as ready:
        yield ready
        assert (0, "") == stop(ready.process)


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def received(connection):
    """The status and the body of one response. The server may keep the connection open a while after it."""
    answer = connection.makefile("rb")
    status = int(answer.readline().split()[1])
    length = 0
    while line := answer.readline().strip().lower():
        if line.startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return status, answer.read(length)


def head(path="/cds-services/pain", method="POST", *more):
    lines = (
        f"{method} {path} HTTP/1.1",
        "Host: a",
        "Connection: close",
        "Content-Type: application/json",
        *more,
        "",
        "",
    )
    return "\r\n".join(lines).encode()


def exchange(port, sent):
    with connect(port) as connection:
        connection.sendall(sent)
        return received(connection)


def post(port, body):
    return exchange(port, head("/cds-services/pain", "POST", f"Content-Length: {len(body)}") + body)


def chunked(body, size=1_000):
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    framed = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return head("/cds-services/pain", "POST", "Transfer-Encoding: chunked") + framed + b"0\r\n\r\n"


@pytest.mark.requirement("CH-083", "CH-042")
def test_a_call_is_answered(port):
    status, body = post(port, RIGHT)

    assert (200, ["warning"]) == (status, [card["indicator"] for card in json.loads(body)["cards"]])


def test_a_chunked_call_is_answered(port):
    assert 200 == exchange(port, chunked(RIGHT))[0]


@pytest.mark.requirement("CH-054")
@pytest.mark.parametrize(("size", "status"), [(LIMIT, 200), (LIMIT + 1, 413), (LIMIT * 4, 413)])
@pytest.mark.parametrize("framed", [False, True], ids=["length", "chunked"])
def test_a_body_over_the_limit_is_refused_and_never_cut(port, size, status, framed):
    body = RIGHT + b" " * (size - len(RIGHT))

    found, answer = exchange(port, chunked(body)) if framed else post(port, body)

    assert status == found
    assert status == 200 or json.loads(answer)["issue"][0]["code"] == "too-long"


@pytest.mark.parametrize("path", ["/%E2%82%AC", "/%FF", "/nope?q=€"])
def test_an_address_of_any_characters_is_answered(port, path):
    status, answer = exchange(port, head(path, "GET"))

    assert (404, "OperationOutcome") == (status, json.loads(answer)["resourceType"])


def test_a_body_announced_as_too_large_is_not_waited_for(port):
    began = time.monotonic()

    status, _ = exchange(port, head("/cds-services/pain", "POST", f"Content-Length: {LIMIT + 1}"))

    assert 413 == status
    assert time.monotonic() - began < SLOW_SECONDS


def test_half_a_body_is_not_taken_for_a_whole_one(port):
    with connect(port) as connection:
        connection.sendall(head("/cds-services/pain", "POST", f"Content-Length: {len(RIGHT) + 5}") + RIGHT)
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(5)
        answer = connection.recv(65_536)

    assert not answer.startswith(b"HTTP/1.1 200")


def test_a_body_has_to_arrive_in_time(port):
    with connect(port) as connection:
        connection.sendall(head("/cds-services/pain", "POST", "Content-Length: 1000") + b"{")
        status, answer = received(connection)

    assert (408, "timeout") == (status, json.loads(answer)["issue"][0]["code"])


@pytest.mark.parametrize("sent", [head()[:-20], head("/cds-services/pain", "POST", "Content-Length: 1000") + b"{"])
def test_slow_clients_keep_nobody_waiting(port, sent):
    slow = [connect(port) for _ in range(200)]
    for connection in slow:
        connection.sendall(sent)
    began = time.monotonic()
    answered = [post(port, RIGHT)[0] for _ in range(5)]
    took = time.monotonic() - began
    for connection in slow:
        connection.close()

    assert [200] * 5 == answered
    assert took < SLOW_SECONDS


def test_calls_at_the_same_time_are_all_answered(port):
    """Who finds no turn on a machine that is busy otherwise is told to come again in a second, and does."""

    def patient(_):
        until = time.monotonic() + PATIENCE
        while (status := post(port, RIGHT)[0]) == 503 and time.monotonic() < until:
            time.sleep(1)
        return status

    with ThreadPoolExecutor(16) as pool:
        assert [200] * 200 == list(pool.map(patient, range(200)))


@pytest.mark.requirement("CH-091")
def test_an_answer_comes_within_half_a_second(port):
    times = []
    for _ in range(100):
        began = time.monotonic()
        post(port, RIGHT)
        times.append(time.monotonic() - began)

    assert sorted(times)[94] < 0.5


@pytest.mark.requirement("CH-013")
def test_the_services_survive_a_restart(port, other):
    first, second = (exchange(each, head("/cds-services", "GET")) for each in (port, other.port))

    assert 200 == first[0]
    assert first == second


def test_a_worker_that_dies_is_replaced(server):
    assert 200 == post(server.port, RIGHT)[0]
    [worker] = workers(server.process.pid)
    os.kill(worker, signal.SIGKILL)

    assert 200 == answered_again(server.port)
    assert [worker] != workers(server.process.pid)


def answered_again(port):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            return post(port, RIGHT)[0]
        except (ConnectionRefusedError, ConnectionResetError, IndexError):
            time.sleep(0.05)
    return None


@pytest.mark.requirement("CH-154")
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "OPEN: anyone on this machine may call it; CDS_CLIENTS closes it"),
        (
            {"CDS_HOST": "0.0.0.0", "CDS_PUBLIC_URL": "http://cds.example.org"},
            "*** OPEN TO OTHERS: anyone who can reach http://cds.example.org may call it; CDS_CLIENTS closes it ***",
        ),
    ],
)
def test_an_open_service_says_so_at_the_terminal_where_it_is_started(settings, said):
    port = free_port()
    ours, its = pty.openpty()
    with starting(port, stderr=its, CDS_LOG_LEVEL="error", **settings) as process:
        os.close(its)
        with os.fdopen(ours, closefd=True) as terminal:
            lines = [terminal.readline().strip() for _ in range(4)]
            process.send_signal(signal.SIGTERM)
            assert 0 == process.wait(PATIENCE)

    url = settings.get("CDS_PUBLIC_URL", f"http://127.0.0.1:{port}")
    assert (f"Serving CDS Hooks at {url}/cds-services", said) == (lines[0], lines[2])
    assert lines[1].startswith("Try: ")
    assert lines[3].startswith("NOT FOR CLINICAL USE: ")


def told(line):
    return tuple(line[name] for name in ("event", "level", "open_to", "unreviewed"))


def test_whoever_collects_lines_is_told_the_same_in_one_of_them(other):
    """Also where errors alone are wanted."""
    assert f"http://127.0.0.1:{other.port}/cds-services" == other.line["address"]
    assert ("serving", "warning", "this machine", 1) == told(other.line)


def test_whoever_collects_lines_is_told_as_well_that_it_is_open_to_others():
    with serving(CDS_HOST="0.0.0.0", CDS_PUBLIC_URL="http://cds.example.org") as ready:
        assert (0, "") == stop(ready.process)

    assert ("serving", "warning", "anyone", 1) == told(ready.line)


def test_a_closed_service_is_open_to_its_clients(tmp_path):
    clients = clients_file(tmp_path, Issuer())
    with serving(CDS_CLIENTS=str(clients), CDS_PUBLIC_URL="http://127.0.0.1") as ready:
        assert (0, "") == stop(ready.process)

    assert "clients" == ready.line["open_to"]


def failure(**settings):
    with starting(free_port(), **settings) as process:
        _, errors = process.communicate(timeout=PATIENCE)
        return process.returncode, errors


def test_mistakes_in_the_clients_file_are_told(tmp_path):
    (tmp_path / "clients.yaml").write_text("clients: []\nclient: []\n")

    status, errors = failure(CDS_CLIENTS=str(tmp_path / "clients.yaml"), CDS_PUBLIC_URL="http://127.0.0.1")

    assert status != 0
    assert "clients.yaml:2: " in errors
