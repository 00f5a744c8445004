"""The commands about clients and their keys."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from cds.cli import output
from cds.errors import SettingsError

if TYPE_CHECKING:
    from cds.security.clients import Clients
    from cds.security.keysets import KeySets
    from cds.settings import Settings

_READING_SECONDS = 10.0  # for all key sets together


@click.group()
def keys() -> None:
    """The clients that are trusted, and their keys."""


@keys.command()
@click.option("--clients", "file", type=click.Path(path_type=Path), help="By default what CDS_CLIENTS says.")
@click.option("--token", type=click.File("rb"), help="Also say what becomes of the token in this file; - to pipe it.")
@output.as_json
def check(file: Path | None, token: IO[bytes] | None, as_json: bool) -> None:
    """List every client with its keys, and what is wrong with them. Key sets that clients publish are read."""
    import msgspec

    from cds.security.clients import load_clients
    from cds.security.examination import examined_clients, examined_token
    from cds.settings import Settings

    settings = Settings.from_environment()
    clients = load_clients(_named(file or settings.clients))
    with _key_sets(clients, settings) as key_sets:
        found = tuple(examined_clients(clients, key_sets))
        text = token.read().decode("ascii", "replace").strip() if token else None
        services = f"{settings.url}/cds-services"
        one = text and examined_token(text, clients, key_sets, services=services, now=time.time())
    if as_json:
        output.print_json(msgspec.to_builtins({"clients": found, "warnings": clients.warnings, "token": one}))
    else:
        output.print_lines(line for each in found for line in each.lines())
        output.print_lines(f"warning: {problem}" for problem in clients.warnings)
        output.print_lines(one.lines() if one else ())
    sys.exit(any(each.wrong for each in found) or bool(one and one.refused))


def _named(file: Path | None) -> Path:
    if file is None:
        raise SettingsError("no clients file is named: set CDS_CLIENTS, or use --clients")
    return file


@contextmanager
def _key_sets(clients: Clients, settings: Settings) -> Iterator[KeySets]:
    from cds.outbound import Outbound, Policy
    from cds.security.keysets import KeySets
    from cds.web import log

    log.configure("error")  # what cannot be read is told in full below
    outbound = Outbound(Policy(settings.private_networks, settings.ca_file))
    key_sets = KeySets(clients, outbound)
    key_sets.start(wait=_READING_SECONDS)
    try:
        yield key_sets
    finally:
        key_sets.close()
        outbound.close()
