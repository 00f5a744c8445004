"""What the settings are and could be, for the person who sets them; secrets are never shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from cds.settings import Settings, values
from cds.settings.variables import VARIABLES, Variable

_HIDDEN = "***"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True)
class Shown:
    """``given``: whether the environment says so; else it is the default."""

    name: str
    value: object
    given: bool


def shown(settings: Settings, environment: Mapping[str, str]) -> Iterator[Shown]:
    """Every setting, as it is."""
    for variable in VARIABLES:
        name, given = variable.given(environment)
        value = getattr(settings, variable.field)
        hidden = _HIDDEN if variable.secret and value else _plain(value)
        yield Shown(name, hidden, bool(given))


def schema() -> dict[str, Any]:
    """Of all variables, as JSON Schema; an environment has numbers as texts."""
    return {
        "$schema": _DIALECT,
        "title": "Settings of the service",
        "type": "object",
        "properties": {name: _schema(variable) for variable in VARIABLES for name in variable.names}
        | {
            f"{name}_FILE": {"type": "string", "description": f"a file that holds {name}"}
            for variable in VARIABLES
            for name in variable.names
            if variable.secret
        },
        "patternProperties": {"^(?!CDS_)": True},
        "additionalProperties": False,
    }


def _schema(variable: Variable) -> dict[str, object]:
    own = {field.name: field.default for field in fields(Settings)}
    default = _plain(own[variable.field])
    told = {} if default in ("", None, []) else {"default": default}
    return values.schema(variable.read) | told | ({"writeOnly": True} if variable.secret else {})


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [str(each) for each in value]
    return str(value) if isinstance(value, Path) else value
