"""What the commands share: how an answer is asked for and printed."""

from __future__ import annotations

import json
from collections.abc import Iterable

import click

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def print_lines(lines: Iterable[str]) -> None:
    from cds.hooks.wording import visible

    for line in lines:
        click.echo(visible(line))


def print_json(value: object) -> None:
    from cds.hooks.wording import visible

    click.echo(visible(json.dumps(value, ensure_ascii=False, indent=2)))
