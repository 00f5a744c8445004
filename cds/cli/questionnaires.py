"""Writing what an EHR loads before it can ask our questions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from cds.cli import output


@click.command()
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Write one file for each into this folder."
)
@click.option("--rulesets", type=click.Path(path_type=Path), help="Folder of the rulesets; default: CDS_RULESETS.")
def questionnaires(out: Path | None, rulesets: Path | None) -> None:
    """Print the questionnaires as a FHIR Bundle.

    With the local code systems and the lists of answers that they use.
    """
    from cds.fhir.definitions import definitions, load_all
    from cds.ruleset.load import load
    from cds.settings import Settings

    made = definitions(load(rulesets or Settings.from_environment().rulesets))
    if out is None:
        output.print_json(load_all(made))
        return
    out.mkdir(parents=True, exist_ok=True)
    for kind, resources in made.items():
        for name, resource in resources.items():
            _write(out / f"{kind}-{name}.json", resource)


def _write(path: Path, resource: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(resource, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    click.echo(path)
