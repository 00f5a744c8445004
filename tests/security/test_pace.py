"""How often a client may call: evenly, a few at once, and none at the cost of another."""

import pytest

from cds.security.clients import Client
from cds.security.pace import Pace


def client(per_minute, name="a"):
    return Client(name=name, issuer=f"https://{name}.example", per_minute=per_minute)


class Clock:
    now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def let_in(pace, client, calls):
    return sum(pace.wait(client) == 0.0 for _ in range(calls))


@pytest.mark.parametrize(("per_minute", "at_once"), [(60, 10), (600, 100), (6, 1), (1, 1)])
def test_who_was_silent_may_make_the_calls_of_ten_seconds_at_once(clock, per_minute, at_once):
    assert at_once == let_in(Pace(clock), client(per_minute), 200)


def test_then_calls_are_let_in_at_the_rate_of_the_client(clock):
    pace, one = Pace(clock), client(60)
    let_in(pace, one, 200)
    counts = []
    for _ in range(60):
        clock.now += 1
        counts.append(let_in(pace, one, 10))

    assert [1] * 60 == counts


def test_it_is_told_how_long_to_wait(clock):
    pace, one = Pace(clock), client(30)
    let_in(pace, one, 200)
    clock.now += 0.5

    assert pytest.approx(1.5) == pace.wait(one)
    clock.now += 1.5
    assert 0.0 == pace.wait(one)


def test_a_client_takes_nothing_from_another(clock):
    pace = Pace(clock)
    let_in(pace, client(60), 200)

    assert 0.0 == pace.wait(client(60, "b"))


def test_without_a_number_a_client_may_call_as_often_as_it_likes(clock):
    assert 10_000 == let_in(Pace(clock), client(None), 10_000)
