"""That a token is good for one call."""

import hashlib
import threading
from datetime import UTC, datetime

import pytest

from cds.errors import Unavailable
from cds.security import replay
from cds.security.replay import Replay

NOW = 1_795_000_000.0


class Clock:
    now = NOW

    def __call__(self):
        return self.now


class Store:
    """A small store that all processes share, and that can be away."""

    def __init__(self):
        self.tokens = {}
        self.away = False

    def first_use(self, issuer, digest, expires):
        if self.away:
            raise Unavailable("the database is away")
        return self.tokens.setdefault((issuer, digest), expires) is expires


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store():
    return Store()


def process(store, clock, *, strict=False):
    return Replay(store.first_use, strict=strict, clock=clock)


@pytest.mark.requirement("CH-163")
def test_a_second_use_is_noticed_by_the_same_process_and_by_another(store, clock):
    """(S13)"""
    one, two = process(store, clock), process(store, clock)

    assert [True, False, False] == [one.first_use("a", "1", NOW + 60) for _ in range(3)]
    assert [False, False] == [two.first_use("a", "1", NOW + 60) for _ in range(2)]
    assert two.first_use("a", "2", NOW + 60)


@pytest.mark.requirement("CH-163")
def test_of_a_hundred_at_once_exactly_one_is_first(store, clock):
    """(S13)"""
    one, begin, firsts = process(store, clock), threading.Barrier(100), []

    def use():
        begin.wait()
        firsts.append(one.first_use("a", "1", NOW + 60))

    threads = [threading.Thread(target=use) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [True] == [first for first in firsts if first]


def test_two_issuers_may_use_the_same_jti(store, clock):
    """(S14)"""
    one = process(store, clock)

    assert [True, True] == [one.first_use(issuer, "1", NOW + 60) for issuer in ("a", "b")]
    assert [True, True] == [one.first_use(*pair, NOW + 60) for pair in (("a b", "c"), ("a", "b c"))]


def test_the_store_is_told_a_digest_and_when_it_may_forget(store, clock):
    process(store, clock).first_use("a", "jti", NOW + 60)

    digest = hashlib.sha256(b"jti").hexdigest()
    assert {("a", digest): datetime.fromtimestamp(NOW + 60, UTC)} == store.tokens


def test_without_the_store_each_process_knows_its_own_tokens(store, clock):
    """(S13) Degraded: and it is said."""
    one, two = process(store, clock), process(store, clock)
    store.away = True

    assert [True, False] == [one.first_use("a", "1", NOW + 60) for _ in range(2)]
    assert two.first_use("a", "1", NOW + 60)
    assert (True, True) == (one.degraded, two.degraded)

    store.away = False
    assert one.first_use("a", "2", NOW + 60)
    assert (False, True) == (one.degraded, two.degraded)


def test_when_strict_no_token_is_accepted_without_the_store_nor_used_up(store, clock):
    """(S13)"""
    one = process(store, clock, strict=True)
    store.away = True
    with pytest.raises(Unavailable):
        one.first_use("a", "1", NOW + 60)
    store.away = False

    assert [True, False] == [one.first_use("a", "1", NOW + 60) for _ in range(2)]


def test_what_has_expired_is_forgotten(clock, store):
    one = process(store, clock)
    one.first_use("a", "early", NOW + 60)
    one.first_use("a", "late", NOW + 600)

    clock.now += 120
    one.first_use("a", "any", NOW + 600)

    assert 2 == len(one._seen)
    assert not one.first_use("a", "late", NOW + 600)


def test_what_is_remembered_is_bounded_and_the_newest_stays(clock, store, monkeypatch):
    monkeypatch.setattr(replay, "MAX_REMEMBERED", 100)
    one = process(store, clock)
    for number in range(1_000):
        assert one.first_use("a", str(number), NOW + 600)

    assert len(one._seen) <= 100
    store.away = True
    assert not one.first_use("a", "999", NOW + 600)
    store.away = False
    assert not one.first_use("a", "0", NOW + 600)
