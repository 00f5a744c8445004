"""`cds diff`: two revisions of the rulesets over the same patients, or over the same logged requests."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from cds.cli import output
from cds.cli.folder import catalogue
from cds.cli.population import bundles
from cds.cli.reading import offers
from cds.errors import InputError

if TYPE_CHECKING:
    from cds.hooks.catalogue import Catalogue
    from cds.workbench.differences import Request

_MOST = 10_000  # logged calls, the newest


@click.command()
@click.argument("old")
@click.argument("new", default="rulesets")
@click.option(
    "--over",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Compare over these FHIR bundles of patients, or folders of them.",
)
@click.option("--decisions", is_flag=True, help="Compare over recorded calls, if their requests were kept.")
@click.option("--service", "service_id", default="spine-and-headache", show_default=True)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only calls on or after this day.")
@output.as_json
def diff(
    old: str,
    new: str,
    *,
    over: tuple[Path, ...],
    decisions: bool,
    service_id: str,
    since: datetime | None,
    as_json: bool,
) -> None:
    """Compare the cards of the rulesets OLD and NEW.

    Lists and explains the cards that NEW adds, removes or changes.

    A revision is a folder of rulesets, or a commit of git that has one: `cds diff main~3 rulesets --over patients/`.
    Ends with 1 when something differs.
    """
    from cds.settings import Settings
    from cds.workbench import differences

    if bool(over) == decisions:
        raise InputError("choose what to compare over: --over PATIENTS or --decisions")
    zone = ZoneInfo(Settings.from_environment().time_zone)
    start = since.replace(tzinfo=zone) if since else None
    with _revision(old) as before, _revision(new) as after:
        if decisions:
            calls = list(differences.over_requests(before, after, _logged(start, zone)))
        else:
            first = start.date() if start else date.min
            if service_id not in before.by_id:  # as it may be, in a revision without it
                offers(after, service_id)
            revisions = (before.by_id.get(service_id, {}), after.by_id.get(service_id, {}))
            calls = list(differences.over_lives(revisions, bundles(over), zone, first))
    found = list(differences.differences(calls))
    lines = differences.report(found, len(calls))
    output.print_json(differences.as_json(found)) if as_json else output.print_lines(lines)
    sys.exit(bool(found))


@contextmanager
def _revision(named: str) -> Iterator[Catalogue]:
    """The rulesets of a folder, or of a commit: those in the folder that CDS_RULESETS names, as they were then."""
    from cds.settings import Settings

    settings = Settings.from_environment()
    with TemporaryDirectory() as folder:
        there = Path(named) if Path(named).is_dir() else _as_committed(named, settings.rulesets, Path(folder))
        yield catalogue(there)


def _as_committed(commit: str, rulesets: Path, folder: Path) -> Path:
    asked = ["git", "archive", "--format=tar", "--end-of-options", commit, rulesets.as_posix()]
    try:
        packed = subprocess.run(asked, capture_output=True, check=True).stdout  # noqa: S603  # no shell, and no option
    except (OSError, subprocess.CalledProcessError) as error:
        raise InputError(f"{commit}: neither a folder nor a commit that has {rulesets}") from error
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return folder / rulesets


def _logged(since: datetime | None, zone: ZoneInfo) -> Iterator[Request]:
    """The requests that were kept (CDS_RECORD=full), oldest first."""
    from cds.security.sealing import seals
    from cds.security.secrets import secrets_kept
    from cds.settings import Settings
    from cds.store import finding, opened
    from cds.workbench.differences import Request

    settings = Settings.from_environment()
    opening = seals(secrets_kept(settings).record_keys)
    with opened(settings) as engine:
        decisions = finding.found(engine, since=since, most=_MOST)
    for one in decisions:
        if one.body:
            body = opening.opened(one.body, f"decision {one.id}")
            yield Request(one.id, one.service, one.hook, one.at.astimezone(zone), body)
