"""The option that says where the rulesets are, for every command that reads them."""

from __future__ import annotations

from pathlib import Path

import click


def _given(_context: click.Context, _option: click.Parameter, given: Path | None) -> Path:
    from cds.settings import Settings

    return given or Settings.from_environment().rulesets


rulesets_option = click.option(
    "--rulesets",
    type=click.Path(path_type=Path),
    callback=_given,
    help="Folder of the rulesets; by default what CDS_RULESETS says.",
)
