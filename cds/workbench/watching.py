"""Tells when something in a folder of rulesets is saved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cds.errors import InputError

_OURS = ".yaml", ".json"


def changes(folder: Path) -> Iterator[None]:
    """At once, then after each change of a YAML or JSON file; until interrupted.

    Raises ``InputError`` where watchfiles, which only authors need, is not installed.
    """
    try:
        from watchfiles import watch  # noqa: PLC0415 - an author's tool, not part of a service
    except ImportError as error:
        raise InputError("--watch needs the package watchfiles: pip install watchfiles") from error
    yield
    for changed in watch(folder, debounce=300, raise_interrupt=False):
        if any(path.endswith(_OURS) for _, path in changed):
            yield
