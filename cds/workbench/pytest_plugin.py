"""Lets pytest collect the cases beside rulesets: ``pytest rulesets/``, in every project that installs this one.

A file of cases is taken where a service would find its ruleset: ``<folder>/<domain>/<ruleset>/tests.yaml``, with the
ruleset beside it and services.yaml in the folder. Nothing is imported before such a file is met.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from cds.workbench.bench import Bench
    from cds.workbench.testing import Result

FILES = ("tests.yaml", "pins.yaml", "mutant-pins.yaml", "fact-pins.yaml")

_BENCHES = pytest.StashKey[dict[Path, "Bench"]]()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Cases | None:
    if file_path.name not in FILES or not (file_path.parent / "ruleset.yaml").is_file():
        return None
    if not (_folder(file_path) / "services.yaml").is_file():
        return None
    collected: Cases = Cases.from_parent(parent, path=file_path)
    return collected


def _folder(file: Path) -> Path:
    return file.parents[2]


class Cases(pytest.File):
    """A file of cases; with the one written by hand goes the question whether the golden cards are all there."""

    def collect(self) -> Iterator[pytest.Item]:
        from cds.errors import CdsError  # noqa: PLC0415
        from cds.workbench import testing  # noqa: PLC0415
        from cds.workbench.golden import GOLDEN  # noqa: PLC0415

        try:
            bench = self._bench()
            of_ruleset = testing.collect(bench.folder, self.path.parent, knowledge=bench.knowledge)
        except CdsError as error:
            raise self.CollectError(str(error)) from error
        for case in (case for case in of_ruleset if Path(case.place.file) == self.path):
            yield self._item(case.name, case.place.line, partial(testing.result, bench, case))
        ruleset = of_ruleset[0].ruleset
        if self.path.name == FILES[0] and bench.golden(ruleset):
            yield self._item(GOLDEN, 1, partial(testing.complete, bench, ruleset, of_ruleset))

    def _bench(self) -> Bench:
        """The same for all files of a folder, while pytest runs."""
        from cds.workbench.bench import Bench  # noqa: PLC0415

        benches = self.config.stash.setdefault(_BENCHES, {})
        folder = _folder(self.path)
        if folder not in benches:
            benches[folder] = Bench(folder)
        return benches[folder]

    def _item(self, name: str, line: int, judged: Callable[[], Result]) -> pytest.Item:
        item: pytest.Item = CaseItem.from_parent(self, name=name, line=line, judged=judged)
        return item


class CaseItem(pytest.Item):
    """One case."""

    def __init__(self, *, line: int, judged: Callable[[], Result], **of_pytest: Any) -> None:
        super().__init__(**of_pytest)
        self._line = line
        self._judged = judged

    def runtest(self) -> None:
        result = self._judged()
        if not result.passed:
            raise Failed("\n".join((result.place, *result.differences, *result.explanation)))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What failed and why, without the way there through the code."""
        return str(excinfo.value) if isinstance(excinfo.value, Failed) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self._line - 1, self.name


class Failed(Exception):
    """The text says what is other than the case wants, and why."""
