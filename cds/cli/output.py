"""What the commands share: how an answer is asked for and printed."""

from __future__ import annotations

import json
from collections.abc import Iterable

import click

as_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")


def print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
