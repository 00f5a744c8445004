"""A worker process as far as the journal goes: `python -m tests.store.worker STATE URL NAME COUNT`.

It prints "written" when COUNT decisions are in the spool, and ends in order when its input is closed.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from cds.settings import Settings
from cds.store import Journal
from tests.store.entries import KEYS, numbered

ROOT = Path(__file__).parents[2]


@contextmanager
def worker(settings: Settings, name: str, count: int) -> Iterator[subprocess.Popen[str]]:
    """It is killed at the end of the block, if it is there still."""
    command = [sys.executable, "-m", "tests.store.worker", settings.state, settings.database_url, name, str(count)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, cwd=ROOT, text=True, **pipes)  # type: ignore[call-overload]
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def written(process: subprocess.Popen[str]) -> bool:
    """Waits until it has written everything."""
    assert process.stdout
    return process.stdout.readline() == "written\n"


def finish(process: subprocess.Popen[str]) -> int:
    """Lets it end in order. Returns its exit code."""
    process.communicate(timeout=60)
    return process.returncode


def main(state: str, url: str, name: str, count: str) -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    journal = Journal(Settings(state=Path(state), database_url=url), KEYS)
    journal.start()
    kept = [journal.write(entry) for entry in numbered(name, range(int(count)))]
    assert all(kept)
    sys.stdout.write("written\n")
    sys.stdout.flush()
    sys.stdin.read()
    journal.close(50)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
