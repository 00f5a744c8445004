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


@pytest.fixture(scope="module")
def port():
    port = free_port()
    limits = {"CDS_MAX_BODY_BYTES": str(LIMIT), "CDS_BODY_SECONDS": str(SLOW_SECONDS)}
    with starting(port, CDS_LOG_LEVEL="error", **limits) as process:
        ready = json.loads(process.stderr.readline())
        assert ("serving", f"http://127.0.0.1:{port}/cds-services") == (ready["event"], ready["address"])
        yield port
        assert 0 == stop(process)[0]


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
    """Who finds no turn on a machine that is busy otherwise is told to come again, and does."""

    def patient(_):
        statuses = (post(port, RIGHT)[0] for _ in range(20))
        return next(status for status in statuses if status != 503)

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
def test_the_services_survive_a_restart(port):
    other = free_port()
    with starting(other) as process:
        process.stderr.readline()

        first, second = (exchange(each, head("/cds-services", "GET")) for each in (port, other))

        assert 0 == stop(process)[0]
    assert first == second


def failure(**settings):
    with starting(settings.pop("port", free_port()), **settings) as process:
        _, errors = process.communicate(timeout=PATIENCE)
        return process.returncode, errors


def test_a_port_that_is_taken_is_told(port):
    _, errors = failure(port=port)

    assert f"127.0.0.1:{port} cannot be used: Address already in use; set CDS_PORT" in errors


def test_an_address_that_is_not_of_this_machine_is_told():
    _, errors = failure(CDS_HOST="192.0.2.1")

    assert "192.0.2.1:" in errors
    assert errors.strip().endswith("set CDS_HOST")


def test_mistakes_in_the_rulesets_are_told(tmp_path):
    (tmp_path / "services.yaml").write_text("services:\n  - id: x\n")

    status, errors = failure(CDS_RULESETS=str(tmp_path))

    assert status != 0
    assert "services.yaml:2:" in errors


def test_a_worker_that_dies_is_replaced():
    port = free_port()
    with starting(port, CDS_LOG_LEVEL="error") as process:
        process.stderr.readline()
        assert 200 == post(port, RIGHT)[0]
        [worker] = workers(process.pid)
        os.kill(worker, signal.SIGKILL)

        assert 200 == answered_again(port)
        assert [worker] != workers(process.pid)


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


@pytest.mark.parametrize(
    ("settings", "who"),
    [({}, "this machine"), ({"CDS_HOST": "0.0.0.0", "CDS_PUBLIC_URL": "http://cds.example.org"}, "anyone")],
)
def test_whoever_collects_lines_is_told_the_same_in_one_of_them(settings, who):
    """Also where errors alone are wanted."""
    with starting(free_port(), CDS_LOG_LEVEL="error", **settings) as process:
        line = json.loads(process.stderr.readline())
        status, rest = stop(process)

    assert (0, "") == (status, rest)
    assert ("serving", "warning", who, 1) == (line["event"], line["level"], line["open_to"], line["unreviewed"])


def test_a_closed_service_is_open_to_its_clients(tmp_path):
    clients = clients_file(tmp_path, Issuer())
    closed = {"CDS_CLIENTS": str(clients), "CDS_PUBLIC_URL": "http://127.0.0.1"}
    with starting(free_port(), CDS_LOG_LEVEL="error", **closed) as process:
        line = json.loads(process.stderr.readline())
        status, rest = stop(process)

    assert (0, "", "clients") == (status, rest, line["open_to"])


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('{"clients": [{"name": "a", "issuer": "https://a.example.org"}]}', "clients.yaml:1: "),
        ("clients: []\nclient: []\n", "clients.yaml:2: "),
    ],
)
def test_mistakes_in_the_clients_file_are_told(tmp_path, written, said):
    (tmp_path / "clients.yaml").write_text(written)

    status, errors = failure(CDS_CLIENTS=str(tmp_path / "clients.yaml"), CDS_PUBLIC_URL="http://127.0.0.1")

    assert status != 0
    assert said in errors
