"""The service as a user runs it: `cds serve`, a process of its own on a free port, with a state folder of its own."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
COMMAND = Path(sys.executable).with_name("cds")
_PATIENCE = 60  # seconds until a slow machine has loaded the rulesets


class Running(NamedTuple):
    """A service that accepts calls. ``log``: what it writes to standard error, also after it has ended."""

    base: str
    port: int
    process: subprocess.Popen[bytes]
    state: Path
    log: Path


@contextmanager
def running(**settings: str) -> Iterator[str]:
    """Yields the address of the service, run with these settings beside the usual ones. It stops with the block."""
    with started(**settings) as service:
        yield service.base


@contextmanager
def started(**settings: str) -> Iterator[Running]:
    """As ``running``, for who needs more than its address."""
    with tempfile.TemporaryDirectory() as folder:
        port = int(settings.get("CDS_PORT") or free_port())
        base = f"{'https' if 'CDS_TLS_CERTIFICATE' in settings else 'http'}://127.0.0.1:{port}"
        usual = {
            "CDS_PORT": str(port),
            "CDS_PUBLIC_URL": base,
            "CDS_TIME_ZONE": "UTC",
            "CDS_WORKERS": "1",
            "CDS_LOG_LEVEL": "error",
            "CDS_STATE": f"{folder}/var",
        }
        wanted = usual | settings
        log = Path(folder, "log")
        with (
            log.open("wb") as errors,
            spawned([COMMAND, "serve"], wanted, stdout=subprocess.DEVNULL, stderr=errors) as process,
        ):
            _await(log, process)
            yield Running(base, port, process, Path(wanted["CDS_STATE"]), log)


@contextmanager
def spawned(
    command: Sequence[str | Path], settings: Mapping[str, str], **pipes: Any
) -> Iterator[subprocess.Popen[Any]]:
    """A process with a group of its own. It is told to stop when the block ends, and none of its group is left."""
    wanted = {**environment(), **settings}
    with subprocess.Popen(command, cwd=ROOT, env=wanted, start_new_session=True, **pipes) as process:
        try:
            yield process
            process.terminate()
            process.wait(timeout=_PATIENCE)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def environment() -> dict[str, str]:
    """Of this process, without what would be a setting."""
    settings = ("HOST", "PORT", "DATABASE_URL", "DATABASE_URL_FILE")
    return {
        name: value
        for name, value in os.environ.items()
        if name not in settings and not name.startswith(("CDS_", "OTEL_"))
    }


def free_port() -> int:
    """A port at which nobody listens. It stays bound until this process ends: the system gives it to nobody else, such
    as to another test before the service is there, and lets whoever asks for it by name listen there all the same.
    """
    kept = socket.socket()
    kept.bind(("127.0.0.1", 0))
    for shared in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
        kept.setsockopt(socket.SOL_SOCKET, shared, 1)
    port = int(kept.getsockname()[1])
    kept.detach()
    return port


def _await(log: Path, process: subprocess.Popen[bytes]) -> None:
    """A service says itself when it accepts calls."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        if b'"event":"serving"' in log.read_bytes():
            return
        time.sleep(0.05)
    raise RuntimeError(f"the service did not start: {log.read_text()}")
