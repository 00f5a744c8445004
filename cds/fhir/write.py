"""What goes out as FHIR R4: every resource is held against the R4B models before anybody sees it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from pydantic import BaseModel, ValidationError


def operation_outcome(issue: str, diagnostics: str) -> dict[str, Any]:
    """One error. ``issue`` is a FHIR issue-type; ``diagnostics`` must hold nothing about a patient."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": issue, "diagnostics": diagnostics}],
    }


def problems(resource: Mapping[str, Any]) -> tuple[str, ...]:
    """What the R4B models find wrong, each with its place in the resource and without the value found there."""
    kind = resource.get("resourceType")
    model = _model(kind) if isinstance(kind, str) else None
    if model is None:
        return ("resourceType: no R4 resource type",)
    try:
        model.model_validate(resource)
    except ValidationError as error:
        return tuple(sorted({f"{_place(e['loc'])}: {e['msg']}" for e in error.errors(include_input=False)}))
    return ()


@cache
def _model(kind: str) -> type[BaseModel] | None:
    try:
        model: type[BaseModel] = get_fhir_model_class(kind)
    except ValueError:
        return None
    return model


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "the resource"
