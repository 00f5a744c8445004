"""What came of the cases, for a terminal: the failures with their explanation, then how many passed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cds.workbench.testing import Result


def lines(results: Sequence[Result]) -> Iterator[str]:
    for result in results:
        if not result.passed:
            yield f"FAIL {result.place} {result.case.name}"
            yield from (f"     {line}" for line in (*result.differences, *result.explanation))
    yield verdict(results)


def verdict(results: Sequence[Result]) -> str:
    failed = sum(not result.passed for result in results)
    return f"{len(results) - failed} passed, {failed} failed"
