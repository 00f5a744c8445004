"""The places where workers leave their counts: no two at once in one, and the next goes on where one ended."""

import os
import resource

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector

from cds.web.meters import Meters
from cds.web.slots import Slots


@pytest.fixture
def slots():
    made = Slots()
    yield made
    made.remove()


def counting(slots, times, then=lambda: None):
    """A process that counts refused tokens, and dies as suddenly as a process can."""
    process = os.fork()
    if process == 0:
        meters = Meters(slots)
        meters.start()
        for _ in range(times):
            meters.refused("type")
        meters.degraded(["database"], lost=0)
        then()
        os._exit(0)
    return process


def told(slots, name, **labels):
    slots.forget_the_dead()
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(slots.folder))
    return registry.get_sample_value(name, labels)


def test_who_comes_after_goes_on_counting_in_the_same_place(slots):
    for times in (3, 4):
        os.waitpid(counting(slots, times), 0)

    assert 7 == told(slots, "cds_auth_failures_total", reason="type")
    assert ["0.lock"] == [path.name for path in slots.folder.glob("*.lock")]


def test_those_who_live_at_once_have_places_of_their_own(slots):
    reads, writes = os.pipe()

    def wait():
        os.close(writes)
        os.read(reads, 1)

    processes = [counting(slots, times, wait) for times in (3, 4)]
    while len(list(slots.folder.glob("gauge_livemax_*"))) < 2 or told(slots, "cds_degraded", part="database") != 1:
        pass
    alive = told(slots, "cds_degraded", part="database")
    os.close(writes)
    for process in processes:
        os.waitpid(process, 0)
    os.close(reads)

    assert 7 == told(slots, "cds_auth_failures_total", reason="type")
    assert (1, None) == (alive, told(slots, "cds_degraded", part="database"))


def test_a_file_is_never_seen_before_it_has_its_room(slots):
    """Whoever asks for the metrics while a worker begins could not read it."""
    process = os.fork()
    if process == 0:
        for _ in range(30):
            slots.take()
        os._exit(0)
    sizes = set()
    while not os.waitpid(process, os.WNOHANG)[0]:
        sizes |= {path.stat().st_size for path in slots.folder.glob("*.db")}

    assert {16_384, 524_288, 1_048_576} == sizes


def test_without_room_a_worker_counts_for_itself(slots):
    """Else the first count would end it. A process of its own, which may write no file of more than 1,000 bytes."""
    process = os.fork()
    if process == 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, 1_000))
        meters = Meters(slots)
        meters.start()
        meters.refused("type")
        os._exit(meters.registry.get_sample_value("cds_auth_failures_total", {"reason": "type"}) != 1)

    assert 0 == os.waitpid(process, 0)[1]
    assert told(slots, "cds_auth_failures_total", reason="type") is None


def test_the_folder_is_nobody_elses(slots):
    assert 0o700 == slots.folder.stat().st_mode & 0o777
