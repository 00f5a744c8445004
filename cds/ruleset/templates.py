"""Resources of a suggestion: JSON files in which some strings stand for what is known only when a card is made."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cds.ruleset.files import Refused, content
from cds.ruleset.limits import MAX_DEPTH
from cds.ruleset.names import listed
from cds.ruleset.placeholders import DAY

NAMES = ("patient", "encounter", "user", "today", "now", "evidence")
_BRACES = re.compile(r"\{([^{}]*)\}")


class TemplateError(Exception):
    """The file is not there, not JSON or not a template. The text says why."""


def template(folder: Path, name: str) -> Mapping[str, Any]:
    """The template of that name beside a ruleset. Raises ``TemplateError``."""
    path = folder / name
    if not name.startswith("templates/") or ".." in Path(name).parts or not path.exists():
        near = sorted(f"templates/{one.name}" for one in (folder / "templates").glob("*.json"))
        raise TemplateError(
            f'no file "{name}" next to the ruleset; there is {listed(near) if near else "no templates/*.json"}'
        )
    try:
        found = _json(content(path, folder))
    except Refused as error:
        raise TemplateError(f'"{name}" {error}') from error
    except (ValueError, RecursionError) as error:
        raise TemplateError(f'"{name}" is not JSON: {error}') from error
    if not isinstance(found, dict):
        raise TemplateError(f'"{name}" must be one JSON object')
    for place, text in _texts(found, name):
        _check(place, text)
    return found


def holds_null(part: Any) -> bool:
    members = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return part is None or any(map(holds_null, members))


def _json(text: bytes) -> Any:
    """Of two members with one name, or of a number that is none, the author would not learn."""
    return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError(f"an object has two members of the same name, among {', '.join(name for name, _ in pairs)}")
    return members


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _texts(value: object, place: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    if depth > MAX_DEPTH:
        raise TemplateError(f"{place} is nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, f"{place}: {key}" if place.endswith(".json") else f"{place}.{key}", depth + 1)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{place}[{index}]", depth + 1)


def _check(place: str, text: str) -> None:
    for name in _BRACES.findall(text):
        if name not in NAMES and not DAY.fullmatch(name):
            known = ", ".join(f"{{{one}}}" for one in NAMES)
            raise TemplateError(f"{place}: {{{name}}} is not one of {known}, {{today+7d}} or {{<fact>.onset+42d}}")
    if "{evidence}" in text and text != "{evidence}":
        raise TemplateError(f'{place}: "{{evidence}}" must be the whole text')
