"""What came of the cases, as a page: first what failed and why, then how much there is of each ruleset."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from cds.hooks.wording import visible
from cds.workbench import pages
from cds.workbench.reports.lines import verdict
from cds.workbench.testing import Result


@dataclass(frozen=True, slots=True)
class Suite:
    """What came of the cases of one ruleset."""

    ruleset: str
    passed: tuple[Result, ...]
    failed: tuple[Result, ...]

    @property
    def seconds(self) -> float:
        return sum(result.seconds for result in (*self.passed, *self.failed))


def page(results: Iterable[Result]) -> str:
    """HTML without script."""
    told = sorted(results, key=lambda result: result.case.ruleset)
    suites = [_suite(ruleset, list(ones)) for ruleset, ones in groupby(told, key=lambda result: result.case.ruleset)]
    suites.sort(key=lambda suite: (-len(suite.failed), suite.ruleset))
    return visible(
        pages.page("tests.html", suites=suites, failed=any(one.failed for one in suites), verdict=verdict(told))
    )


def _suite(ruleset: str, results: list[Result]) -> Suite:
    return Suite(
        ruleset,
        passed=tuple(result for result in results if result.passed),
        failed=tuple(result for result in results if not result.passed),
    )
