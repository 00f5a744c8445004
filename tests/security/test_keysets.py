"""Keys that clients publish: read in time, kept in need, given up at last. Real connections, a clock of ours."""

import socket
import threading
import time
from dataclasses import replace
from ipaddress import ip_network

import pytest
import structlog
from structlog.testing import LogCapture

from cds.outbound import Outbound, Policy
from cds.security import keysets
from cds.security.clients import Client, Clients
from cds.security.keysets import FRESH, PAUSE, STALE, KeySets
from cds.security.refusals import Refusal
from tests.security.checking import ACCEPTED, NOW, Checkpoint
from tests.security.checking import client as client_of
from tests.security.key_server import KeyServer
from tests.security.tokens import Issuer, jwk

EHR = Issuer()
NEXT = Issuer(which="-next")
OTHER = Issuer("https://other.example.org", which="-other")
HERE = Policy((ip_network("127.0.0.0/8"),))


class Clock:
    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def outbound():
    outbound = Outbound(HERE)
    yield outbound
    outbound.close()


@pytest.fixture
def server():
    with KeyServer(jwk()) as server:
        yield server


def client(address, issuer=EHR, name="hospital"):
    return Client(name=name, issuer=issuer.url, key_address=address)


def settled(key_sets):
    """Once no reading is under way."""
    for published in key_sets._published.values():
        published.wait(10)


class Site:
    """Key sets of some clients, and a checkpoint that takes its keys from them."""

    def __init__(self, outbound, clock, *clients):
        self.clock = clock
        self.key_sets = KeySets(Clients({client.issuer: client for client in clients}), outbound, clock)
        self.checkpoint = Checkpoint(clients, key_of=self.key_sets.key)

    def verdict(self, issuer=EHR, **changes):
        return self.checkpoint.verdict(issuer.bearer(now=NOW, **changes))

    def later(self, seconds):
        """Whatever is read in that time is read: the thread that does it is played by the test."""
        end = self.clock.now + seconds
        while self.clock.now < end:
            self.clock.now = min(self.clock.now + 5, end)
            self.key_sets.refresh_due()
            settled(self.key_sets)


@pytest.fixture
def site(outbound, clock, server):
    return Site(outbound, clock, client(server.address))


@pytest.mark.requirement("CH-166")
def test_keys_are_fetched_from_the_registered_address_when_they_are_needed(site, server):
    assert ACCEPTED == site.verdict(header={"jku": server.address})
    assert ACCEPTED == site.verdict()
    assert ["/jwks.json"] == server.asked


@pytest.mark.requirement("CH-164", "CH-166")
@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:{port}/jwks.json", "http://localhost:{port}/", "https://evil.example/"]
)
def test_an_address_in_a_token_is_never_connected_to(address, clock, server):
    """(S3) Not even looked up."""
    looked_up: list[str] = []

    def resolve(name):
        looked_up.append(name)
        return ("127.0.0.1",)

    outbound = Outbound(HERE, resolve=resolve)
    with KeyServer(jwk()) as evil:
        site = Site(outbound, clock, client(server.address))
        port = evil.address.split(":")[2].split("/")[0]

        assert Refusal.KEY_ADDRESS == site.verdict(header={"jku": address.format(port=port)})
        assert ([], []) == (evil.asked, looked_up)
    outbound.close()


@pytest.mark.requirement("CH-166")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status, site, server):
    """(S4)"""
    with KeyServer(jwk()) as elsewhere:
        server.answer = server.failing(status, location=elsewhere.address)

        assert Refusal.KEY == site.verdict()
        assert [] == elsewhere.asked


@pytest.mark.parametrize("policy", [Policy(), Policy((ip_network("10.0.0.0/8"),))])
def test_an_address_that_is_not_public_has_to_be_listed(policy, clock, server):
    """(S4)"""
    outbound = Outbound(policy)

    assert Refusal.KEY == Site(outbound, clock, client(server.address)).verdict()
    assert [] == server.asked
    outbound.close()


@pytest.mark.requirement("CH-168")
def test_an_unknown_kid_makes_the_set_be_read_again_but_not_twice_in_half_a_minute(site, server, clock):
    """(S6)"""
    assert ACCEPTED == site.verdict()
    for _ in range(1_000):
        assert Refusal.KEY == site.verdict(header={"kid": f"random {_}"})
    clock.now += 29.9
    site.verdict(header={"kid": "random"})

    assert 1 == len(server.asked)

    clock.now += 0.1
    for _ in range(10):
        assert Refusal.KEY == site.verdict(header={"kid": f"random {_}"})

    assert 2 == len(server.asked)


def test_unknown_kids_cost_those_who_are_known_nothing(site, server):
    """(S6)"""
    assert ACCEPTED == site.verdict()
    authorization, unknown = EHR.bearer(now=NOW), EHR.bearer(now=NOW, header={"kid": "random"})

    def median():
        seconds = []
        for _ in range(200):
            began = time.perf_counter()
            site.checkpoint.verdict(authorization)
            seconds.append(time.perf_counter() - began)
        return sorted(seconds)[100]

    alone = median()
    stop = threading.Event()

    def flood():
        while not stop.wait(0.002):
            site.checkpoint.verdict(unknown)

    thread = threading.Thread(target=flood)
    thread.start()
    beside = median()
    stop.set()
    thread.join()

    assert beside < alone + 0.01


@pytest.mark.requirement("CH-169")
def test_a_new_key_is_known_within_35_seconds(site, server, clock):
    """(S8)"""
    assert ACCEPTED == site.verdict()
    server.keys = (jwk(), jwk("ES384", "-next"))

    assert Refusal.KEY == site.verdict(NEXT)
    clock.now += 35

    assert ACCEPTED == site.verdict(NEXT)
    assert ACCEPTED == site.verdict(EHR)


@pytest.mark.requirement("CH-169")
@pytest.mark.parametrize("says", ["max-age=3600", "max-age=86400, public", "", "no-store", "max-age=99999999999"])
def test_a_withdrawn_key_is_refused_within_five_minutes(says, site, server):
    """(S8) Whatever the server says of how long its answer holds, and whether or not anybody calls."""
    server.headers = {"cache_control": says}
    assert ACCEPTED == site.verdict()
    server.keys = (jwk("ES384", "-next"),)

    site.later(300)

    assert Refusal.KEY == site.verdict(EHR)
    assert ACCEPTED == site.verdict(NEXT)


@pytest.mark.requirement("CH-166")
@pytest.mark.parametrize(
    ("says", "seconds"),
    [
        ("max-age=3600", FRESH),
        ("max-age=300", FRESH),
        ("max-age=100", 80),
        ("public, MAX-AGE=100", 80),
        ('max-age="100"', 80),
        ("max-age=5", PAUSE),
        ("max-age=0", PAUSE),
        ("no-cache", PAUSE),
        ("no-store, max-age=3600", PAUSE),
        ("max-age=-1", FRESH),
        ("max-age=soon", FRESH),
        ("nonsense", FRESH),
    ],
)
def test_a_set_is_read_again_before_its_time_runs_out(says, seconds, site, server, clock):
    server.headers = {"cache_control": says}
    site.verdict()

    assert clock.now + seconds == site.key_sets.readings["hospital"].due


def test_a_call_makes_a_set_be_read_that_is_due_and_does_not_wait_for_it(site, server, clock):
    site.verdict()
    clock.now += FRESH

    assert ACCEPTED == site.verdict()
    settled(site.key_sets)
    assert 2 == len(server.asked)


TROUBLES = {
    "500": lambda server: server.failing(500),
    "404": lambda server: server.failing(404),
    "304": lambda server: server.failing(304),
    "204": lambda server: server.failing(204),
    "HTML": lambda server: server.failing(200, b"<html>Maintenance</html>"),
    "no keys": lambda server: server.failing(200, b"{}"),
    "5 MB": lambda server: server.failing(200, b" " * 5_000_000),
    "gzip": lambda server: server.failing(200, b"nonsense", content_encoding="gzip"),
    "brotli": lambda server: server.failing(200, b"{}", content_encoding="br"),
    "redirect": lambda server: server.failing(302, location="http://127.0.0.1/"),
    "closed": lambda server: server.close,
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_keys_that_are_known_serve_for_a_day_when_the_set_cannot_be_read(trouble, site, server, clock):
    """(S7)"""
    assert ACCEPTED == site.verdict()
    server.answer = TROUBLES[trouble](server)
    site.later(FRESH)

    assert ("hospital",) == site.key_sets.stale

    clock.now += STALE - FRESH
    assert ACCEPTED == site.verdict()
    settled(site.key_sets)

    clock.now += 0.1
    assert Refusal.KEY == site.verdict()


def test_what_was_away_and_is_there_again_is_read_within_half_a_minute(site, server):
    """(S7)"""
    server.answer = server.failing(503)
    assert Refusal.KEY == site.verdict()
    server.answer = server.publish

    site.later(PAUSE)

    assert ACCEPTED == site.verdict()
    assert () == site.key_sets.stale


@pytest.mark.requirement("CH-168")
@pytest.mark.parametrize("how", ["hang", "drip"])
def test_a_server_that_hangs_delays_nobody_whose_key_is_known(how, outbound, clock, server):
    """(S7) Not the calls of its own client, and not those of others."""
    with KeyServer(jwk("ES384", "-other")) as others:
        site = Site(outbound, clock, client(server.address), client(others.address, OTHER, "other"))
        assert [ACCEPTED, ACCEPTED] == [site.verdict(), site.verdict(OTHER)]
        server.answer = getattr(server, how)
        clock.now += FRESH + 1
        began = time.perf_counter()

        assert [ACCEPTED, ACCEPTED] == [site.verdict(), site.verdict(OTHER)]
        assert time.perf_counter() - began < 0.9  # who waits for a key waits a second


@pytest.mark.requirement("CH-168")
def test_an_unknown_kid_is_refused_at_once_while_the_server_is_known_to_be_away(outbound, clock):
    """(S7)"""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        site = Site(outbound, clock, client(f"http://127.0.0.1:{silent.getsockname()[1]}/jwks.json"))
        began = time.perf_counter()
        assert Refusal.KEY == site.verdict()
        assert time.perf_counter() - began < 2
        settled(site.key_sets)

        for _ in range(3):
            clock.now += PAUSE
            began = time.perf_counter()
            assert Refusal.KEY == site.verdict()
            assert time.perf_counter() - began < 0.5


def test_few_calls_wait_for_a_server_at_a_time(outbound, clock, server):
    """(S7) Else those with an unknown kid would keep all others from being answered."""
    server.answer = server.hang
    site = Site(outbound, clock, client(server.address))
    verdicts = []

    def ask():
        began = time.perf_counter()
        verdicts.append((site.verdict(), time.perf_counter() - began))

    threads = [threading.Thread(target=ask) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [Refusal.KEY] * 30 == [verdict for verdict, _ in verdicts]
    assert 4 == sum(seconds >= 0.99 for _, seconds in verdicts)
    assert 1 == len(server.asked)


def test_calls_that_come_while_a_set_is_read_wait_for_it(outbound, clock, server):
    def slowly(exchange):
        time.sleep(0.2)
        server.publish(exchange)

    server.answer = slowly
    site = Site(outbound, clock, client(server.address))
    verdicts = []
    threads = [threading.Thread(target=lambda: verdicts.append(site.verdict())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [ACCEPTED] * 4 == verdicts
    assert 1 == len(server.asked)


def test_that_a_set_cannot_be_read_is_logged_at_once_and_then_every_hour(site, server, monkeypatch):
    """(S7)"""
    log = LogCapture()
    monkeypatch.setattr(keysets, "_LOG", structlog.wrap_logger(None, [log], structlog.BoundLogger))
    lines = []

    site.verdict()
    server.answer = server.failing(500)
    for seconds in (3_000, 3_600):
        site.later(seconds)
        lines.append(len(log.entries))
    server.answer = server.publish
    site.later(PAUSE)
    server.answer = server.failing(500)
    site.later(FRESH)

    warning = {"event": "key set cannot be read", "log_level": "warning", "client": "hospital", "reason": "status 500"}
    assert [
        warning | {"keys_of_seconds_ago": 240},
        warning | {"keys_of_seconds_ago": 3_840},
        {"event": "key set can be read again", "log_level": "info", "client": "hospital"},
        warning | {"keys_of_seconds_ago": 240},
    ] == log.entries
    assert [1, 2] == lines


def test_a_set_is_read_at_the_start_and_kept_by_a_thread(outbound, server):
    key_sets = KeySets(Clients({EHR.url: client(server.address)}), outbound)

    key_sets.start(wait=5)

    assert ["ES384"] == list(key_sets.readings["hospital"].found.keys)
    key_sets.close()
    assert "key sets" not in [thread.name for thread in threading.enumerate()]


def test_a_key_of_the_file_goes_before_a_published_one(outbound, clock, server):
    """And needs nobody else: a client may have both while it changes from one to the other."""
    server.answer = server.hang
    both = replace(client_of(EHR), key_address=server.address)

    assert ACCEPTED == Site(outbound, clock, both).verdict()
    assert [] == server.asked


def test_private_keys_that_are_published_are_not_used(site, server):
    """(S9)"""
    server.keys = (jwk() | {"d": "AAAA"},)

    assert Refusal.KEY == site.verdict()
    assert () == site.key_sets.stale
