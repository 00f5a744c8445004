"""Makes one strict JSON schema for each kind of Kubernetes: python3 kubernetes_schemas.py SWAGGER FOLDER

Strict: a member that the API does not know is a mistake, where Kubernetes itself would pass over it.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

_EITHER = {
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {"type": ["string", "integer"]},
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {"type": ["string", "number"]},
}


def main(swagger: Path, folder: Path) -> None:
    definitions = {**json.loads(swagger.read_bytes())["definitions"], **_EITHER}
    for name, definition in definitions.items():
        for kind in definition.get("x-kubernetes-group-version-kind", ()):
            if name.endswith(f".{kind['kind']}"):
                group = kind["group"].split(".")[0]
                file = "-".join(filter(None, (kind["kind"].lower(), group, kind["version"]))) + ".json"
                (folder / file).write_text(json.dumps(_schema(name, definitions)), encoding="utf-8")


def _schema(name: str, definitions: dict[str, Any]) -> dict[str, Any]:
    needed = _needed(name, definitions, set())
    return {
        "$ref": f"#/definitions/{name}",
        "definitions": {each: _strict(definitions[each]) for each in sorted(needed)},
    }


def _needed(name: str, definitions: dict[str, Any], so_far: set[str]) -> set[str]:
    so_far.add(name)
    for other in re.findall(r'#/definitions/([^"]+)', json.dumps(definitions[name])):
        if other not in so_far:
            _needed(other, definitions, so_far)
    return so_far


def _strict(schema: dict[str, Any]) -> dict[str, Any]:
    """Without what is no JSON schema; the words of a description too, which make most of it."""
    told = {key: value for key, value in schema.items() if key in ("$ref", "type", "required", "enum")}
    if "items" in schema:
        told["items"] = _strict(schema["items"])
    if isinstance(schema.get("additionalProperties"), dict):
        told["additionalProperties"] = _strict(schema["additionalProperties"])
    if "properties" in schema:
        told["properties"] = {name: _strict(each) for name, each in schema["properties"].items()}
        told["additionalProperties"] = False
    return told


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
