"""The rulesets that a command is about: the option that says where they are, and what is compiled of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from cds.hooks.catalogue import Catalogue


def _given(_context: click.Context, _option: click.Parameter, given: Path | None) -> Path:
    from cds.settings import Settings

    return given or Settings.from_environment().rulesets


rulesets_option = click.option(
    "--rulesets",
    type=click.Path(path_type=Path),
    callback=_given,
    help="Folder of the rulesets; default: CDS_RULESETS.",
)


def catalogue(rulesets: Path | None = None, *, production: bool = False) -> Catalogue:
    """What is only looked at may be unapproved, unless that is asked, and need not be signed."""
    from cds.loading import load_catalogue
    from cds.settings import Settings

    settings = Settings.from_environment()
    wanted = replace(settings, rulesets=rulesets or settings.rulesets, rulesets_key=None, production=production)
    return load_catalogue(wanted)
