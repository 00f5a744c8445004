"""What the board says to the workers of a shift."""

import os
from datetime import UTC, datetime

from cds.web.board import Board, Post

NOW = datetime(2026, 11, 21, 17, 6, 31, tzinfo=UTC)


def test_at_first_nobody_leaves():
    board = Board()

    assert (False, False, None) == (Post(board, 1).leaving, Post(board, 1).stopping, Post(board, 1).reload_failed)


def test_the_shifts_before_the_one_on_duty_leave_and_no_other():
    board = Board()
    board.on_duty = 2

    assert [True, False, False] == [Post(board, shift).leaving for shift in (1, 2, 3)]
    assert [True, False, False] == [Post(board, shift).relieved for shift in (1, 2, 3)]


def test_a_service_that_stops_is_left_by_all_and_relieved_by_none():
    board = Board()
    board.stopping = True

    assert (True, True, False) == (Post(board, 1).stopping, Post(board, 1).leaving, Post(board, 1).relieved)


def test_of_a_shift_one_process_may_be_relieved():
    board = Board()
    board.replaced = os.getpid() + 1
    assert not Post(board, 1).relieved

    board.replaced = os.getpid()
    assert Post(board, 1).relieved


def test_a_failed_reload_is_forgotten_with_the_next_that_succeeds():
    board = Board()
    board.reload_failed = NOW
    assert NOW == Post(board, 1).reload_failed

    board.reload_failed = None
    assert Post(board, 1).reload_failed is None


def test_other_processes_read_what_is_written():
    board = Board()
    process = os.fork()
    if process == 0:
        board.on_duty = 7
        os._exit(0)
    os.waitpid(process, 0)

    assert 7 == board.on_duty
