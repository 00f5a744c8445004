"""Reading what a command is given: files, and the name of a service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cds.errors import InputError

if TYPE_CHECKING:
    from cds.hooks.catalogue import Catalogue, Offer

_USUAL = "spine-and-headache"


def content(file: Path) -> bytes:
    """Raises ``InputError`` that says why it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}") from error


def page(file: Path, mark: str) -> str:
    """A page of the documentation, of which a part is written anew. Raises ``InputError`` when it is none."""
    try:
        text = content(file).decode()
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: not in UTF-8") from error
    if mark not in text:
        raise InputError(f"{file}: the line {mark} is missing; the list is written below it")
    return text


def service_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--service", "asked", help=f"Default: {_USUAL}, or the only service.")(command)


def service_of(served: Catalogue, asked: str | None) -> str:
    """The service that a command is about. Raises ``InputError`` that lists those there are when it is none of them."""
    service_id = asked or (next(iter(served.by_id)) if len(served.by_id) == 1 else _USUAL)
    offers(served, service_id)
    return service_id


def offers(served: Catalogue, service_id: str) -> Mapping[str, Offer]:
    """Raises ``InputError`` that names the services there are."""
    from cds.ruleset.names import unknown

    if service_id not in served.by_id:
        raise InputError(f"{unknown('service', service_id, served.by_id)} (there are: {', '.join(served.by_id)})")
    return served.by_id[service_id]
