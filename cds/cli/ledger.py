"""The command that holds the records against the ledger."""

from __future__ import annotations

import re
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from cds.cli import output
from cds.errors import InputError

if TYPE_CHECKING:
    from cds.store.verifying import Head, Verification

_TOLD = ("first", "last", "kept", "removed", "before", "head")
_HEAD = re.compile(r"(\d+):([\w-]{12})")


@click.command()
@click.option(
    "--head",
    "noted",
    metavar="PLACE:SEAL",
    help="A head that this command, the log or `cds database status` printed before.",
)
@output.as_json
def verify(noted: str | None, as_json: bool) -> None:
    """List records that have changed since they were stored.

    Exits with 1 if there is one.

    With --head, it also finds out whether the newest records have been removed since.
    """
    from cds.security.sealing import ledger_keys
    from cds.security.secrets import secrets_kept
    from cds.settings import Settings
    from cds.store import opened
    from cds.store.verifying import verifying

    settings, head = Settings.from_environment(), _head(noted)
    keys = ledger_keys(secrets_kept(settings).record_keys)
    with opened(settings) as engine, verifying(engine, keys, head) as walk:
        if as_json:
            findings = [asdict(finding) for finding in walk.findings()]
            output.print_json({"findings": findings, **{name: getattr(walk, name) for name in _TOLD}})
        else:
            output.print_lines(f"{finding.about}: {finding.problem}" for finding in walk.findings())
            output.print_lines([_summary(walk)])
    sys.exit(walk.amiss > 0)


def _summary(walk: Verification) -> str:
    return (
        f"ledger {walk.first} to {walk.last}: {walk.kept} records as they were entered, {walk.removed} removed, "
        f"{walk.before} from before it; {walk.amiss} findings; head {walk.head or 'none'}"
    )


def _head(noted: str | None) -> Head | None:
    from cds.store.verifying import Head

    if noted is None:
        return None
    parts = _HEAD.fullmatch(noted)
    if parts is None:
        raise InputError("--head must be a position and the beginning of a seal, such as 1234:AbCdEfGhIjKl")
    return Head(int(parts[1]), parts[2])
