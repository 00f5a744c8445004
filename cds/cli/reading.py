"""Reading the files that a command is given."""

from __future__ import annotations

from pathlib import Path

from cds.errors import InputError


def content(file: Path) -> bytes:
    """Raises ``InputError`` that says why it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}") from error
