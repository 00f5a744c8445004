"""Starts the server: one process per core, each with the rulesets loaded once before them all."""

from __future__ import annotations

import errno
import json
import os
import shlex
import signal
import socket
import ssl
import sys
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import MPServer

from cds.errors import SettingsError
from cds.hooks.catalogue import Catalogue
from cds.ruleset.approval import unreviewed
from cds.settings import Settings
from cds.store import prepare
from cds.web import log
from cds.web.app import application, connections, load_catalogue
from cds.web.gateway import Gateway

_HEADER_MILLISECONDS = 10_000
_HEADER_BYTES = 65_536
_CONNECTIONS = 8_192  # per worker; a slow one costs a few kilobytes
_STOP_SECONDS = 30  # for requests under way when the service is told to stop
_POLL_SECONDS = 0.02
_SAMPLE = Path(__file__).parents[1] / "fhir_samples" / "hooks" / "cauda-equina-new-saddle-numbness.json"


class Prepared(NamedTuple):
    """What is made once: worker processes that are forked inherit it, others make their own."""

    gateway: Gateway
    catalogue: Catalogue


def serve(settings: Settings) -> None:
    """Runs until SIGTERM or SIGINT.

    Raises ``RulesetError`` and ``ClientsError`` with everything wrong in the files, and ``SettingsError`` when the
    address is taken, or the database is one of a newer version. A database that is away keeps nobody waiting.
    """
    log.configure(settings.log_level)
    _check_free(settings)
    _check_tls(settings)
    prepared(settings)
    prepare(settings)
    server = _Server(
        partial(_say_ready, settings),
        address=settings.host,
        port=settings.port,
        interface=Interfaces.RSGI,
        workers=settings.workers,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_SECONDS,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_MILLISECONDS, max_buffer_size=_HEADER_BYTES),
        websockets=False,
        backlog=1_024,
        backpressure=_CONNECTIONS,
        log_level=LogLevels.warning,
        ssl_cert=settings.tls_certificate,
        ssl_key=settings.tls_key,
        ssl_ca=settings.tls_client_ca,
        ssl_client_verify=settings.tls_client_ca is not None,
        ssl_protocol_min=SSLProtocols.tls12,  # what FHIR asks for; the newest both know is spoken
    )
    os.register_at_fork(after_in_child=_mortal)
    server.serve(target_loader=partial(_gateway, settings), wrap_loader=False)


@cache
def prepared(settings: Settings) -> Prepared:
    served = load_catalogue(settings)
    held = connections(settings, served)
    return Prepared(Gateway(application(settings, served, held), settings, held), served)


def _gateway(settings: Settings) -> Any:
    """The server calls whatever it is given; an RSGI application need not be a callable."""
    return prepared(settings).gateway


def _mortal() -> None:
    """A worker that is told to stop before it listens for that would go on until it is killed: it inherits a listener
    that only its parent has a use for.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


class _Server(MPServer):
    """Says that it is ready when a worker accepts connections, not when it has merely been started."""

    def __init__(self, ready: Callable[[], None], **options: Any) -> None:
        super().__init__("cds", **options)
        self._ready = ready

    def startup(self, spawn_target: Any, target_loader: Any) -> None:
        super().startup(spawn_target, target_loader)  # type: ignore[no-untyped-call]  # published so
        while not self.main_loop_interrupt.is_set():
            if _accepts((self.bind_addr, self.bind_port)):
                self._ready()
                return
            time.sleep(_POLL_SECONDS)


def _accepts(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=1).close()
    except OSError:
        return False
    return True


def _check_free(settings: Settings) -> None:
    """The server itself would share a port with a server that is already there, and each would get half the calls."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            setting = "CDS_PORT" if error.errno in (errno.EADDRINUSE, errno.EACCES) else "CDS_HOST"
            place = f"{settings.host}:{settings.port}"
            raise SettingsError(f"{place} cannot be used: {error.strerror}; set {setting}") from error


def _check_tls(settings: Settings) -> None:
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


def _say_ready(settings: Settings) -> None:
    lines = f"Serving CDS Hooks at {settings.url}/cds-services\nTry: {_example(settings)}\n{_warning(settings)}"
    lines += _approval(settings)
    sys.stderr.write(lines)
    sys.stderr.flush()


def _warning(settings: Settings) -> str:
    """An open service says so, the louder the more can reach it."""
    if settings.clients:
        return ""
    if settings.only_here:
        return "OPEN: anyone on this machine may call it; CDS_CLIENTS closes it\n"
    return f"*** OPEN TO OTHERS: anyone who can reach {settings.url} may call it; CDS_CLIENTS closes it ***\n"


def _approval(settings: Settings) -> str:
    if not unreviewed(prepared(settings).catalogue.knowledge):
        return ""
    return "NOT FOR CLINICAL USE: no clinician has reviewed the rulesets; CDS_PRODUCTION refuses such\n"


def _example(settings: Settings) -> str:
    """A command that shows a card, where the sample and a service for it are there; else discovery.

    The story is told today: its findings are of this week, and a card would not show for those of last year.
    """
    offers = prepared(settings).catalogue.all_offers()
    hook = json.loads(_SAMPLE.read_bytes())["hook"] if _SAMPLE.exists() else None
    for offer in offers:
        if offer.service.hook == hook and not settings.clients:
            url = f"{settings.url}/cds-services/{offer.service.id}"
            story = f"{_near(Path(sys.argv[0]))} samples --folder {_near(_SAMPLE.parent)} --print {_SAMPLE.stem}"
            return f"{story} | curl -H 'Content-Type: application/json' -d @- {url}"
    return f"curl {settings.url}/cds-services"


def _near(path: Path) -> str:
    """As short as can be told from here, for a shell."""
    return shlex.quote(str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path))
