"""Who may have the address of a service: itself, again and at once; nobody beside it."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest

from cds.errors import SettingsError
from cds.serve.listening import doors, turn_away, unlock
from tests.serving import free_port

HOST = "127.0.0.1"


@contextmanager
def taken(port: int, workers: int) -> Iterator[list[socket.socket]]:
    with ExitStack() as open_ones:
        yield [open_ones.enter_context(door) for door in doors(HOST, port, workers)]


def leave_first(own: list[socket.socket], port: int) -> None:
    """The service closes a connection before its caller does: the system remembers it for a minute."""
    with socket.create_connection((HOST, port)) as caller:
        for door in own:
            try:
                door.accept()[0].close()
            except BlockingIOError:  # it came to the other one
                continue
        assert caller.recv(1) == b""


@pytest.mark.parametrize("workers", [1, 2])
def test_a_service_that_ended_may_begin_again_at_once(workers):
    port = free_port()
    with taken(port, workers) as own:
        unlock(own)
        leave_first(own, port)

    with taken(port, workers) as again:
        unlock(again)
        socket.create_connection((HOST, port)).close()


@pytest.mark.parametrize("workers", [1, 2])
def test_nobody_else_has_the_address_of_a_service_that_listens(workers):
    port = free_port()
    with taken(port, 2) as own:
        unlock(own)

        with pytest.raises(SettingsError, match="Address already in use; set CDS_PORT"), taken(port, workers):
            pass


@pytest.mark.parametrize("workers", [1, 2])
def test_nobody_else_has_the_address_of_a_service_that_is_about_to_listen(workers):
    port = free_port()
    with (
        taken(port, 2),
        pytest.raises(SettingsError, match="Address already in use; set CDS_PORT"),
        taken(port, workers),
    ):
        pass


@pytest.mark.parametrize("workers", [1, 2])
def test_an_address_that_is_not_of_this_machine_is_told(workers):
    elsewhere = "192.0.2.1"
    port = free_port()

    with pytest.raises(SettingsError) as refused:
        doors(elsewhere, port, workers)

    assert f"{elsewhere}:{port} cannot be used: Cannot assign requested address; set CDS_HOST" == str(refused.value)


@pytest.mark.parametrize("workers", [1, 2])
def test_who_has_come_is_let_in_when_nobody_new_is_heard(workers):
    port = free_port()
    with taken(port, workers) as own:
        unlock(own)
        with socket.create_connection((HOST, port)) as caller:
            turn_away(own)
            with pytest.raises(TimeoutError):
                socket.create_connection((HOST, port), timeout=0.3)
            [let_in] = admitted(own)
            let_in.sendall(b"welcome")

            assert caller.recv(7) == b"welcome"
            let_in.close()


def test_a_filter_that_is_refused_is_told():
    with taken(free_port(), 1) as own:
        unlock(own)
        assert turn_away(own) == ""

    assert turn_away(own) == "Bad file descriptor"


def admitted(own: list[socket.socket]) -> Iterator[socket.socket]:
    for door in own:
        with suppress(BlockingIOError):  # it came to the other one
            yield door.accept()[0]
