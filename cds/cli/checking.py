"""`cds check`: whether the rulesets load, and with --deep what can be proven of them."""

from __future__ import annotations

import sys
from datetime import date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from cds.cli import output
from cds.cli.folder import catalogue
from cds.errors import RulesetError

if TYPE_CHECKING:
    from cds.workbench.soundness.accepted import Judged

_SOLVER = "z3"


@click.command()
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option(
    "--production", is_flag=True, help="Also require that a clinician has approved every ruleset that a service runs."
)
@click.option(
    "--deep",
    is_flag=True,
    help="Also search for rules that can never fire or add nothing, gaps and overlaps of limits, cards that contradict "
    "each other, and what is never read, tested or sourced. Exits with 3 if a finding has no reason in a sound.yaml.",
)
@click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day on which reviews are checked; default: today.",
)
@output.as_json
def check(path: Path | None, *, production: bool, deep: bool, today: datetime | None, as_json: bool) -> None:
    """Load the rulesets in PATH and list all mistakes.

    Every service is compiled too. Each mistake has its file and line.
    """
    from cds.settings import Settings

    settings = Settings.from_environment()
    try:
        summary = _loaded(path, production=production)
        if deep:
            day = today.date() if today else datetime.now(ZoneInfo(settings.time_zone)).date()
            _deep(path or settings.rulesets, day, as_json=as_json)
            return
    except RulesetError as error:
        if as_json:
            output.print_json([{"file": p.file, "line": p.line, "message": p.message} for p in error.problems])
            sys.exit(error.exit_code)
        raise
    output.print_json(summary) if as_json else click.echo(", ".join(f"{n} {what}" for what, n in summary.items()))


def _loaded(path: Path | None, *, production: bool) -> dict[str, int]:
    served = catalogue(path, production=production)
    rulesets = served.knowledge.rulesets.values()
    return {
        "services": len(served.by_id),
        "rulesets": len(rulesets),
        "facts": sum(len(ruleset.facts) for ruleset in rulesets),
        "rules": sum(len(ruleset.rules) for ruleset in rulesets),
        "value sets": len(served.knowledge.valuesets),
    }


def _deep(folder: Path, today: date, *, as_json: bool) -> None:
    from cds.ruleset.load import load
    from cds.workbench.soundness import checking
    from cds.workbench.soundness.accepted import judged

    prove, unproven = None, checking.PROVEN
    if find_spec(_SOLVER):
        from cds.workbench.soundness import proving

        prove, unproven = proving.findings, frozenset()
    found = judged(folder, checking.findings(folder, today, prove), unproven=unproven)
    if prove is None:
        click.echo(f"{_SOLVER}-solver is not installed: nothing is proven ({', '.join(sorted(unproven))})", err=True)
    output.print_json(_as_json(found)) if as_json else _print(found, load(folder))
    if found.open or found.stale:
        sys.exit(RulesetError.exit_code)


def _as_json(found: Judged) -> dict[str, Any]:
    return {
        "open": [{"sort": one.sort, "ruleset": one.ruleset, "name": one.name, "place": str(one)} for one in found.open],
        "accepted": len(found.accepted),
        "stale": [str(one) for one in found.stale],
    }


def _print(found: Judged, knowledge: Any) -> None:
    from cds.workbench.soundness.telling import cases

    for one in found.open:
        click.echo(str(one))
        output.print_lines(f"     {line}" for line in cases(one, knowledge))
    output.print_lines(str(one) for one in found.stale)
    click.echo(f"{len(found.open)} findings, {len(found.accepted)} more with a reason")
