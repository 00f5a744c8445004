"""The address the service listens at, by sockets that outlive workers and shifts, so that no connection is lost."""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import ssl
import struct
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cds.errors import SettingsError
from cds.settings import Settings

_OPEN_FILES = Path("/dev/fd")
_OWN = ("CDS_HOST", "CDS_PORT")
_LINUX = sys.platform == "linux"

_ATTACH_FILTER: Final = 26  # SO_ATTACH_FILTER
_NO_NEWCOMERS: Final = (  # of classic BPF: every packet is taken but one with SYN and without ACK
    (0x30, 0, 0, 13),  # the flags of TCP
    (0x54, 0, 0, 0x12),
    (0x15, 0, 1, 0x02),
    (0x06, 0, 0, 0),
    (0x06, 0, 0, 0xFFFF_FFFF),
)

BACKLOG = 1_024


def doors(host: str, port: int, workers: int) -> tuple[socket.socket, ...]:
    """One for each worker of a shift, all at one address: the system deals out connections among them.

    The workers of the next shift accept from the same ones, and what waits there belongs to nobody who could end.

    Raises ``SettingsError``.
    """
    if workers == 1 or not _LINUX:  # elsewhere all connections would come to one of the sockets
        return (bound(host, port, _OWN),)
    bound(host, port, _OWN).close()  # else the address might be shared with a service that is there already
    return tuple([bound(host, port, _OWN, shared=True) for _ in range(workers)])


def bound(host: str, port: int, variables: tuple[str, str], *, shared: bool = False) -> socket.socket:
    """Not listening yet: who connects is refused. ``variables``: the settings of host and port. ``shared``: with others
    that say the same. Raises ``SettingsError``.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT if shared else socket.SO_REUSEADDR, 1)
    listener.setblocking(False)  # a worker that leaves and the one that follows are both woken, and one of them accepts
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        setting = variables[1] if error.errno in (errno.EADDRINUSE, errno.EACCES) else variables[0]
        raise SettingsError(f"{host}:{port} cannot be used: {error.strerror}; set {setting}") from error
    return listener


def unlock(listeners: Iterable[socket.socket]) -> None:
    """Who connects is heard from now on; done again by each shift.

    Its connections take over that the address may be bound again: the system remembers those the service has closed for
    a minute, in which it could not be started anew. Earlier it would let in a second service that starts beside it.
    """
    for listener in listeners:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.listen(BACKLOG)


def turn_away(listeners: Iterable[socket.socket]) -> str:
    """Who begins to connect is not heard from now on; who has begun is still let in. Gives why that cannot be had; "".

    A door that is closed breaks off whoever stands in it, and a call that was sent already is lost. Who is not heard
    tries again within a second, and finds the door closed: that is no loss, and a proxy goes to another at once.
    """
    if not _LINUX:
        return "this system has no such filter"
    steps = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in _NO_NEWCOMERS))
    program = struct.pack("HP", len(_NO_NEWCOMERS), ctypes.addressof(steps))
    try:
        for listener in listeners:
            listener.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, program)
    except OSError as error:  # of a sandbox that does not know it, or not allow it
        return str(error.strerror)
    return ""


def leave_to_others(listeners: Iterable[socket.socket]) -> None:
    """What comes from now on is accepted by other processes: every way of this one to the doors, also those that the
    server has made itself, leads to a socket that nobody knows of.

    A server that is told to stop closes connections that it has accepted and not yet read from.
    """
    ours = {os.fstat(listener.fileno()).st_ino for listener in listeners}
    with socket.socket(socket.AF_UNIX) as nowhere:
        nowhere.setblocking(False)
        nowhere.bind("")
        nowhere.listen()
        for file in [int(each.name) for each in _OPEN_FILES.iterdir()]:
            if _number(file) in ours:
                os.dup2(nowhere.fileno(), file, inheritable=False)


def _number(file: int) -> int:
    try:
        return os.fstat(file).st_ino
    except OSError:  # closed meanwhile, such as that which the folder was read by
        return 0


def check_tls(settings: Settings) -> None:
    """The server itself would end with a trace of its own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        if settings.tls_certificate and settings.tls_key:
            context.load_cert_chain(settings.tls_certificate, settings.tls_key, password="")
        if settings.tls_client_ca:
            context.load_verify_locations(settings.tls_client_ca)
    except OSError as error:  # ssl.SSLError is one
        files = "CDS_TLS_CERTIFICATE, CDS_TLS_KEY and CDS_TLS_CLIENT_CA"
        raise SettingsError(f"{files} must be PEM files, the key the certificate's and without password") from error
