"""Reading a file of a ruleset folder: a plain one, of limited size, and of that folder."""

from __future__ import annotations

from pathlib import Path

from cds.ruleset.limits import MAX_FILE_BYTES


class Refused(Exception):
    """The file is not read. The text says why, for after its name."""


def content(path: Path, folder: Path) -> bytes:
    """Raises ``Refused``. Links within the folder are followed, as they are where a folder is mounted."""
    if not path.resolve().is_relative_to(folder.resolve()):
        raise Refused("is a link to a place outside the folder")
    if not path.is_file():
        raise Refused("is not a regular file")
    with path.open("rb") as file:
        found = file.read(MAX_FILE_BYTES + 1)
    if len(found) > MAX_FILE_BYTES:
        raise Refused(f"is larger than {MAX_FILE_BYTES:,} bytes")
    return found
