"""Writing anew the parts of the documentation that follow from the code and from the rulesets."""

from __future__ import annotations

from pathlib import Path

import click

from cds.cli import reading


@click.command()
@click.argument("page", type=click.Path(path_type=Path), default=Path("docs/rule-language.md"))
def language(page: Path) -> None:
    """Rewrite the list of kinds in the language PAGE."""
    from cds.ruleset.language import MARK, with_kinds

    page.write_text(with_kinds(reading.page(page, MARK)))


@click.command()
@click.argument("page", type=click.Path(path_type=Path), default=Path("docs/configuration.md"))
@click.option("--rulesets", type=click.Path(path_type=Path), help="Folder of the rulesets; default: CDS_RULESETS.")
def parameters(page: Path, rulesets: Path | None) -> None:
    """Rewrite the list of parameters in the configuration PAGE."""
    from cds.ruleset.load import load
    from cds.settings import Settings
    from cds.workbench.configuration import MARK, with_parameters
    from cds.workbench.configuration import parameters as found

    folder = rulesets or Settings.from_environment().rulesets
    page.write_text(with_parameters(reading.page(page, MARK), found(folder, load(folder))))
