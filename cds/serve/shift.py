"""A shift: the process that loads the rulesets, and from which the workers are forked that serve them."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any, Final, TypeVar

import msgspec
from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels

from cds.errors import CdsError
from cds.hooks.catalogue import Catalogue
from cds.loading import as_signed, load_catalogue
from cds.ruleset.approval import unreviewed
from cds.serve.forking import Lifeline
from cds.serve.greeting import greeting
from cds.serve.listening import check_tls, leave_to_others
from cds.serve.news import Failed, Loaded, News, Working
from cds.serve.workers import STOP_SECONDS, Workers
from cds.settings import Settings
from cds.store import prepare
from cds.web.app import application, connections
from cds.web.board import Post
from cds.web.gateway import Gateway
from cds.web.log import OF_THE_SERVER
from cds.web.slots import Slots

LOOK_SECONDS: Final = 0.1  # at the board

_HEADER_MILLISECONDS: Final = 10_000
_HEADER_BYTES: Final = 65_536
_CONNECTIONS: Final = 8_192  # per worker; a slow one costs a few kilobytes
_UNHURRIED: Final = 10  # of ``nice``: where others want the processor too, a ninth of what each of them gets

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a shift has of the supervisor's. ``news``: where it writes to, a line of JSON for each piece."""

    settings: Settings
    listeners: Sequence[socket.socket]
    post: Post
    news: int
    lifeline: Lifeline
    slots: Slots | None

    def tell(self, piece: News) -> None:
        os.write(self.news, msgspec.json.encode(piece) + b"\n")


def run(around: Surroundings) -> int:
    """Until it is told to stop, or the supervisor is gone. Gives the exit code."""
    around.lifeline.let_go()
    threading.Thread(target=_end_with, args=(around,), name="lifeline", daemon=True).start()
    with ExitStack() as held:  # a copy of the rulesets, which pages are made of as long as the shift lasts
        try:
            around = replace(around, settings=held.enter_context(as_signed(around.settings)))
            gateway, served = _unhurried(partial(_prepared, around)) if around.post.shift > 1 else _prepared(around)
        except CdsError as error:
            around.tell(Failed(str(error), error.exit_code))
            return error.exit_code
        around.tell(_loaded(around.settings, served))
        _serve(around, gateway)
        return 0


def _loaded(settings: Settings, served: Catalogue) -> Loaded:
    rulesets = served.knowledge.rulesets.values()
    return Loaded(
        greeting(settings, served),
        served.knowledge.fingerprint,
        rulesets={ruleset.id: ruleset.version for ruleset in rulesets},
        reviews={ruleset.id: date.fromisoformat(str(ruleset.about.review_by)) for ruleset in rulesets},
        unreviewed=len(unreviewed(served.knowledge)),
    )


def _unhurried(make: Callable[[], Made]) -> Made:
    """In a thread that leaves the processor to the calls that are answered meanwhile. On Linux a thread has a priority
    of its own: workers, which the first thread forks, are not slowed down by it.
    """
    if sys.platform != "linux":
        return make()
    with ThreadPoolExecutor(1, "loading", initializer=_step_back) as loader:
        return loader.submit(make).result()


def _step_back() -> None:
    with suppress(PermissionError):  # of a sandbox that forbids it; then calls and loading share the processor
        os.nice(_UNHURRIED)


def _prepared(around: Surroundings) -> tuple[Gateway, Catalogue]:
    """What is made once, for all workers."""
    settings = around.settings
    check_tls(settings)
    served = load_catalogue(settings)
    held = connections(settings, served, around.slots)
    gateway = Gateway(application(settings, served, held, around.post), settings, held, around.post)
    prepare(settings)
    return gateway, served


def _serve(around: Surroundings, gateway: Gateway) -> None:
    settings, lifeline = around.settings, Lifeline()
    multiprocessing.set_start_method("fork", force=True)  # workers share what was loaded
    os.register_at_fork(after_in_child=partial(_in_worker, lifeline))
    gc.collect()
    gc.freeze()  # what no worker's collector looks at, no worker copies
    workers = Workers(
        around.listeners,
        around.post,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.RSGI,
        workers=settings.workers,
        workers_max_rss=settings.worker_megabytes or None,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_MILLISECONDS, max_buffer_size=_HEADER_BYTES),
        websockets=False,
        backpressure=_CONNECTIONS,
        log_level=LogLevels.error,
        log_dictconfig=OF_THE_SERVER,
        ssl_cert=settings.tls_certificate,
        ssl_key=settings.tls_key,
        ssl_ca=settings.tls_client_ca,
        ssl_client_verify=settings.tls_client_ca is not None,
        ssl_protocol_min=SSLProtocols.tls12,  # what FHIR asks for; the newest both know is spoken
    )
    workers.serve(target_loader=partial(_target, gateway, around, lifeline), wrap_loader=False)


def _target(gateway: Gateway, around: Surroundings, lifeline: Lifeline) -> Any:
    """The server calls whatever it is given; an RSGI application need not be a callable."""
    return _Worker(gateway, around, lifeline)


class _Worker:
    """What Granian calls in a worker process."""

    def __init__(self, gateway: Gateway, around: Surroundings, lifeline: Lifeline) -> None:
        self._gateway = gateway
        self._around = around
        self._lifeline = lifeline
        self.__rsgi__ = gateway.__rsgi__
        self.__rsgi_del__ = gateway.__rsgi_del__

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.add_reader(self._lifeline.end, _end_orphaned, loop, self._lifeline)
        self._gateway.__rsgi_init__(loop)
        self._around.tell(Working(os.getpid()))
        self._look(loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._around.post.relieved:
            leave_to_others(self._around.listeners)
        else:
            loop.call_later(LOOK_SECONDS, self._look, loop)


def _in_worker(lifeline: Lifeline) -> None:
    """A worker that is told to stop before it listens for that would go on until it is killed: it inherits a listener
    that only its parent has a use for.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    lifeline.let_go()


def _end_orphaned(loop: Any, lifeline: Lifeline) -> None:
    """Answers what is under way, as when it is told to stop; there is nobody left who would end it if that hangs."""
    loop.remove_reader(lifeline.end)
    signal.alarm(STOP_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def _end_with(around: Surroundings) -> None:
    """The supervisor is gone, and leaves to its shifts what it would have done at its end."""
    os.read(around.lifeline.end, 1)
    if around.slots:
        around.slots.remove()
    os.kill(os.getpid(), signal.SIGTERM)
