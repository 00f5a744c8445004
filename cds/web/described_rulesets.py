"""The pages of the rulesets for OpenAPI: their schemas follow from the structures that are written out."""

from __future__ import annotations

from typing import Any

import msgspec
from apispec import APISpec

from cds.monograph import places
from cds.monograph.document import Contents, Monograph

_PREFIX = "Ruleset"  # CDS Hooks has cards, links and suggestions of its own
_FAILURES = (400, 404, 406, 431, 503)


def ruleset_paths(spec: APISpec) -> dict[str, dict[str, Any]]:
    """By path, with the schemas entered in the document."""
    (contents, monograph), components = msgspec.json.schema_components(
        (Contents, Monograph), ref_template=f"#/components/schemas/{_PREFIX}{{name}}"
    )
    for part, schema in components.items():
        spec.components.schema(f"{_PREFIX}{part}", schema)
    name = _parameter("name", "path", "Id of a ruleset")
    version = _parameter("version", "path", "Version, such as 1.0.0")
    words = "What a ruleset is for, its rules in plain words, what it reads and rests on, its tests and limits"
    return {
        places.LIST: _read("rulesets", "The rulesets", contents, _parameter("q", "query", "Words to find")),
        f"{places.LIST}/{{name}}": _as_library(_read("ruleset", f"{words}; the version in use", monograph, name)),
        f"{places.LIST}/{{name}}/{{version}}": _as_library(_read("rulesetVersion", words, monograph, name, version)),
    }


def _as_library(operation: dict[str, Any]) -> dict[str, Any]:
    """There is a FHIR Library as well."""
    operation["parameters"][-1]["schema"]["enum"].append("fhir")
    operation["responses"]["200"]["content"]["application/fhir+json"] = {"schema": {"type": "object"}}
    return operation


def _parameter(name: str, place: str, words: str) -> dict[str, Any]:
    required = place == "path"
    return {"name": name, "in": place, "required": required, "description": words, "schema": {"type": "string"}}


def _read(operation: str, words: str, schema: Any, *parameters: dict[str, Any]) -> dict[str, Any]:
    form = {"name": "format", "in": "query", "required": False, "schema": {"enum": ["html", "json"]}}
    content = {"application/json": {"schema": schema}, "text/html": {"schema": {"type": "string"}}}
    return {
        "operationId": operation,
        "summary": words,
        "security": [],
        "parameters": [*parameters, form],
        "responses": {
            "200": {"description": "As a page, or as JSON", "content": content},
            "304": {"description": "The same as the caller has, by its ETag"},
            **{str(status): {"$ref": f"#/components/responses/Error{status}"} for status in _FAILURES},
        },
    }
