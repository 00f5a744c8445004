"""What goes out as FHIR R4: every resource is held against the R4B models before anybody sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from pydantic import BaseModel, ValidationError


def operation_outcome(issue: str, *diagnostics: str) -> dict[str, Any]:
    """An error for each text. ``issue`` is a FHIR issue-type; ``diagnostics`` must hold nothing about a patient."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": issue, "diagnostics": text} for text in diagnostics],
    }


def problems(resource: Mapping[str, Any]) -> tuple[str, ...]:
    """What the R4B models find wrong, each with its place in the resource and without the value found there."""
    kind = resource.get("resourceType")
    model = _model(kind) if isinstance(kind, str) else None
    if model is None:
        return ("resourceType: no R4 resource type",)
    try:
        read = model.model_validate(resource)
    except ValidationError as error:
        return tuple(sorted({f"{_place(e['loc'])}: {e['msg']}" for e in error.errors(include_input=False)}))
    return tuple(_unbound(read, ()))


def _unbound(element: BaseModel, place: tuple[int | str, ...]) -> Iterator[str]:
    """Codes that FHIR does not know where it binds them. The models have the lists but do not apply them."""
    fields = type(element).model_fields
    for name, value in element:
        if value is None:  # nearly all of them
            continue
        field = fields[name]
        here = (*place, field.alias or name)
        extra = field.json_schema_extra
        known = extra.get("enum_values") if isinstance(extra, dict) else None
        # A list that ends in "+" leaves out part of the codes.
        if isinstance(value, str) and isinstance(known, list) and "+" not in known and value not in known:
            yield f"{_place(here)}: none of the codes {', '.join(map(str, known))}"
        for position, inner in enumerate(value) if isinstance(value, list) else ((None, value),):
            if isinstance(inner, BaseModel):
                yield from _unbound(inner, here if position is None else (*here, position))


@cache
def _model(kind: str) -> type[BaseModel] | None:
    try:
        model: type[BaseModel] = get_fhir_model_class(kind)
    except ValueError:
        return None
    return model


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "the resource"
