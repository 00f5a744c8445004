"""``python -m bench``: measures the service, and writes the figures where the page on performance tells of them."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from bench import client, engine, footprint, growth, http, latency, peers, rulesets, shares
from bench.tables import Table, filled_in

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
PARTS = {
    "http": http.tables,
    "peers": peers.tables,
    "latency": latency.tables,
    "footprint": footprint.tables,
    "shares": shares.tables,
    "growth": growth.tables,
    "rulesets": rulesets.tables,
    "engine": engine.tables,
}


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("--only", choices=PARTS, help="one part")
    options.add_argument("--write", action="store_true", help=f"put the tables into {PAGE.parent.name}/{PAGE.name}")
    chosen = options.parse_args()
    for table in _tables([chosen.only] if chosen.only else list(PARTS)):
        print(f"\n{table.name}\n\n{table.markdown()}", flush=True)
        if chosen.write:
            PAGE.write_text(filled_in(PAGE.read_text(encoding="utf-8"), table), encoding="utf-8")


def _tables(parts: list[str]) -> Iterator[Table]:
    yield Table("machine", ("processor", "cores", "Python", "Granian", "msgspec", "client"), [_machine()])
    for part in parts:
        yield from PARTS[part]()


def _machine() -> tuple[object, ...]:
    names = [line.partition(":")[2].strip() for line in _lines(Path("/proc/cpuinfo")) if line.startswith("model name")]
    processor = names[0] if names else platform.processor() or platform.machine()
    sender = "wrk" if client.WRK else "bench/client.py"
    return processor, os.cpu_count(), platform.python_version(), version("granian"), version("msgspec"), sender


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


if __name__ == "__main__":
    main()
