"""The commands about the settings of the service."""

from __future__ import annotations

import os
import sys

import click

from cds.cli import output


@click.group()
def config() -> None:
    """Check, list or describe the settings of the service."""


@config.command()
@click.option(
    "--connect", is_flag=True, help="Also connect to the database and to the servers where clients publish their keys."
)
@output.as_json
def check(connect: bool, as_json: bool) -> None:
    """List all mistakes in settings, certificates, clients and rulesets. Writes nothing.

    Exit codes: 0 no problem, 1 the service starts, but something it needs cannot be reached or written to, 2 it does
    not start.
    """
    from cds.serve import checking
    from cds.settings import Settings

    settings, wrong = Settings.read(os.environ)
    mistakes = [*wrong, *checking.mistakes(settings)]
    doubts = list(checking.doubts(settings, connect=connect))
    if as_json:
        output.print_json({"mistakes": mistakes, "doubts": doubts})
    else:
        found = [*(f"mistake: {each}" for each in mistakes), *(f"doubt: {each}" for each in doubts)]
        output.print_lines(found or ["no mistake and no doubt: the service would start"])
    sys.exit(2 if mistakes else 1 if doubts else 0)


@config.command()
@output.as_json
def show(as_json: bool) -> None:
    """List every setting with its value, and whether that is the default. Secrets are not shown."""
    from cds.settings import Settings
    from cds.settings.told import shown

    settings = Settings.from_environment()
    found = list(shown(settings, os.environ))
    if as_json:
        output.print_json({each.name: {"value": each.value, "given": each.given} for each in found})
    else:
        output.print_lines(f"{each.name}={_text(each.value)}{'' if each.given else '  (default)'}" for each in found)


@config.command()
def schema() -> None:
    """Print the JSON Schema of all settings."""
    from cds.settings.told import schema as of_settings

    output.print_json(of_settings())


def _text(value: object) -> str:
    """As it would be written in the environment."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return ",".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
