"""Everything that would keep the service from starting, or from working as it should, found all at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from cds.errors import CdsError
from cds.loading import load_catalogue
from cds.outbound import Outbound, Policy
from cds.security.clients import Clients, load_clients
from cds.security.examination import examined_clients, published
from cds.security.secrets import check_secrets
from cds.serve.listening import check_tls
from cds.settings import Settings
from cds.store import check_address, check_reach
from cds.web.app import check_services
from cds.web.telemetry import spans_of


def mistakes(settings: Settings) -> Iterator[str]:
    """What keeps it from starting, beside the settings themselves. Nothing is written, and nobody is asked."""
    yield from _told(partial(check_tls, settings))
    yield from _told(partial(check_address, settings))
    yield from _told(partial(check_secrets, settings))
    yield from _told(partial(_check_outbound, settings))
    yield from _told(partial(_check_telemetry, settings))
    yield from _told(partial(_check_content, settings))


def doubts(settings: Settings, *, connect: bool) -> Iterator[str]:
    """What it starts with all the same. ``connect``: databases and key sets are asked."""
    if not _writable(settings.state):
        yield f"CDS_STATE: {settings.state} cannot be written to; records and keys would be lost"
    if settings.kept_rulesets and not settings.kept_rulesets.is_dir():
        yield f"CDS_KEPT_RULESETS: {settings.kept_rulesets} is not a folder; earlier versions of rulesets have no page"
    if connect:
        yield from _told(partial(check_reach, settings))
        yield from _keys(settings)


def _told(check: Callable[[], None]) -> Iterator[str]:
    try:
        check()
    except CdsError as error:
        yield from str(error).splitlines()


def _check_outbound(settings: Settings) -> None:
    with closing(Outbound(Policy(settings.private_networks, settings.ca_file))):
        pass


def _check_telemetry(settings: Settings) -> None:
    spans_of(settings)


def _check_content(settings: Settings) -> None:
    """The rulesets and the clients, each also when the other is wrong."""
    problems: list[str] = []
    clients, served = None, None
    try:
        clients = load_clients(settings.clients) if settings.clients else None
    except CdsError as error:
        problems.append(str(error))
    try:
        served = load_catalogue(settings)
    except CdsError as error:
        problems.append(str(error))
    if clients and served:
        check_services(clients, served)
    if problems:
        raise CdsError("\n".join(problems))


def _keys(settings: Settings) -> Iterator[str]:
    clients = _clients(settings)
    if clients is None:
        return
    with closing(Outbound(Policy(settings.private_networks, settings.ca_file))) as outbound:
        answers = published(clients, outbound)
    for each in examined_clients(clients, answers):
        yield from (f"client {each.name}: {wrong}" for wrong in each.wrong)


def _clients(settings: Settings) -> Clients | None:
    """None also for a file that is wrong: that is told elsewhere."""
    try:
        return load_clients(settings.clients) if settings.clients else None
    except CdsError:
        return None


def _writable(folder: Path) -> bool:
    """Or can be made."""
    there = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
    return there.is_dir() and os.access(there, os.W_OK)
