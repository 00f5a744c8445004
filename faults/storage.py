"""Databases and disks that are away, slow, locked, full or read-only (F9 to F14): advice goes on, records arrive."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.arrivals import Load, Replies
from faults.observed import Fault, LeftOut, Observed, Size
from faults.site import SOON, degraded, folder, hook, hooks_and_feedback, names, on_postgres, postgres, service
from tests.recorded import KEYS, arrived, stored

LEAST_SMALL_DISK = 4_000_000  # bytes


def _counts(replies: Replies) -> list[int]:
    """What has to be recorded: every hook call, and feedback that was taken."""
    return [len(replies.of("hook")), replies.of("feedback").statuses[200]]


def _all_arrived(seen: Observed, url: str, replies: Replies, patience: float = 60) -> None:
    found = arrived(url, _counts(replies), patience)
    seen.tell(recorded=f"{found} of {_counts(replies)}")
    seen.expect("every call that was answered is recorded, once", found == _counts(replies))


def away_at_the_start(seen: Observed, size: Size) -> None:
    with postgres() as cluster:
        url = cluster.database()
        cluster.kill()
        with service(DATABASE_URL=url, **KEYS) as running:
            with Load(hooks_and_feedback(running.port), size.rate) as load:
                time.sleep(size.seconds)
            seen.expect("/readyz says that the database is away", names(running.port, "database"))
            cluster.start()
            seen.answered(load.replies, 200, p99=SOON)
            _all_arrived(seen, url, load.replies)


def away_while_running(seen: Observed, size: Size) -> None:
    with on_postgres() as (running, cluster, url):
        with Load(hooks_and_feedback(running.port), size.rate) as load:
            time.sleep(1)
            cluster.kill()
            time.sleep(size.outage)
            seen.expect("/readyz says that the database is away", names(running.port, "database"))
            cluster.start()
            time.sleep(1)
        seen.tell(away_s=size.outage)
        seen.answered(load.replies, 200, p99=SOON)
        _all_arrived(seen, url, load.replies)


def frozen(seen: Observed, size: Size) -> None:
    """It takes connections and answers nothing, which is worse than being away."""
    with on_postgres() as (running, cluster, url):
        with Load(hooks_and_feedback(running.port), size.rate) as load:
            time.sleep(1)
            cluster.freeze()
            time.sleep(size.outage)
            cluster.thaw()
            time.sleep(1)
        seen.tell(hung_s=size.outage)
        seen.answered(load.replies, 200)
        seen.within("the slowest answer", load.replies.share(100), 2_000)
        _all_arrived(seen, url, load.replies)


def locked(seen: Observed, size: Size) -> None:
    with service() as running:
        path = running.state / "cds.sqlite"
        with Load(hooks_and_feedback(running.port), size.rate) as load:
            time.sleep(1)
            with _held(path):
                time.sleep(size.outage)
            time.sleep(1)
        seen.tell(locked_s=size.outage)
        seen.answered(load.replies, 200, p99=SOON)
        _all_arrived(seen, f"sqlite:///{path}", load.replies)


@contextmanager
def _held(path: Path) -> Iterator[None]:
    connection = sqlite3.connect(path, isolation_level=None, timeout=10)
    try:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")
    finally:
        connection.close()


@contextmanager
def mounted(options: str) -> Iterator[Path]:
    with folder() as place:
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
        if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
            raise LeftOut("no file system can be mounted here: it takes the rights of root")
        try:
            yield place
        finally:
            subprocess.run(["umount", "--lazy", str(place)], check=True)


def full(seen: Observed, size: Size) -> None:
    """Spool and database lie on the disk."""
    with mounted(f"size={LEAST_SMALL_DISK},mode=777") as disk, service(CDS_STATE=str(disk / "var")) as running:
        with Load(hooks_and_feedback(running.port), size.rate) as load:
            time.sleep(1)
            filler = disk / "filler"
            with filler.open("wb", buffering=0) as file, suppress(OSError):
                while file.write(b"x" * 4_096):
                    pass
            time.sleep(size.seconds)
            seen.expect("/readyz says that entries are lost", names(running.port, "journal"))
            filler.unlink()
            time.sleep(1)
        url = f"sqlite:///{disk}/var/cds.sqlite"
        seen.answered(load.replies.of("hook"), 200, p99=SOON, of="hook")
        seen.answered(load.replies.of("feedback"), 200, 503, of="feedback")
        seen.expect("what was kept meanwhile reaches the database", _empty(disk / "var" / "spool"))
        found = stored(url)
        lost = sum(_counts(load.replies)) - sum(found)
        seen.tell(recorded=f"{found} of {_counts(load.replies)}", lost=lost)
        seen.expect("feedback that was taken is kept", found[1] == _counts(load.replies)[1])
        with Load(hooks_and_feedback(running.port), size.rate, most=20) as after:
            after.wait()
        expected = [one + more for one, more in zip(found, _counts(after.replies), strict=True)]
        seen.expect("with room again every record is kept, without a restart", arrived(url, expected) == expected)


def _empty(spool: Path, patience: float = 60) -> bool:
    deadline = time.monotonic() + patience
    while any(segment.stat().st_size for segment in spool.glob("*.jsonl")):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def read_only(seen: Observed, size: Size) -> None:
    with mounted("size=1m,ro") as disk, service(CDS_STATE=str(disk / "var")) as running:
        with Load(lambda: hook(running.port), size.rate, most=round(size.rate * size.seconds)) as load:
            load.wait()
        seen.answered(load.replies, 200, p99=SOON)
        told = degraded(running.port)
        seen.tell(readyz_names=" ".join(sorted(told)))
        seen.expect("/readyz says that nothing can be kept", {"spool", "state"} & told != set())


FAULTS = (
    Fault("F09", "the database is away at the start", "starts, answers, records later", away_at_the_start),
    Fault("F10", "the database dies and comes back", "hooks and feedback 200, counts equal", away_while_running),
    Fault("F11", "the database hangs", "calls unaffected, counts equal", frozen),
    Fault("F12", "SQLite is locked by another process", "calls unaffected, counts equal", locked),
    Fault("F13", "the disk is full", "calls go on, losses are told, recovers without a restart", full),
    Fault("F14", "the disk is read-only", "starts, answers, says that nothing is kept", read_only),
)
