"""Which tests prove which requirement: their marks, as pytest itself collects them.

Only pytest knows every mark: one may stand on a function, on a module or on a single row of a table.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NamedTuple, TypeAlias

import pytest

ROOT = Path(__file__).parents[2]


class Proof(NamedTuple):
    """A test: its file below the project, and its name as a sentence."""

    path: str
    sentence: str


Proofs: TypeAlias = Mapping[str, tuple[Proof, ...]]


def proofs() -> Proofs:
    """By requirement, in the order of files and names. Collects in a process of its own: a run of tests may ask."""
    command = [sys.executable, "-m", "tests.conformance.proofs"]
    told = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    return {name: tuple(Proof(*proof) for proof in each) for name, each in json.loads(told).items()}


class _Marks:
    """A plugin of one collection."""

    def __init__(self) -> None:
        self.found: dict[str, set[Proof]] = defaultdict(set)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            path, _, name = item.location
            proof = Proof(path, name.partition("[")[0].removeprefix("test_").replace("_", " "))
            for mark in item.iter_markers("requirement"):
                for requirement in mark.args:
                    self.found[requirement].add(proof)


def _collect() -> dict[str, list[Proof]]:
    marks, told = _Marks(), StringIO()
    with redirect_stdout(told):
        options = ["--collect-only", "-qq", "-o", "addopts=--import-mode=importlib --strict-markers"]
        status = pytest.main([*options, "tests"], [marks])
    if status != pytest.ExitCode.OK:
        sys.exit(told.getvalue())
    return {name: sorted(found) for name, found in sorted(marks.found.items())}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_collect()))
