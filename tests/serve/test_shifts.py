"""Reloads, deaths and ends of the processes that make up a service: nobody who calls meanwhile may notice."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from cds.security.signing import signature
from tests.hooks.messages import RULESETS
from tests.serve.load import callers
from tests.serve.processes import accepts, awaited, children, is_there, niceness, resident, workers
from tests.serving import COMMAND, ROOT, Running, environment, free_port, started
from tests.web.closed import CALL, PAIN

RELOADS = 12
PATIENCE = 30


@pytest.fixture(scope="module")
def rulesets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(RULESETS, tmp_path_factory.mktemp("reloads") / "rulesets"))


@pytest.fixture(scope="module")
def service(rulesets: Path) -> Iterator[Running]:
    with started(CDS_RULESETS=str(rulesets), CDS_WORKERS="2", CDS_LOG_LEVEL="info") as running:
        yield running


def is_whole(service: Running, without: int = 0) -> bool:
    """Whether it has one shift with two workers, and none of them is that one."""
    return (
        len(children(service.process.pid)) == 1 and len(now := workers(service.process.pid)) == 2 and without not in now
    )


def ready(service: Running) -> tuple[int, dict[str, Any]]:
    try:
        with urlopen(f"{service.base}/readyz", timeout=PATIENCE) as response:
            return response.status, json.load(response)
    except HTTPError as refusal:
        return refusal.code, json.load(refusal)


def version(service: Running) -> str:
    return str(ready(service)[1]["rulesets"]["pain"])


def serves(service: Running, wanted: str) -> bool:
    return version(service) == wanted


def set_version(rulesets: Path, wanted: str) -> None:
    path = rulesets / "demo" / "pain" / "ruleset.yaml"
    path.write_text(re.sub(r"(?m)^version: .*$", f"version: {wanted}", path.read_text(), count=1))


def logged(service: Running, event: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in service.log.read_text().splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == event]


def has_reloaded(service: Running, times: int) -> bool:
    return len(logged(service, "rulesets are reloaded")) == times


def told(state: Path) -> dict[str, set[str]]:
    """By the fingerprint of the rulesets: the versions of the rules whose cards were shown."""
    query = "SELECT knowledge, version FROM decisions JOIN card_rules ON card_rules.decision = decisions.id"
    found: dict[str, set[str]] = {}
    with closing(sqlite3.connect(state / "cds.sqlite")) as connection:
        for fingerprint, version in connection.execute(query):
            found.setdefault(fingerprint, set()).add(version)
    return found


def test_reloads_under_load_fail_no_call_and_leave_no_memory_behind(service, rulesets):
    """(F19)"""
    sizes = []
    with callers(service.port) as heard:
        for number in range(RELOADS):
            set_version(rulesets, f"2.{number}.0")
            service.process.send_signal(signal.SIGHUP)
            awaited(partial(serves, service, f"2.{number}.0"))
            sizes.append(resident(service.process.pid))
        awaited(lambda: len(children(service.process.pid)) == 1)

    assert ([], {200}) == (heard.failures, set(heard.statuses))
    assert heard.calls > RELOADS
    assert max(sizes[5:]) - sizes[4] < 1_000  # kB
    assert RELOADS == len(logged(service, "a reload begins")) == len(logged(service, "rulesets are reloaded"))
    assert all(len(versions) == 1 for versions in told(service.state).values())


def test_what_is_loaded_anew_leaves_the_processor_to_calls_and_its_workers_answer_as_fast_as_those_before(service):
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    before = workers(service.process.pid)
    service.process.send_signal(signal.SIGHUP)

    assert awaited(lambda: [n for shift in children(service.process.pid) for n in niceness(shift) if n > usual])
    awaited(lambda: is_whole(service) and not set(before) & set(workers(service.process.pid)))
    assert {usual} == set().union(*map(niceness, workers(service.process.pid)))


FORBIDDEN = """
import ctypes, platform, struct
from cds.serve.shift import _unhurried
number = {"x86_64": 141, "aarch64": 140}[platform.machine()]  # setpriority
steps = ((0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x0005_0001), (0x06, 0, 0, 0x7FFF_0000))
code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
program = ctypes.create_string_buffer(struct.pack("HP", len(steps), ctypes.addressof(code)))
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == libc.prctl(22, 2, program) == 0
print(_unhurried(lambda: "loaded"))
"""


def test_where_priorities_may_not_be_changed_rulesets_are_loaded_all_the_same():
    tried = subprocess.run([sys.executable, "-c", FORBIDDEN], capture_output=True, text=True, check=False, cwd=ROOT)

    assert ("loaded\n", "") == (tried.stdout, tried.stderr)


@pytest.mark.parametrize(
    "broken",
    [
        lambda rulesets: (rulesets / "demo" / "pain" / "ruleset.yaml").write_text("ruleset: pain\nversion: [\n"),
        lambda rulesets: set_version(rulesets, "new"),
        shutil.rmtree,
    ],
    ids=["half a file", "a mistake", "no folder"],
)
def test_rulesets_that_are_broken_leave_those_of_before_in_place(service, rulesets, broken, tmp_path):
    """(F18)"""
    kept = shutil.copytree(rulesets, tmp_path / "kept")
    before = version(service)
    failed = partial(logged, service, "the reload failed; the rulesets of before are served")
    earlier = len(failed())
    broken(rulesets)
    with callers(service.port) as heard:
        service.process.send_signal(signal.SIGHUP)
        awaited(lambda: len(failed()) > earlier)
        status, degraded = ready(service)

    assert ([], {200}) == (heard.failures, set(heard.statuses))
    assert (200, "degraded", before) == (status, degraded["status"], degraded["rulesets"]["pain"])
    assert degraded["degraded"]["reload"].endswith("; the rulesets of before are served")
    assert "rulesets" in failed()[-1]["problem"]

    shutil.copytree(kept, rulesets, dirs_exist_ok=True)
    service.process.send_signal(signal.SIGHUP)
    awaited(lambda: "degraded" not in ready(service)[1])


def test_workers_that_die_again_and_again_do_not_end_the_service(service):
    """(F15) Two deaths within seconds, as of a request that crashes the engine and is sent again."""
    awaited(partial(is_whole, service))
    for _ in range(4):
        before = workers(service.process.pid)
        os.kill(before[0], signal.SIGKILL)
        awaited(partial(is_whole, service, without=before[0]))
    with callers(service.port) as heard:
        awaited(lambda: heard.calls > 20)

    assert (None, [], {200}) == (service.process.poll(), heard.failures, set(heard.statuses))
    assert 4 == len(logged(service, "a worker died"))


def test_a_shift_that_is_killed_is_replaced_and_its_workers_end(service):
    awaited(partial(is_whole, service))
    [shift] = children(service.process.pid)
    orphans = children(shift)
    os.kill(shift, signal.SIGKILL)
    awaited(lambda: [shift] != children(service.process.pid) and is_whole(service))
    awaited(lambda: not any(map(is_there, orphans)))

    assert 200 == ready(service)[0]
    assert -signal.SIGKILL == logged(service, "the shift on duty ended by itself")[0]["exit_code"]


def test_a_shift_that_ends_while_the_files_are_broken_is_replaced_when_they_are_right_again(
    service, rulesets, tmp_path
):
    awaited(partial(is_whole, service))
    kept = shutil.move(rulesets, tmp_path / "kept")
    [shift] = children(service.process.pid)
    os.kill(shift, signal.SIGKILL)
    tried = partial(logged, service, "no shift is on duty; another is tried")
    awaited(lambda: len(tried()) > 1)
    shutil.move(kept, rulesets)
    awaited(partial(is_whole, service))

    assert 200 == ready(service)[0]
    assert {f"{rulesets} is not a folder of rulesets"} == {line["problem"] for line in tried()}


def counts(worker: int) -> set[Path]:
    """The folders in which a worker leaves what it counts."""
    maps = Path(f"/proc/{worker}/maps").read_text()
    return {Path(found) for found in re.findall(r"\S*/cds-metrics-\w+", maps)}


def test_a_worker_that_has_grown_too_large_is_replaced_and_nothing_outlives_the_service(rulesets):
    """(F16) The limit is one that every worker is above. At the end the service cannot tell anybody that it ends."""
    settings = {"CDS_WORKER_MEGABYTES": "50", "CDS_METRICS_PORT": str(free_port())}
    with started(CDS_RULESETS=str(rulesets), CDS_LOG_LEVEL="info", **settings) as service:
        large, *_ = workers(service.process.pid)
        folders = counts(large)
        with callers(service.port) as heard:
            awaited(lambda: not is_there(large))
        others = [*children(service.process.pid), *workers(service.process.pid)]
        service.process.kill()
        service.process.wait()
        awaited(lambda: not any(map(is_there, others)))

        assert (1, []) == (len(folders), [folder for folder in folders if folder.exists()])
        assert ([], {200}) == (heard.failures, set(heard.statuses))
        assert logged(service, "a worker has grown too large")


def test_a_service_that_is_told_to_stop_says_so_first_and_ends_at_once_when_told_twice(rulesets):
    """(F17)"""
    with started(CDS_RULESETS=str(rulesets), CDS_STOP_DELAY="60") as service:
        others = [*children(service.process.pid), *workers(service.process.pid)]
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=PATIENCE)
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        service.process.terminate()
        awaited(lambda: ready(service)[0] == 503)
        connection.request("POST", PAIN, CALL, {"Content-Type": "application/json"})
        answered = connection.getresponse()
        answered.read()

        assert (200, "close") == (answered.status, answered.headers["Connection"])
        assert "stopping" == ready(service)[1]["status"]
        began = time.monotonic()
        service.process.terminate()
        assert 0 == service.process.wait(PATIENCE)
        assert time.monotonic() - began < 10
    awaited(lambda: not any(map(is_there, others)))  # killed as they are, they may still be on their way out


@contextmanager
def half_a_call(port: int) -> Iterator[None]:
    """A worker has it: it has said that it waits for the body."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        head = f"POST {PAIN} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
        connection.sendall(f"{head}Content-Length: {len(CALL)}\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(CALL[:10])
        yield


def test_a_stop_is_heeded_also_while_a_reload_waits_for_the_shifts_of_before():
    """Three that were relieved have a call under way; a fourth beside the one on duty would take too much memory."""
    settings = {"CDS_LOG_LEVEL": "info", "CDS_STOP_DELAY": "60", "CDS_BODY_SECONDS": "60"}
    with ExitStack() as calls, started(CDS_RULESETS=str(RULESETS), **settings) as service:
        for number in range(1, 4):
            awaited(lambda: sum(accepts(worker, service.port) for worker in workers(service.process.pid)) == 1)
            calls.enter_context(half_a_call(service.port))
            service.process.send_signal(signal.SIGHUP)
            awaited(partial(has_reloaded, service, number))
        service.process.send_signal(signal.SIGHUP)
        time.sleep(0.2)
        began = time.monotonic()
        service.process.terminate()
        awaited(lambda: ready(service)[0] == 503)

        assert time.monotonic() - began < 10
        assert 4 == len(children(service.process.pid))
        service.process.terminate()
        assert 0 == service.process.wait(PATIENCE)


@pytest.mark.parametrize(
    ("settings", "exit_code", "words"),
    [
        ({}, 3, "broken/services.yaml:2: "),
        ({"CDS_RULESETS": "nowhere"}, 2, "nowhere is not a folder of rulesets"),
        ({"DATABASE_URL": "sqlite:///", "CDS_RULESETS": str(RULESETS)}, 2, "DATABASE_URL names no file"),
    ],
)
def test_a_service_that_cannot_start_says_why_and_by_its_exit_code_what_kind_of_mistake_it_is(
    settings, exit_code, words, tmp_path
):
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "services.yaml").write_text("services:\n  - id: x\n")
    usual = {"CDS_RULESETS": str(tmp_path / "broken"), "CDS_PORT": str(free_port()), "CDS_STATE": str(tmp_path)}
    keys = {"CDS_PSEUDONYM_KEY": "p" * 32, "CDS_RECORD_KEYS": "k" * 32}
    found = subprocess.run(
        [COMMAND, "serve"],
        cwd=ROOT,
        env=environment() | usual | keys | settings,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    line = json.loads(found.stderr)  # one of the log's, and no trace
    told = found.returncode, line["exit_code"], line["event"], line["level"]
    assert (exit_code, exit_code, "the service did not start", "error") == told
    assert line["problem"].startswith(words)


def test_an_address_that_another_service_has_is_not_shared_with_it(service):
    """Although each has several sockets there, which the system would let be shared."""
    taken = {"CDS_PORT": str(service.port), "CDS_RULESETS": str(RULESETS), "CDS_WORKERS": "2"}
    found = subprocess.run(
        [COMMAND, "serve"], cwd=ROOT, env=environment() | taken, capture_output=True, text=True, timeout=60, check=False
    )

    assert 2 == found.returncode
    assert f"127.0.0.1:{service.port} cannot be used: Address already in use; set CDS_PORT" in found.stderr


def test_rulesets_that_are_not_as_they_were_signed_are_neither_started_nor_reloaded_with(tmp_path):
    folder = Path(shutil.copytree(RULESETS, tmp_path / "rulesets"))
    signing = Ed25519PrivateKey.generate()
    private = signing.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key = tmp_path / "public.pem"
    key.write_bytes(signing.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (tmp_path / "tmp").mkdir()
    settings = {
        "CDS_RULESETS": str(folder),
        "CDS_RULESETS_KEY": str(key),
        "CDS_LOG_LEVEL": "info",
        "TMPDIR": str(tmp_path / "tmp"),
    }
    with pytest.raises(RuntimeError, match=r"signature\.jws:1: there is no such file"), started(**settings):
        pass
    (folder / "signature.jws").write_bytes(signature(folder, private, datetime.now(UTC))[0])

    with started(**settings) as service:
        before = version(service)
        set_version(folder, "9.9.9")
        service.process.send_signal(signal.SIGHUP)
        (line,) = awaited(lambda: logged(service, "the reload failed; the rulesets of before are served"))
        assert "rulesets/demo/pain/ruleset.yaml:1: is not as it was signed" == line["problem"]
        assert (200, before, True) == (ready(service)[0], version(service), "reload" in ready(service)[1]["degraded"])
        with urlopen(f"{service.base}/rulesets/pain", timeout=PATIENCE) as page:
            assert before in page.read().decode()

        (folder / "signature.jws").write_bytes(signature(folder, private, datetime.now(UTC))[0])
        service.process.send_signal(signal.SIGHUP)
        awaited(partial(serves, service, "9.9.9"))
        awaited(lambda: len(children(service.process.pid)) == 1)
        assert 1 == len([each for each in (tmp_path / "tmp").iterdir() if each.name.startswith("cds-rulesets-")])
    assert [] == [each for each in (tmp_path / "tmp").iterdir() if each.name.startswith("cds-rulesets-")]
