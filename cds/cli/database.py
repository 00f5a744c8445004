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
    """What is stored: its schema, its age, its end."""


@database.command()
@output.as_json
def status(as_json: bool) -> None:
    """Say what is stored and what waits to be; ends with 1 when the schema is not that of this release."""
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
    """Make or complete the tables. The service does so itself when it starts."""
    from cds.settings import Settings
    from cds.store import connected, schema

    with connected(Settings.from_environment()) as engine:
        before = schema.upgrade(engine)
    click.echo(f"schema {schema.newest()}" + (f", before {before or 'none'}" if before != schema.newest() else ""))


@database.command()
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), help="By default as CDS_KEEP_DAYS says. A day of UTC.")
def purge(before: datetime | None) -> None:
    """Remove records that are too old. The service does so itself every hour."""
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
@click.option("--patient", required=True, metavar="ID", help="Id of the patient, as the client has it.")
@click.option("--issuer", default="", metavar="URL", help="Of the client whose patient it is; none: an open service.")
@click.option("--tenant", default="", metavar="NAME", help="With --issuer, where the client has tenants.")
def erase(patient: str, issuer: str, tenant: str) -> None:
    """Remove all that is known of a patient, also what waits in the spool here; ends with 1 when some still waits."""
    from cds.journal import Caller
    from cds.security.pseudonyms import pseudonyms
    from cds.security.sealing import ledger_keys
    from cds.security.secrets import secrets_kept
    from cds.settings import Settings
    from cds.store import opened, upkeep

    if not patient:
        raise InputError("--patient must name somebody")
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
