"""The address the service listens at: one socket for all workers of all shifts, so that no connection is lost."""

from __future__ import annotations

import errno
import os
import socket
import ssl
from pathlib import Path

from cds.errors import SettingsError
from cds.settings import Settings

_OPEN_FILES = Path("/dev/fd")

BACKLOG = 1_024


def bound(host: str, port: int, variables: tuple[str, str]) -> socket.socket:
    """Not listening yet: who connects is refused. ``variables``: the settings of host and port.

    What waits to be accepted belongs to the socket and not to the worker that ends. Raises ``SettingsError``.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setblocking(False)  # each worker is woken, and one of them accepts
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        setting = variables[1] if error.errno in (errno.EADDRINUSE, errno.EACCES) else variables[0]
        raise SettingsError(f"{host}:{port} cannot be used: {error.strerror}; set {setting}") from error
    return listener


def leave_to_others(listener: socket.socket) -> None:
    """What comes from now on is accepted by other processes: every way of this one to the socket, also those that the
    server has made itself, leads to a socket that nobody knows of.

    A server that is told to stop closes connections that it has accepted and not yet read from.
    """
    door = os.fstat(listener.fileno()).st_ino
    with socket.socket(socket.AF_UNIX) as nowhere:
        nowhere.setblocking(False)
        nowhere.bind("")
        nowhere.listen()
        for file in [int(each.name) for each in _OPEN_FILES.iterdir()]:
            if _number(file) == door:
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
        raise SettingsError(f"{files} have to be PEM files, the key the certificate's and without password") from error
