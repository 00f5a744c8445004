"""Which tests prove which requirement: their marks, as pytest itself collects them.

Only pytest knows every mark: one may stand on a function, on a module or on a single row of a table.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
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


COLLECTED = pytest.StashKey[tuple[pytest.Item, ...]]()
"""The tests of a run, before any was left out."""


def proofs_of(run: pytest.Config) -> Proofs:
    """By what a run has collected, where that is of every file; otherwise as ``proofs``."""
    items = run.stash[COLLECTED]
    return _marked(items) if {item.path for item in items} >= {*_files()} else proofs()


def _files() -> Iterable[Path]:
    return (ROOT / "tests").rglob("test_*.py")


def proofs() -> Proofs:
    """By requirement, in the order of files and names. Collects in a process of its own."""
    command = [sys.executable, "-m", "tests.conformance.proofs"]
    told = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    return {name: tuple(Proof(*proof) for proof in each) for name, each in json.loads(told).items()}


def _marked(items: Iterable[pytest.Item]) -> Proofs:
    found: dict[str, set[Proof]] = defaultdict(set)
    for item in items:
        path, _, name = item.location
        proof = Proof(path, name.partition("[")[0].removeprefix("test_").replace("_", " "))
        for mark in item.iter_markers("requirement"):
            for requirement in mark.args:
                found[requirement].add(proof)
    return {name: tuple(sorted(each)) for name, each in sorted(found.items())}


class _Collection:
    """A plugin of one collection."""

    def __init__(self) -> None:
        self.items: list[pytest.Item] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = session.items


def _collect() -> Proofs:
    collection, told = _Collection(), StringIO()
    with redirect_stdout(told):
        options = ["--collect-only", "-qq", "-o", "addopts=--import-mode=importlib --strict-markers"]
        status = pytest.main([*options, "tests"], [collection])
    if status != pytest.ExitCode.OK:
        sys.exit(told.getvalue())
    return _marked(collection.items)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_collect()))
