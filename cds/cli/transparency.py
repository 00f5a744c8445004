"""What the pages of the rulesets tell beside the rules: results of tests, and versions that are replaced."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from cds.cli import output

_rulesets = click.option(
    "--rulesets", type=click.Path(path_type=Path), help="Folder of the rulesets; by default what CDS_RULESETS says."
)


@click.command()
@_rulesets
def report(rulesets: Path | None) -> None:
    """Measure tests and coverage, and write them as results.json into the folder of the rulesets, for their pages."""
    import msgspec

    from cds.monograph.results import NAME
    from cds.settings import Settings
    from cds.workbench.report import lines, measured

    settings = Settings.from_environment()
    folder = rulesets or settings.rulesets
    found = measured(folder, datetime.now(ZoneInfo(settings.time_zone)).date())
    content = msgspec.json.format(msgspec.json.encode(found), indent=1)
    (folder / NAME).write_bytes(content + b"\n")
    output.print_lines(lines(found))


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--replace", is_flag=True, help="Also where this version was kept before: the one kept first is lost.")
@_rulesets
def keep(folder: Path, replace: bool, rulesets: Path | None) -> None:
    """Keep what the page of every ruleset tells, in its version, in FOLDER, for CDS_KEPT_RULESETS."""
    import msgspec

    from cds.monograph.loaded import of_loaded
    from cds.ruleset.load import load
    from cds.ruleset.site import parameters_of
    from cds.settings import Settings

    settings = Settings.from_environment()
    source = rulesets or settings.rulesets
    knowledge = load(source, parameters_of(settings.parameters) if settings.parameters else None)
    kept = 0
    for ruleset in knowledge.rulesets.values():
        path = folder / ruleset.id / f"{ruleset.version}.json"
        if replace or not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(msgspec.json.encode(of_loaded(knowledge, source, ruleset.id)))
            kept += 1
    click.echo(f"{kept} kept, {len(knowledge.rulesets) - kept} were kept before")
