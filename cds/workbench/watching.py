"""Tells when something in a folder of rulesets is saved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cds.errors import InputError

_READ = (".yaml", ".json")


def changes(folder: Path) -> Iterator[tuple[Path, ...]]:
    """At once with nothing, then after each change with the YAML and JSON files that were saved; until interrupted.

    Raises ``InputError`` where watchfiles, which only authors need, is not installed.
    """
    try:
        from watchfiles import watch  # noqa: PLC0415 - an author's tool, not part of a service
    except ImportError as error:
        raise InputError("--watch needs the package watchfiles: pip install watchfiles") from error
    yield ()
    for changed in watch(folder, debounce=300, raise_interrupt=False):
        if saved := tuple(sorted(Path(path) for _, path in changed if path.endswith(_READ))):
            yield saved
