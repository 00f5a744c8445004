"""The messages of CDS Hooks for OpenAPI: from the schemas that judge them, and from the fields of each hook."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from cds.hooks.library import hook_named
from cds.hooks.schema.feedback import LONGEST, FeedbackSchema, Listed, is_line
from cds.hooks.schema.fields import UUID, is_absolute, is_not_empty, is_uuid
from cds.hooks.schema.requests import RequestSchema
from cds.hooks.schema.responses import ResponseSchema

_TEXT = {"type": "string", "minLength": 1}
_NO_CONTROL = r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]"
_CHECKS: dict[Any, dict[str, Any]] = {
    is_uuid: {"format": "uuid", "pattern": f"^{UUID.pattern}$"},
    is_absolute: {"format": "uri", "pattern": "^https?://"},
    is_not_empty: {"pattern": r"\S"},
    is_line: {"pattern": rf"^{_NO_CONTROL}*[^\s\x00-\x1f\x7f-\x9f]{_NO_CONTROL}*$", "maxLength": LONGEST},
}
_FIELDS: dict[str, dict[str, Any]] = {
    "id": {"type": "string", "pattern": r"^[A-Za-z0-9_.:\-]+$"},
    "user": {"type": "string", "pattern": r"^[A-Z][A-Za-z]+/[A-Za-z0-9_.\-]+$"},
    "reference": {"type": "string", "pattern": r"^[A-Z][A-Za-z]+/[A-Za-z0-9_.\-]+$"},
    "references": {"type": "array", "items": _TEXT},
    "resources": {"type": "object", "description": "A FHIR Bundle, or one resource"},
}
_ACCEPTED = {
    "if": {"properties": {"outcome": {"const": "accepted"}}},
    "then": {"required": ["acceptedSuggestions"], "properties": {"acceptedSuggestions": {"minItems": 1}}},
}
_MOMENT = {"type": "string", "format": "date-time"}
_PREFETCH = {
    "type": "object",
    "description": "By the keys of discovery: a FHIR resource or Bundle; null says that there are none",
    "additionalProperties": {"type": ["object", "null"]},
}
_DISCOVERY = {
    "type": "object",
    "required": ["services"],
    "properties": {"services": {"type": "array", "items": {"$ref": "#/components/schemas/Service"}}},
    "additionalProperties": False,
}
_SERVICE = {
    "type": "object",
    "required": ["hook", "description", "id"],
    "properties": {
        **dict.fromkeys(("hook", "title", "description", "id", "usageRequirements", "version", "hookVersion"), _TEXT),
        "prefetch": {"type": "object", "minProperties": 1, "additionalProperties": _TEXT},
        "extension": {"type": "object", "minProperties": 1},
    },
    "additionalProperties": False,
}
_ISSUE = {
    "type": "object",
    "required": ["severity", "code"],
    "properties": {
        "severity": {"enum": ["fatal", "error", "warning", "information"]},
        "code": _TEXT,
        "diagnostics": _TEXT,
    },
}
_OUTCOME = {
    "type": "object",
    "required": ["resourceType", "issue"],
    "properties": {
        "resourceType": {"const": "OperationOutcome"},
        "issue": {"type": "array", "minItems": 1, "items": _ISSUE},
    },
}


def name_of(schema: Any) -> str:
    """Two directions have suggestions of their own."""
    kind = schema if isinstance(schema, type) else type(schema)
    name = kind.__name__.removesuffix("Schema")
    within = kind.__module__ == FeedbackSchema.__module__ and kind is not FeedbackSchema
    return f"Feedback{name}" if within else name


def add_schemas(spec: APISpec, plugin: MarshmallowPlugin, hooks: Iterable[str]) -> None:
    """The plugin is the document's. ``hooks``: those at which anything is served."""
    assert plugin.converter is not None  # since it belongs to a document
    plugin.converter.add_attribute_function(_checked)  # type: ignore[no-untyped-call]  # published so
    for schema in (RequestSchema, ResponseSchema, FeedbackSchema):
        spec.components.schema(name_of(schema), schema=schema)
    entry = spec.components.schemas["FeedbackEntry"]
    entry["properties"]["outcomeTimestamp"] = _MOMENT
    entry["allOf"] = [_ACCEPTED]
    request = spec.components.schemas["Request"]
    request["properties"]["prefetch"] = _PREFETCH
    request["dependentRequired"] = {"fhirAuthorization": ["fhirServer"]}
    request["allOf"] = [_at_hook(name) for name in hooks]
    spec.components.schema("Discovery", _DISCOVERY).schema("Service", _SERVICE).schema("OperationOutcome", _OUTCOME)


def _checked(_: Any, field: Any, ret: dict[str, Any], **__: Any) -> dict[str, Any]:
    """What our own validators ask, and the end of a text as this dialect writes it."""
    found = {name: value for check in field.validators for name, value in _CHECKS.get(check, {}).items()}
    if isinstance(field, Listed):
        found["maxItems"] = field.most
    pattern = found.get("pattern", ret.get("pattern", ""))
    return {**found, "pattern": pattern.replace(r"\Z", "$")} if pattern else found


def _at_hook(name: str) -> dict[str, Any]:
    """The names are the canonical ones; some others are understood as well."""
    fields = hook_named(name).fields
    context = {
        "properties": {field.name: _FIELDS[field.type] for field in fields},
        "required": [field.name for field in fields if field.required],
    }
    return {
        "if": {"properties": {"hook": {"const": name}}},
        "then": {"properties": {"context": context}},
    }
