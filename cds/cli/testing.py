"""`cds test`: the cases beside the rulesets, and the golden cards."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cds.cli import output
from cds.cli.folder import rulesets_option

if TYPE_CHECKING:
    from cds.workbench.testing import Result

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option("-k", "only", default="", metavar="TEXT", help="Only cases whose name contains TEXT.")
@click.option("--coverage", is_flag=True, help="Then list what the cases do not cover, like cds coverage.")
@click.option("--golden", is_flag=True, help="First rewrite the golden cards (cards.yaml). Review the difference.")
@click.option("--watch", is_flag=True, help="Run again whenever a file of the rulesets changes.")
@click.option("--junit", type=_FILE, metavar="FILE", help="Also write JUnit XML, for a build server.")
@click.option("--html", type=_FILE, metavar="FILE", help="Also write an HTML page.")
@rulesets_option
@output.as_json
def test(
    path: Path | None,
    only: str,
    rulesets: Path,
    *,
    coverage: bool,
    golden: bool,
    watch: bool,
    junit: Path | None,
    html: Path | None,
    as_json: bool,
) -> None:
    """Run the test cases (tests.yaml) of the rulesets.

    All of them, or those under PATH.

    If a ruleset has golden cards (cards.yaml), each card must also look exactly like its golden card.
    """

    if coverage and as_json:
        raise click.UsageError("--coverage prints text; use cds coverage --json for JSON")

    def tell() -> bool:
        if golden:
            for written in _golden(rulesets, path):
                click.echo(f"written: {written}", err=True)
        results = _results(rulesets, path, only)
        if coverage:
            output.print_lines(_coverage(rulesets, path, only))
        return _told(results, junit, html, as_json=as_json)

    if watch:
        _again_and_again(rulesets, tell)
    else:
        sys.exit(not tell())


def _results(rulesets: Path, path: Path | None, only: str) -> list[Result]:
    from cds.workbench import testing
    from cds.workbench.bench import Bench

    bench = Bench(rulesets)
    cases = testing.collect(rulesets, path, only, bench.knowledge)
    told = testing.run(bench, cases, some=bool(only))
    with click.progressbar(told, length=len(cases), label="cases", file=sys.stderr) as results:
        return list(results)


def _told(results: Sequence[Result], junit: Path | None, html: Path | None, *, as_json: bool) -> bool:
    """Whether all passed."""
    from cds.workbench.reports import junit as xml
    from cds.workbench.reports import lines, page

    if junit:
        junit.write_bytes(xml.junit(results))
    if html:
        html.write_text(page.page(results), encoding="utf-8")
    output.print_json([one.as_json() for one in results]) if as_json else output.print_lines(lines.lines(results))
    return all(one.passed for one in results)


def _golden(rulesets: Path, path: Path | None) -> Iterator[Path]:
    from cds.workbench import testing
    from cds.workbench.bench import Bench
    from cds.workbench.writing import write

    bench = Bench(rulesets)
    whole = path.parent if path and path.is_file() else path
    return write(bench, testing.collect(rulesets, whole, knowledge=bench.knowledge))


def _coverage(rulesets: Path, path: Path | None, only: str) -> Iterator[str]:
    from cds.workbench import coverage_report, testing
    from cds.workbench.coverage import measured
    from cds.workbench.traces import Stage

    stage = Stage.of(rulesets)
    cases = testing.collect(rulesets, path, only, stage.usual)
    return coverage_report.lines(measured(stage, dict.fromkeys(case.ruleset for case in cases), cases))


def _again_and_again(rulesets: Path, tell: Callable[[], bool]) -> None:
    from cds.errors import CdsError
    from cds.workbench.watching import changes

    for _ in changes(rulesets):
        try:
            tell()
        except CdsError as error:  # a file is half written: it will be saved again
            click.echo(f"cds: {error}", err=True)
        click.echo("Waiting for a change; Ctrl-C ends.", err=True)
