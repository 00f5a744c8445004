"""`cds backtest`: what a service would have said about patients whose records are at hand."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from cds.cli import output
from cds.cli.folder import catalogue
from cds.cli.reading import offers, service_of, service_option
from cds.errors import InputError


@click.command()
@click.argument("patients", type=click.Path(path_type=Path), nargs=-1, required=True)
@service_option
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only calls on or after this day.")
@click.option("--rulesets", type=click.Path(path_type=Path), help="Folder of the rulesets; default: CDS_RULESETS.")
@output.as_json
def backtest(
    patients: tuple[Path, ...], asked: str | None, since: datetime | None, rulesets: Path | None, as_json: bool
) -> None:
    """Report the cards that PATIENTS would have had.

    PATIENTS are FHIR bundles, or folders of them.

    The service is called at the end of every visit and whenever orders were written, with the record of that time. The
    report ends with the rates by sex, by age and, if US Core gives them, by race and ethnicity.
    """
    from cds.population import backtest as population
    from cds.population import shares
    from cds.settings import Settings

    settings = Settings.from_environment()
    files = list(bundles(patients))
    options: dict[str, Any] = {"since": since.date()} if since else {}
    served = catalogue(rulesets)
    offered = offers(served, service_of(served, asked))
    with click.progressbar(files, label="patients", file=sys.stderr) as shown:
        calls = list(population.backtest(offered, shown, ZoneInfo(settings.time_zone), **options))
    found = shares.shares(calls)
    if as_json:
        output.print_json({"calls": population.as_json(calls), "subpopulations": shares.as_json(found)})
    else:
        output.print_lines((*population.report(calls), *shares.lines(found)))


def bundles(paths: Iterable[Path]) -> Iterator[Path]:
    """Raises ``InputError`` for two of the same name too: they would be counted as one patient."""
    named: dict[str, Path] = {}
    for path in paths:
        found = sorted(path.rglob("*.json")) if path.is_dir() else [path]
        if not found:
            raise InputError(f"{path}: no bundles found")
        for file in found:
            if named.setdefault(file.stem, file) is not file:
                raise InputError(
                    f"{file}: patients go by the name of their file, and {named[file.stem]} has it already"
                )
            yield file
