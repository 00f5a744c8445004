"""The service as a user runs it: `cds serve`, a process of its own on a free port."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).parents[1]
COMMAND = Path(sys.executable).with_name("cds")
_PATIENCE = 60  # seconds until a slow machine has loaded the rulesets


@contextmanager
def running(**settings: str) -> Iterator[str]:
    """Yields the address of the service, run with these settings beside the usual ones. It stops with the block."""
    port = _free_port()
    usual = {"CDS_PORT": str(port), "CDS_TIME_ZONE": "UTC", "CDS_WORKERS": "1", "CDS_LOG_LEVEL": "error"}
    inherited = {name: value for name, value in os.environ.items() if name not in ("HOST", "PORT")}
    environment = inherited | usual | settings
    process = subprocess.Popen([COMMAND, "serve"], cwd=ROOT, env=environment, stderr=subprocess.PIPE)
    try:
        base = f"http://127.0.0.1:{port}"
        _await(base, process)
        yield base
    finally:
        process.terminate()
        process.communicate(timeout=_PATIENCE)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(base: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"{base}/cds-services", timeout=5):
                return
        except URLError:
            time.sleep(0.1)
    raise RuntimeError("the service did not start")
