"""The commands about clients and their keys."""

from __future__ import annotations

import sys
import time
from contextlib import closing
from pathlib import Path
from typing import IO

import click

from cds.cli import output
from cds.errors import SettingsError


@click.group()
def keys() -> None:
    """Check the trusted clients and their keys."""


@keys.command()
@click.option("--clients", "file", type=click.Path(path_type=Path), help="The clients file; default: CDS_CLIENTS.")
@click.option("--token", type=click.File("rb"), help="Also check the token in this file (- for standard input).")
@output.as_json
def check(file: Path | None, token: IO[bytes] | None, as_json: bool) -> None:
    """List every client with its keys and their problems. Also reads the key sets that clients publish."""
    import msgspec

    from cds.outbound import Outbound, Policy
    from cds.security.clients import load_clients
    from cds.security.examination import examined_clients, examined_token, published
    from cds.settings import Settings

    settings = Settings.from_environment()
    clients = load_clients(_named(file or settings.clients))
    with closing(Outbound(Policy(settings.private_networks, settings.ca_file))) as outbound:
        answers = published(clients, outbound)
    found = tuple(examined_clients(clients, answers))
    text = token.read().decode("ascii", "replace").strip() if token else ""
    services = f"{settings.url}/cds-services"
    one = examined_token(text, clients, answers, services=services, now=time.time()) if token else None
    if as_json:
        output.print_json(msgspec.to_builtins({"clients": found, "warnings": clients.warnings, "token": one}))
    else:
        output.print_lines(line for each in found for line in each.lines())
        output.print_lines(f"warning: {problem}" for problem in clients.warnings)
        output.print_lines(one.lines() if one else ())
    sys.exit(any(each.wrong for each in found) or bool(one and one.refused))


def _named(file: Path | None) -> Path:
    if file is None:
        raise SettingsError("no clients file: set CDS_CLIENTS or use --clients")
    return file
