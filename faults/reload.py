"""Rulesets that are loaded anew, and workers that are replaced, under load (F16, F18, F19): no call fails.

A reload is told to the service by SIGHUP; what became of it is on the second port and on /readyz.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.arrivals import Load, Replies, post
from bench.servers import everyone, memory, workers
from faults.observed import Fault, Observed, Size
from faults.site import degraded, folder, got, names, service
from tests.hooks.messages import RULESETS
from tests.serving import Running, free_port
from tests.web.closed import CALL, PAIN

PATIENCE = 60.0  # seconds until a reload has come about
RELOADS_MEGABYTES = 40.0  # that all processes together may have grown by after many reloads
RATE = 100.0  # calls a second of the small ruleset
_VERSION = re.compile(r"version: (\d+)\.2\.0")


@contextmanager
def reloading(**settings: str) -> Iterator[tuple[Running, Path, int]]:
    """A service with rulesets of its own that may be changed; the last is the port of its metrics."""
    with folder() as place:
        rulesets = Path(shutil.copytree(RULESETS, place / "rulesets"))
        metrics = free_port()
        with service(CDS_RULESETS=str(rulesets), CDS_METRICS_PORT=str(metrics), **settings) as running:
            yield running, rulesets, metrics


def metric(port: int, name: str) -> float:
    """The sum over all its labels."""
    lines = got(port, "/metrics")[1].decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


def reload(running: Running, metrics: int, result: str) -> bool:
    """Whether it ends so."""
    name = f'cds_ruleset_reload_total{{result="{result}"}}'
    before = metric(metrics, name)
    os.kill(running.process.pid, signal.SIGHUP)
    return _comes(lambda: metric(metrics, name) > before)


def _comes(about: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if about():
            return True
        time.sleep(0.05)
    return False


def _broken(rulesets: Path) -> dict[str, Callable[[], object]]:
    ruleset, services = rulesets / "demo" / "pain" / "ruleset.yaml", rulesets / "services.yaml"
    text = ruleset.read_text()
    return {
        "no YAML": lambda: ruleset.write_text(text + "\nrules: [\n"),
        "an unknown code system": lambda: ruleset.write_text(text.replace("system: snomed", "system: snomde", 1)),
        "a rule twice": lambda: ruleset.write_text(text.replace("P-01.card", "P-01.frequent", 1)),
        "half a file": lambda: ruleset.write_text(text[: text.index("when: [") + 8]),
        "an empty file": lambda: ruleset.write_text(""),
        "no services": services.unlink,
        "no folder": lambda: shutil.move(rulesets, rulesets.with_name("gone")),
    }


def broken(seen: Observed, _: Size) -> None:
    with reloading() as (running, rulesets, metrics), folder() as place:
        kept = Path(shutil.copytree(rulesets, place / "kept"))
        mistakes = _broken(rulesets)
        seen.tell(broken=len(mistakes))
        with Load(lambda: post(running.port, PAIN, CALL), RATE / 2) as load:
            for name, make in mistakes.items():
                make()
                seen.expect(f"{name}: the reload fails", reload(running, metrics, "failed"))
                seen.expect(f"{name}: /readyz says so", names(running.port, "reload"))
                seen.expect(f"{name}: the second port says so", metric(metrics, "cds_ruleset_reload_failed") == 1)
                _restore(rulesets, kept)
            middle = load.now
            ruleset = rulesets / "demo" / "pain" / "ruleset.yaml"
            ruleset.write_text(_VERSION.sub(r"version: \1.3.0", ruleset.read_text(), count=1))
            seen.expect("what is right again is loaded", reload(running, metrics, "succeeded"))
            time.sleep(2)
            after = load.now
            time.sleep(1)
        seen.expect("/readyz has nothing against it any more", "reload" not in degraded(running.port))
    _versions(seen, load.replies, middle, after)
    seen.answered(load.replies, 200)


def _restore(rulesets: Path, kept: Path) -> None:
    for each in (rulesets, rulesets.with_name("gone")):
        if each.exists():
            shutil.rmtree(each)
    shutil.copytree(kept, rulesets)


def _versions(seen: Observed, replies: Replies, middle: float, after: float) -> None:
    """Before: the old one, afterwards: the new one, and in no answer both."""
    good = (reply for reply in replies if reply.status == 200)
    told = [(reply.due, set(re.findall(rb"P-01\.card@([\d.]+)", reply.body))) for reply in good]
    counted = Counter(version.decode() for _, versions in told for version in versions)
    seen.tell(versions=dict(counted))
    seen.expect("each answer is of one version", all(len(versions) == 1 for _, versions in told))
    seen.expect("the old one until then", all(versions == {b"1.2.0"} for due, versions in told if due < middle))
    seen.expect("the new one afterwards", all(versions == {b"1.3.0"} for due, versions in told if due > after))


def again_and_again(seen: Observed, size: Size) -> None:
    with reloading() as (running, _, metrics), Load(lambda: post(running.port, PAIN, CALL), RATE / 2) as load:
        done, sizes = 0, []
        for number in range(size.reloads):
            done += reload(running, metrics, "succeeded")
            if number % max(1, size.reloads // 10) == 0:
                sizes.append(_together(running))
        time.sleep(3)
        sizes.append(_together(running))
    seen.tell(reloads=done, a_second=round(done / load.now, 2), mb_of_all=sizes)
    seen.answered(load.replies, 200)
    seen.expect(f"all {size.reloads} come about", done == size.reloads)
    seen.expect(f"memory stays within {RELOADS_MEGABYTES} MB", sizes[-1] < sizes[0] + RELOADS_MEGABYTES)


def _together(running: Running) -> int:
    """Megabytes of all processes, pages that they share counted once."""
    total = 0.0
    for each in everyone(running.process.pid):
        try:
            total += memory(each).proportional
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended meanwhile
    return round(total)


def recycled(seen: Observed, size: Size) -> None:
    """Workers that are larger than they may be are replaced, here all the time, while calls come."""
    with reloading(CDS_WORKER_MEGABYTES="60") as (running, _, metrics):
        first = set(workers(running.process.pid))
        with Load(lambda: post(running.port, PAIN, CALL), RATE / 2) as load:
            replaced = _comes(lambda: not first & set(workers(running.process.pid)))
            time.sleep(size.seconds)
        starts = metric(metrics, "cds_worker_starts_total")
    seen.tell(worker_starts=int(starts))
    seen.expect("every worker was replaced", replaced)
    seen.answered(load.replies, 200)


FAULTS = (
    Fault("F16", "workers grow too large", "they are replaced, no call fails", recycled),
    Fault("F18", "rulesets that are broken are to be loaded", "those of before are served, and it is told", broken),
    Fault("F19", "rulesets are loaded anew again and again", "no call fails, memory stays", again_and_again),
)
