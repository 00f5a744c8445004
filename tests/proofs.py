"""The tests, pages and trials that a page of the documents names as proof."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent
ROOT = TESTS.parent

_NAMED = re.compile(r"`(\S+\.\S+?)`")
_TRIAL = re.compile(r"(?<![\w-])([FL]\d{1,2}|P1)(?![\w-])")


@cache
def functions(path: Path) -> frozenset[str]:
    return frozenset(node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef))


def named(text: str) -> list[str]:
    """The files, and tests in them, that stand between backquotes."""
    return sorted(set(_NAMED.findall(text)))


def trials(text: str) -> set[str]:
    """Those of ``make faults``."""
    return set(_TRIAL.findall(text))


def is_there(proof: str) -> bool:
    """``security/test_keys.py::test_a_kid_is_any_text``, or a page; what is neither a test nor a page is no proof."""
    path, _, name = proof.partition("::")
    place = (ROOT if path.startswith("docs/") else TESTS) / path
    return not path.endswith((".py", ".md")) or (place.exists() and (not name or name in functions(place)))
