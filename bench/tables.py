"""Measured figures as Markdown, for the terminal and for the page on performance."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple


class Table(NamedTuple):
    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[object]]

    def markdown(self) -> str:
        lines = [self.head, ["---"] * len(self.head), *([_cell(value) for value in row] for row in self.rows)]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= 100 else f"{value:#.2g}".rstrip(".")
    return str(value)


def filled_in(page: str, table: Table) -> str:
    """The page with the table between its two marks, ``<!-- bench: name -->`` and ``<!-- /bench -->``."""
    marked = re.compile(rf"(<!-- bench: {table.name} -->\n).*?(<!-- /bench -->)", re.DOTALL)
    content, count = marked.subn(lambda marks: f"{marks[1]}{table.markdown()}\n{marks[2]}", page)
    if count != 1:
        raise SystemExit(f"the page has {count} places for the table {table.name}")
    return content
