"""`cds pin`: cases made by search, for what no case written by hand shows."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cds.cli import output
from cds.cli.folder import rulesets_option


@click.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True), required=False)
@click.option("--check", is_flag=True, help="Write nothing; list the pins that are out of date.")
@click.option(
    "--mutants", is_flag=True, help="Find cases that notice surviving mutants; writes mutant-pins.yaml. Slow."
)
@click.option("--facts", is_flag=True, help="Find small records that notice mistakes in facts; writes fact-pins.yaml.")
@rulesets_option
def pin(path: Path | None, rulesets: Path, *, check: bool, mutants: bool, facts: bool) -> None:
    """Find cases that close gaps in coverage; write pins.yaml.

    For all rulesets, or for those under PATH.

    A pin records what a rule does today. Nobody has compared it with the clinical documents.
    """
    from cds.workbench.pins import running, running_of_facts

    if check:
        checked = (running_of_facts,) if facts else (running, running_of_facts)
        stale = [words for one in checked for words in one.out_of_date(rulesets, path)]
        output.print_lines(stale or ["The pins are up to date."])
        sys.exit(bool(stale))
    if mutants:
        output.print_lines(str(written) for written in running.write_of_mutants(rulesets, path))
    elif facts:
        output.print_lines(str(written) for written in running_of_facts.write(rulesets, path))
    else:
        output.print_lines(str(written) for written in running.write(rulesets, path))
