"""`cds mutate`: whether the cases beside the rulesets notice small mistakes put into them."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cds.cli import output
from cds.cli.coverage import under
from cds.cli.folder import rulesets_option

if TYPE_CHECKING:
    from cds.workbench.mutation.survivors import Mutation
    from cds.workbench.traces import Stage


@click.command()
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option("--jobs", type=click.IntRange(1), default=os.cpu_count() or 1, show_default=True, help="Processes.")
@click.option(
    "--require",
    type=click.FloatRange(0, 100),
    default=100.0,
    show_default=True,
    metavar="PERCENT",
    help="Exit with 1 if fewer are noticed. Not counted: mistakes with a reason.",
)
@click.option(
    "--html", type=click.Path(path_type=Path), metavar="DIR", help="Write HTML pages that show the source line by line."
)
@rulesets_option
@output.as_json
def mutate(path: Path | None, jobs: int, require: float, html: Path | None, rulesets: Path, *, as_json: bool) -> None:
    """List small mistakes that no test case notices.

    The mistakes are made one by one, in all rulesets or in those under PATH.

    A mistake that needs no case has a reason in survivors.yaml, next to the ruleset. Exits with 1 for a survivor
    without a reason, and for a reason that is no longer needed.
    """
    from cds.workbench.mutation import pages, report
    from cds.workbench.mutation.solver import is_there
    from cds.workbench.traces import Stage

    stage = Stage.of(rulesets)
    names = under(path or rulesets, rulesets, stage.usual.rulesets.values())
    found = _mutation(stage, names, jobs)
    if not is_there():
        click.echo("z3-solver is not installed: mistakes that change nothing are counted as survivors.", err=True)
    if html:
        pages.write(found, {name: stage.usual.rulesets[name] for name in names}, rulesets, html)
    output.print_json(report.as_json(found)) if as_json else output.print_lines(report.lines(found))
    sys.exit(bool(found.stale) or report.share(found).percent < require)


def _mutation(stage: Stage, names: Sequence[str], jobs: int) -> Mutation:
    from cds.workbench import testing
    from cds.workbench.mutation.survivors import logic_of, mutation

    cases = testing.collect(stage.folder, knowledge=stage.usual)
    with click.progressbar(length=len(logic_of(stage.usual, names)), label="mutants", file=sys.stderr) as tried:
        return mutation(stage, names, cases, jobs, tried.update)
