"""Turns: so many calls at once, a few in line, and a place that nobody wants any more is free."""

import asyncio
import threading
import time
from functools import partial

import pytest

from cds.errors import Busy
from cds.web.turns import AT_ONCE, IN_LINE, Gone, Line, Turns

NEVER, SOON = 60, 0.05  # seconds to wait in line
HANG_SECONDS = 10  # within which everything else has happened, on however slow a machine


async def stays():
    await asyncio.sleep(60)


async def leaves():
    await asyncio.sleep(0.05)


def asked(turns, *, busy, work=lambda: "answer", leaving=stays):
    """Asks for one more turn while so many are taken until they are let go."""

    async def ask():
        hold = threading.Event()
        taken = [asyncio.ensure_future(turns.take(hold.wait, stays)) for _ in range(busy)]
        await asyncio.sleep(0)
        try:
            return await turns.take(work, leaving)
        finally:
            hold.set()
            await asyncio.gather(*taken, return_exceptions=True)

    return asyncio.run(ask())


@pytest.fixture
def turns():
    made = Turns(NEVER)
    yield made
    made.close()


@pytest.fixture
def short_turns():
    made = Turns(SOON)
    yield made
    made.close()


@pytest.mark.parametrize("busy", [0, 1, AT_ONCE - 1])
def test_a_turn_is_taken_at_once_while_there_are_any(turns, busy):
    assert "answer" == asked(turns, busy=busy)


def test_who_waits_in_line_is_told_in_time_that_there_is_no_turn(short_turns):
    began = time.monotonic()
    with pytest.raises(Busy):
        asked(short_turns, busy=AT_ONCE)

    assert SOON <= time.monotonic() - began < HANG_SECONDS


def test_beyond_the_line_it_is_told_at_once(turns):
    """(L5)"""
    began = time.monotonic()
    with pytest.raises(Busy):
        asked(turns, busy=AT_ONCE + IN_LINE)

    assert time.monotonic() - began < HANG_SECONDS < NEVER


def test_who_hangs_up_in_line_leaves_a_free_place(turns):
    done = []
    with pytest.raises(Gone):
        asked(turns, busy=AT_ONCE, work=lambda: done.append(True), leaving=leaves)

    assert [] == done
    assert "answer" == asked(turns, busy=AT_ONCE - 1)


def test_who_hangs_up_in_line_makes_room_for_another(turns):
    async def ask():
        hold, hung_up = threading.Event(), asyncio.Event()
        taken = [asyncio.ensure_future(turns.take(hold.wait, stays)) for _ in range(AT_ONCE)]
        leaving = [asyncio.ensure_future(turns.take(hold.wait, hung_up.wait)) for _ in range(IN_LINE)]
        await asyncio.sleep(0)
        hung_up.set()
        left = [type(each) for each in await asyncio.gather(*leaving, return_exceptions=True)]
        next_one = asyncio.ensure_future(turns.take(lambda: "answer", stays))
        await asyncio.sleep(0)
        hold.set()
        await asyncio.gather(*taken)
        return left, await next_one

    assert ([Gone] * IN_LINE, "answer") == asyncio.run(ask())


def test_a_turn_that_comes_free_in_time_is_taken(turns):
    async def ask():
        hold = threading.Event()
        taken = [asyncio.ensure_future(turns.take(hold.wait, stays)) for _ in range(AT_ONCE)]
        waiting = asyncio.ensure_future(turns.take(lambda: "answer", stays))
        await asyncio.sleep(SOON)
        hold.set()
        await asyncio.gather(*taken)
        return await waiting

    assert "answer" == asyncio.run(ask())


def test_work_that_has_begun_is_waited_for(short_turns):
    def work():
        time.sleep(4 * SOON)
        return "answer"

    assert "answer" == asked(short_turns, busy=0, work=work, leaving=leaves)


def test_a_fault_of_the_work_is_the_callers(turns):
    with pytest.raises(ZeroDivisionError):
        asked(turns, busy=0, work=lambda: 1 / 0)

    assert "answer" == asked(turns, busy=AT_ONCE - 1)


def at_once(line, *works):
    """What becomes of each of the works that come at the same time."""

    async def ask():
        return await asyncio.gather(*(line.take(work, stays) for work in works), return_exceptions=True)

    return asyncio.run(ask())


class Clock:
    """Goes on only with the work."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def work(self, seconds):
        self.now += seconds
        return "answer"


def became(answers):
    return [each if isinstance(each, str) else type(each) for each in answers]


def test_calls_that_wait_for_nobody_are_worked_out_one_after_another_in_the_order_they_came():
    done = []
    assert [None] * 9 == at_once(Line(), *(lambda number=number: done.append(number) for number in range(9)))
    assert [*range(9)] == done


def test_a_call_whose_turn_comes_too_late_is_refused_and_not_worked_out():
    """(F24)"""
    clock = Clock()
    answers = at_once(Line(0.5, clock), *[partial(clock.work, 0.3)] * 5)

    assert ["answer", "answer", Busy, Busy, Busy] == became(answers)
    assert 0.6 == clock.now


def test_a_call_whose_turn_would_come_too_late_is_refused_at_once():
    """(L5) As soon as it is known how long calls take."""
    clock = Clock()
    line = Line(0.5, clock)
    for _ in range(200):
        at_once(line, partial(clock.work, 0.06))
    answers = at_once(line, *[partial(clock.work, 0.0)] * 100)

    assert ["answer"] * 9 + [Busy] * 91 == became(answers)


def test_a_fault_of_a_call_leaves_the_line_as_it_was():
    line = Line()

    assert [ZeroDivisionError] == [type(each) for each in at_once(line, lambda: 1 / 0)]
    assert ["answer"] == at_once(line, lambda: "answer")
