"""``python -m faults``: puts each fault into a service that runs, and tells in a line what became of it."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from bench.tables import Table, filled_in
from faults.observed import FULL, SMALL, Fault, LeftOut, Observed, Size, Verdict
from faults.table import FAULTS

PAGE = Path(__file__).parents[1] / "docs" / "operations.md"


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    options.add_argument("--only", nargs="+", metavar="NAME", help="these faults, such as F07 L1")
    options.add_argument("--small", action="store_true", help="short and few, to try it out")
    options.add_argument("--report", type=Path, help="file for the verdicts as JSON")
    options.add_argument("--write", action="store_true", help=f"put the verdicts into {PAGE.parent.name}/{PAGE.name}")
    options.add_argument("--list", action="store_true", help="what is tried, and what is expected; nothing is run")
    chosen = options.parse_args()
    faults = list(_chosen(chosen.only))
    if chosen.list:
        print("\n".join(f"{fault.name:<4} {fault.title}: {fault.expected}" for fault in faults))
        return
    verdicts = list(_told(judged(faults, SMALL if chosen.small else FULL), write=chosen.write))
    if chosen.report:
        chosen.report.write_text(json.dumps([each.written() for each in verdicts], indent=1, ensure_ascii=False))
    sys.exit(any(each.word == "FAIL" for each in verdicts))


def table(page: str, verdicts: list[Verdict]) -> Table:
    """With the rows that the page has of other trials: they need not all be made in one run."""
    new = {each.fault.name: each.row() for each in verdicts}
    kept = {row.split(" | ")[0].removeprefix("| "): row for row in page.splitlines() if row.startswith("| ")}
    rows = [new.get(fault.name) or _cells(kept.get(fault.name, "")) for fault in FAULTS]
    return Table("faults", ("trial", "fault", "expected", "", "seen"), [row for row in rows if row])


def _cells(row: str) -> tuple[str, ...]:
    return tuple(row.removeprefix("| ").removesuffix(" |").split(" | ")) if row else ()


def _chosen(names: list[str] | None) -> Iterator[Fault]:
    known = {fault.name: fault for fault in FAULTS}
    for name in names or known:
        if name not in known:
            raise SystemExit(f"there is no fault {name}; there are {' '.join(known)}")
        yield known[name]


def _told(verdicts: Iterable[Verdict], *, write: bool) -> Iterator[Verdict]:
    """Each at once: all of them take more than an hour, and who interrupts keeps what was seen."""
    for verdict in verdicts:
        print(verdict.line(), flush=True)
        if write:
            page = PAGE.read_text(encoding="utf-8")
            PAGE.write_text(filled_in(page, table(page, [verdict])), encoding="utf-8")
        yield verdict


def judged(faults: Iterable[Fault], size: Size) -> Iterator[Verdict]:
    for fault in faults:
        began, seen = time.monotonic(), Observed(size.patience)
        try:
            fault.inject(seen, size)
            word = "FAIL" if seen.wrong else "PASS"
        except LeftOut as reason:
            word, seen.figures = "LEFT OUT", {"because": str(reason)}
        except Exception as error:  # noqa: BLE001  # a fault that ends the harness is a failed one; the next goes on
            word, seen.wrong = "FAIL", [*seen.wrong, f"the trial ended with {type(error).__name__}: {error}"]
        yield Verdict(fault, word, time.monotonic() - began, seen.figures, tuple(seen.wrong))


if __name__ == "__main__":
    main()
