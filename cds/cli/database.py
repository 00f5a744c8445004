"""The commands about the database."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from cds.cli import output
from cds.errors import InputError

if TYPE_CHECKING:
    from cds.store.upkeep import Status


@click.group()
def database() -> None:
    """Show, upgrade or clean up the database."""


@database.command()
@output.as_json
def status(as_json: bool) -> None:
    """Print what is stored and what waits in the spool. Exits with 1 if the schema is not that of this release."""
    from cds.settings import Settings
    from cds.store import connected, upkeep

    settings = Settings.from_environment()
    with connected(settings) as engine:
        found = upkeep.status(engine, settings)
    if as_json:
        output.print_json({**asdict(found), "oldest": found.oldest and found.oldest.isoformat()})
    else:
        output.print_lines(_lines(found))
    sys.exit(found.schema != found.newest_schema)


@database.command()
def upgrade() -> None:
    """Create or upgrade the tables. The service also does this when it starts."""
    from cds.settings import Settings
    from cds.store import connected, schema

    with connected(Settings.from_environment()) as engine:
        before = schema.upgrade(engine)
    click.echo(f"schema {schema.newest()}" + (f", before {before or 'none'}" if before != schema.newest() else ""))


@database.command()
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), help="A day in UTC. Default: from CDS_KEEP_DAYS.")
def purge(before: datetime | None) -> None:
    """Remove records that are too old. The service also does this every hour."""
    from cds.security.sealing import ledger_keys
    from cds.security.secrets import secrets_kept
    from cds.settings import Settings
    from cds.store import opened, retention

    settings, now = Settings.from_environment(), datetime.now(UTC)
    too_old = now - timedelta(days=settings.keep_days)
    until = before.replace(tzinfo=UTC) if before else too_old
    with opened(settings) as engine:
        removed = retention.purge(engine, ledger_keys(secrets_kept(settings).record_keys), until, now)
        retention.end_notes(engine, too_old)
    click.echo(f"removed {removed.decisions} decisions, {removed.feedback} pieces of feedback")


@database.command()
@click.option("--patient", required=True, metavar="ID", help="Id of the patient in the client's system.")
@click.option("--issuer", default="", metavar="URL", help="Issuer of the client; leave out for an open service.")
@click.option("--tenant", default="", metavar="NAME", help="Tenant of the client, if it has tenants.")
def erase(patient: str, issuer: str, tenant: str) -> None:
    """Remove all records of a patient.

    Also those in the spool of this machine. Exits with 1 if some still wait there.
    """
    from cds.journal import Caller
    from cds.security.pseudonyms import pseudonyms
    from cds.security.sealing import ledger_keys
    from cds.security.secrets import secrets_kept
    from cds.settings import Settings
    from cds.store import opened, upkeep

    if not patient:
        raise InputError("--patient must not be empty")
    settings, now = Settings.from_environment(), datetime.now(UTC)
    with opened(settings) as engine:
        secrets = secrets_kept(settings)
        pseudonym = pseudonyms(secrets.pseudonym_key, Caller(issuer=issuer, tenant=tenant))("patient", patient)
        gone = upkeep.forget(engine, ledger_keys(secrets.record_keys), settings.state / "spool", pseudonym, now)
    click.echo(
        f"removed {gone.decisions} decisions, {gone.feedback} pieces of feedback, {gone.rejected} rejected lines"
    )
    if not gone.decisions and not gone.waiting:
        click.echo(
            "no decision about this patient is known; --issuer and --tenant must be those of the client's tokens"
        )
    if gone.waiting:
        click.echo(f"{gone.waiting} bytes wait in the spool; decisions about the patient among them will not be stored")
    sys.exit(gone.waiting > 0)


def _lines(found: Status) -> Iterator[str]:
    yield found.database
    same = found.schema == found.newest_schema
    yield f"schema {found.schema or 'none'}" + ("" if same else f", this release has {found.newest_schema}")
    yield f"{found.decisions} decisions, {found.feedback} pieces of feedback"
    if found.oldest:
        yield f"the oldest of {found.oldest:%Y-%m-%d %H:%M:%S} UTC"
    if found.head:
        yield f"ledger {found.head}"
    yield f"{found.waiting_bytes} bytes wait in the spool, {found.rejected_bytes} were rejected"
