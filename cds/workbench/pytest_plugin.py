"""Lets pytest collect the cases beside rulesets: ``pytest rulesets/``, in every project that installs this one.

A file of cases is taken where a service would find its ruleset: ``<folder>/<domain>/<ruleset>/tests.yaml``, with the
ruleset beside it and services.yaml in the folder. Nothing is imported before such a file is met.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from cds.ruleset.cases import Case
    from cds.workbench.bench import Bench
    from cds.workbench.testing import Result

FILES = ("tests.yaml", "pins.yaml", "mutant-pins.yaml", "fact-pins.yaml")

_BENCHES = pytest.StashKey[dict[Path, "Bench"]]()
_READ = pytest.StashKey[dict[Path, "tuple[Case, ...]"]]()  # by the folder of the ruleset


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
    """A file of cases: each of those written by hand is a test, and whether the golden cards are all there; of pins,
    of which there are thousands, each file is one.
    """

    def collect(self) -> Iterator[pytest.Item]:
        from cds.errors import CdsError  # noqa: PLC0415
        from cds.workbench import testing  # noqa: PLC0415
        from cds.workbench.golden import GOLDEN  # noqa: PLC0415

        try:
            bench = self._bench()
            of_ruleset = self._of_ruleset(bench)
        except CdsError as error:
            raise self.CollectError(str(error)) from error
        own = [case for case in of_ruleset if Path(case.place.file) == self.path]
        if self.path.name != FILES[0]:
            yield self._item(f"{len(own)} pins", 1, lambda: (testing.result(bench, case) for case in own))
            return
        for case in own:
            yield self._item(case.name, case.place.line, partial(_one, testing.result, bench, case))
        ruleset = of_ruleset[0].ruleset
        if bench.golden(ruleset):
            yield self._item(GOLDEN, 1, partial(_one, testing.complete, bench, ruleset, of_ruleset))

    def _of_ruleset(self, bench: Bench) -> tuple[Case, ...]:
        """Its cases of all files, which are read once."""
        from cds.workbench import testing  # noqa: PLC0415

        read = self.config.stash.setdefault(_READ, {})
        if self.path.parent not in read:
            read[self.path.parent] = testing.collect(bench.folder, self.path.parent, knowledge=bench.knowledge)
        return read[self.path.parent]

    def _bench(self) -> Bench:
        """The same for all files of a folder, while pytest runs."""
        from cds.workbench.bench import Bench  # noqa: PLC0415

        benches = self.config.stash.setdefault(_BENCHES, {})
        folder = _folder(self.path)
        if folder not in benches:
            benches[folder] = Bench(folder)
        return benches[folder]

    def _item(self, name: str, line: int, judged: Callable[[], Iterable[Result]]) -> pytest.Item:
        item: pytest.Item = CaseItem.from_parent(self, name=name, line=line, judged=judged)
        return item


def _one(judge: Callable[..., Result], *of: object) -> tuple[Result]:
    return (judge(*of),)


class CaseItem(pytest.Item):
    """One case, or the pins of one file."""

    def __init__(self, *, line: int, judged: Callable[[], Iterable[Result]], **of_pytest: Any) -> None:
        super().__init__(**of_pytest)
        self._line = line
        self._judged = judged

    def runtest(self) -> None:
        failed = [result for result in self._judged() if not result.passed]
        if failed:
            raise Failed("\n".join(line for one in failed for line in (one.place, *one.differences, *one.explanation)))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What failed and why, without the way there through the code."""
        return str(excinfo.value) if isinstance(excinfo.value, Failed) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self._line - 1, self.name


class Failed(Exception):
    """The text says what is other than the case wants, and why."""
