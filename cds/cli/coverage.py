"""`cds coverage`: what the cases beside the rulesets show of them, in the words of their rules."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cds.cli import output
from cds.cli.folder import rulesets_option
from cds.errors import InputError

if TYPE_CHECKING:
    from cds.ruleset.model import Ruleset


@click.command()
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option(
    "--html", type=click.Path(path_type=Path), metavar="DIR", help="Write HTML pages that show the source line by line."
)
@click.option(
    "--require",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Exit with 1 if less than this share is covered. Not counted: what cannot be covered, or has a reason.",
)
@rulesets_option
@output.as_json
def coverage(path: Path | None, html: Path | None, require: float | None, rulesets: Path, as_json: bool) -> None:
    """List what the test cases do not cover.

    For all rulesets, or for those under PATH.

    Rules that never fire, conditions that never decide, limits without a case on each side, unknown values that no
    case has.
    """
    from cds.workbench import coverage_pages, coverage_report, testing
    from cds.workbench.coverage import measured
    from cds.workbench.traces import Stage

    stage = Stage.of(rulesets)
    names = under(path or rulesets, rulesets, stage.usual.rulesets.values())
    with click.progressbar(testing.collect(rulesets, path), label="cases", file=sys.stderr) as cases:
        found = measured(stage, names, cases)
    if html:
        coverage_pages.write(found, rulesets, html)
    if as_json:
        output.print_json(coverage_report.as_json(found))
    else:
        output.print_lines(coverage_report.lines(found))
    sys.exit(require is not None and coverage_report.share(coverage_report.total(found)) < require)


def under(path: Path, folder: Path, rulesets: Iterable[Ruleset]) -> list[str]:
    """The rulesets under a path, or the one beside a file. Raises ``InputError`` where there are none."""
    wanted = (path.parent if path.is_file() else path).resolve()
    found = [one.id for one in rulesets if (folder.resolve().parent / one.place.file).is_relative_to(wanted)]
    if not found:
        raise InputError(f"{path}: no ruleset of {folder} here")
    return found
