"""The cases beside the shipped rulesets, one test each."""

from pathlib import Path

import pytest

from cds.ruleset.cases import Case
from cds.workbench.testing import Bench, collect

FOLDER = Path(__file__).parents[1] / "rulesets"


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench(FOLDER)


@pytest.mark.parametrize("case", collect(FOLDER), ids=lambda case: f"{case.ruleset}: {case.name}")
def test_what_follows_is_exactly_what_the_case_says(case: Case, bench: Bench):
    result = bench.result(case)

    assert "\n".join((*result.differences, *result.explanation)) == ""
