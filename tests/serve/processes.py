"""The processes of a running service: the supervisor, its shifts, their workers."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

_PATIENCE = 120  # seconds; a reload gives way to whatever else the machine has to do
Found = TypeVar("Found")


def children(process: int) -> list[int]:
    """None of a process that is gone."""
    with suppress(FileNotFoundError, ProcessLookupError):
        lists = [(thread / "children").read_text() for thread in Path(f"/proc/{process}/task").iterdir()]
        return sorted(int(child) for each in lists for child in each.split())
    return []


def workers(supervisor: int) -> list[int]:
    return [worker for shift in children(supervisor) for worker in children(shift)]


def niceness(process: int) -> set[int]:
    """Of its threads. None of a process that is gone."""
    with suppress(FileNotFoundError, ProcessLookupError):
        stats = [(thread / "stat").read_text() for thread in Path(f"/proc/{process}/task").iterdir()]
        return {int(stat.rpartition(")")[2].split()[16]) for stat in stats}
    return set()


def is_there(process: int) -> bool:
    """What has ended and was not buried is not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def accepts(process: int, port: int) -> bool:
    """Whether it has the listening socket of that port on this machine's IPv4. None has that is gone."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
    doors = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "0A"}
    with suppress(FileNotFoundError, ProcessLookupError):
        return any(file.resolve().name in doors for file in Path(f"/proc/{process}/fd").iterdir())
    return False


def resident(process: int) -> int:
    """Memory in kilobytes."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def awaited(look: Callable[[], Found | None]) -> Found:
    """What is found, once it is."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come about")
