"""Writes the golden cards anew, as the rulesets are now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from cds.ruleset.cases import Case
from cds.workbench.bench import Bench
from cds.workbench.golden import GOLDEN, Looks, written
from cds.workbench.looks import Gathering
from cds.workbench.testing import played


def write(bench: Bench, cases: Iterable[Case]) -> Iterator[Path]:
    """The files that are other than they were. ``cases``: all of each ruleset. Raises as playing a case does."""
    for ruleset, of_ruleset in groupby(cases, key=lambda case: case.ruleset):
        told = list(of_ruleset)
        looks = _gathered(bench, told)
        file = Path(told[0].place.file).with_name(GOLDEN)
        text = written(ruleset, looks).encode() if looks else None
        if text != (file.read_bytes() if file.exists() else None):
            file.unlink() if text is None else file.write_bytes(text)
            yield file


def _gathered(bench: Bench, cases: Iterable[Case]) -> Looks:
    gathering = Gathering()
    for case in cases:
        if not (case.request or case.fact):
            ready = bench.ready(case)
            gathering.see(ready, case, played(ready, case, bench.folder))
    return gathering.looks
