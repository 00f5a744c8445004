"""``python -m bench``: the shares of one call, then the service beside the limit; as Markdown, and as JSON."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from bench import http, shares
from bench.bodies import SIZES


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("--sizes", type=_numbers, default=SIZES, help="resources in a body, as 10,200,2000")
    options.add_argument("--seconds", type=float, default=2.0, help="of each of the rounds over HTTP")
    options.add_argument("--only", choices=("shares", "http"))
    options.add_argument("--json", type=Path, help="write the figures to this file too")
    chosen = options.parse_args()
    within = shares.measure(chosen.sizes) if chosen.only != "http" else []
    over = http.measure(chosen.sizes, chosen.seconds) if chosen.only != "shares" else []
    if within:
        print("In this process, ms of processor time\n", _table(shares.Row._fields, within), sep="\n")
    if over:
        print(
            "\nOver HTTP, one connection\n", _table((*http.Row._fields, "share of limit"), _with_ratio(over)), sep="\n"
        )
    if chosen.json:
        figures = {"shares": [row._asdict() for row in within], "http": [row._asdict() for row in over]}
        chosen.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(","))


def _with_ratio(rows: Sequence[http.Row]) -> list[tuple[object, ...]]:
    """Each row with its requests a second as a share of the limit's, measured in the same rounds."""
    limits = {(row.resources, row.relevant): row.per_second for row in rows if row.server == "limit"}
    return [(*row, row.per_second / limits[row.resources, row.relevant]) for row in rows]


def _table(names: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    head = list(names)
    lines = [head, ["---"] * len(head), *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (
        f"{value:.3g}"
        if isinstance(value, float) and value < 1000
        else f"{value:.0f}"
        if isinstance(value, float)
        else str(value)
    )


if __name__ == "__main__":
    main()
