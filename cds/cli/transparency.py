"""What the pages of the rulesets tell beside the rules: results of tests, and versions that are replaced."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from cds.cli import output
from cds.cli.folder import rulesets_option


@click.command()
@click.option("--jobs", type=click.IntRange(1), default=os.cpu_count() or 1, show_default=True, help="Processes.")
@rulesets_option
def report(rulesets: Path, jobs: int) -> None:
    """Measure tests, coverage and mutation, and write results.json beside the rulesets, for their pages."""
    import msgspec

    from cds.monograph.results import NAME
    from cds.settings import Settings
    from cds.workbench.report import lines, measured

    today = datetime.now(ZoneInfo(Settings.from_environment().time_zone)).date()
    found = measured(rulesets, today, jobs)
    content = msgspec.json.format(msgspec.json.encode(found), indent=1)
    (rulesets / NAME).write_bytes(content + b"\n")
    output.print_lines(lines(found))


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--replace", is_flag=True, help="Also where this version was kept before: the one kept first is lost.")
@rulesets_option
def keep(folder: Path, replace: bool, rulesets: Path) -> None:
    """Keep what the page of every ruleset tells, in its version, in FOLDER, for CDS_KEPT_RULESETS."""
    import msgspec

    from cds.monograph.loaded import of_loaded
    from cds.ruleset.load import load
    from cds.ruleset.site import parameters_of
    from cds.settings import Settings

    settings = Settings.from_environment()
    knowledge = load(rulesets, parameters_of(settings.parameters) if settings.parameters else None)
    kept = 0
    for ruleset in knowledge.rulesets.values():
        path = folder / ruleset.id / f"{ruleset.version}.json"
        if replace or not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(msgspec.json.encode(of_loaded(knowledge, rulesets, ruleset.id)))
            kept += 1
    click.echo(f"{kept} kept, {len(knowledge.rulesets) - kept} were kept before")
