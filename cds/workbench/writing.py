"""Writes the golden cards anew, as the rulesets are now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from cds.ruleset.cases import Case
from cds.workbench.bench import Bench
from cds.workbench.golden import GOLDEN, written
from cds.workbench.looks import Gathering
from cds.workbench.testing import played


def write(bench: Bench, cases: Iterable[Case]) -> Iterator[Path]:
    """The files that are other than they were. ``cases``: all of each ruleset. Raises as playing a case does."""
    for ruleset, of_ruleset in groupby(cases, key=lambda case: case.ruleset):
        told = [case for case in of_ruleset if not case.request]
        file = Path(told[0].place.file).with_name(GOLDEN)
        text = written(ruleset, _gathered(bench, told).looks)
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
            yield file


def _gathered(bench: Bench, cases: Iterable[Case]) -> Gathering:
    gathering = Gathering()
    for case in cases:
        ready = bench.ready(case)
        gathering.see(ready, case, played(ready, case, bench.folder))
    return gathering
