"""Holds resources that others made against the FHIR models."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cds.errors import InputError
from cds.fhir.write import problems


def findings(content: bytes) -> list[dict[str, str]]:
    """Place and message of everything wrong with a resource, or with those in a Bundle, each judged on its own.

    Raises ``InputError`` when the content is no JSON object.
    """
    try:
        resource = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InputError(f"not JSON: {error}") from error
    if not isinstance(resource, dict):
        raise InputError("not a JSON object")
    return [{"place": place, "message": message} for place, one in _resources(resource) for message in problems(one)]


def _resources(resource: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    entries = resource.get("entry", [])
    if resource.get("resourceType") != "Bundle" or not isinstance(entries, list):
        yield str(resource.get("resourceType", "resource")), resource
        return
    for number, entry in enumerate(entries):
        inner = entry.get("resource") if isinstance(entry, dict) else None
        inner = inner if isinstance(inner, dict) else {}
        yield f"entry[{number}].{inner.get('resourceType', 'resource')}", inner
