"""What the pages of the rulesets tell beside the rules: results of tests, and versions that are replaced."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from cds.cli import output
from cds.cli.folder import rulesets_option


@click.command()
@click.option(
    "--all", "everything", is_flag=True, help="Also measure rulesets that have not changed since they were measured."
)
@click.option("--check", is_flag=True, help="Measure everything, write nothing; exit with 1 if something is wrong.")
@click.option("--jobs", type=click.IntRange(1), default=os.cpu_count() or 1, show_default=True, help="Processes.")
@rulesets_option
def report(rulesets: Path, jobs: int, *, everything: bool, check: bool) -> None:
    """Measure the rulesets and write results.json.

    Tests, coverage and mutation of the rulesets that have changed, for their pages.

    --check also reports what is wrong: a failed case, a goal or mutant without a case or a reason, an outdated
    results.json.
    """
    from cds.monograph.results import Results, read, write
    from cds.settings import Settings
    from cds.workbench import report
    from cds.workbench.measuring import measured
    from cds.workbench.traces import Stage

    today = datetime.now(ZoneInfo(Settings.from_environment().time_zone)).date()
    stage = Stage.of(rulesets)
    recorded = read(rulesets) or Results(rulesets={})
    names = sorted(stage.usual.rulesets) if everything or check else report.changed(stage, recorded)
    findings = measured(stage, names, jobs, _bar)
    found = report.results(stage, findings, recorded, today)
    output.print_lines(report.lines(found, names))
    if check:
        amiss = [*report.faults(findings), *report.differences(stage, found, recorded)]
        output.print_lines(amiss or ["results.json is up to date, and nothing is missing."])
        sys.exit(bool(amiss))
    write(rulesets, found)
    click.echo(f"{len(names)} rulesets measured, {len(found.rulesets) - len(names)} unchanged")


@contextmanager
def _bar(label: str, length: int) -> Iterator[Callable[[int], None]]:
    with click.progressbar(length=length, label=label, file=sys.stderr) as bar:
        yield bar.update


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--replace", is_flag=True, help="Replace a version that was kept before; that one is lost.")
@rulesets_option
def keep(folder: Path, replace: bool, rulesets: Path) -> None:
    """Save the page of every ruleset version in FOLDER.

    The service shows saved pages from the folder that CDS_KEPT_RULESETS names.
    """
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
    click.echo(f"{kept} kept, {len(knowledge.rulesets) - kept} already there")
