"""GET /openapi.json: what is served and how it is called, for programs (OpenAPI 3.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Blueprint, Response

from cds import __version__
from cds.fhir.definitions import TYPES
from cds.hooks.catalogue import Catalogue
from cds.ruleset.approval import warning
from cds.settings import Settings
from cds.web import current, replies
from cds.web.described import add_schemas, name_of
from cds.web.described_rulesets import ruleset_paths

pages = Blueprint("openapi", __name__)

_TOKEN = "token"  # noqa: S105  # a name within the document
_ERRORS = {
    400: "The request is wrong; the text names the place",
    401: "The call needs a valid token; the answer says no more",
    403: "The caller may not do this, or came in the clear",
    404: "There is no such service, ruleset or version",
    406: "There is nothing in a media type that the caller accepts",
    408: "The body did not arrive in time",
    412: "Data that are indispensable were not supplied and could not be read",
    413: "The body is too large",
    415: "The body is not plain JSON in UTF-8",
    429: "The caller has called more often than it may",
    431: "The head of the request is too large",
    500: "A fault of the service",
    503: "Too much is under way, or something that is needed is away; come again later",
}
_HEADERS = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}


@pages.get("/openapi.json")
def openapi() -> Response:
    return replies.json(document(current.served(), current.settings()))


def document(served: Catalogue, settings: Settings) -> dict[str, Any]:
    """One path for each service, with the hooks it is offered at."""
    plugin = MarshmallowPlugin(schema_name_resolver=name_of)
    spec = APISpec(
        "CDS Hooks service",
        __version__,
        "3.1.0",
        [plugin],
        servers=[{"url": settings.url}],
        info={"description": f"Advice on a patient, by CDS Hooks 2.0, for EHRs. {warning(served.knowledge)}".strip()},
    )
    add_schemas(spec, plugin, sorted({offer.service.hook for offer in served.all_offers()}))
    spec.components.security_scheme(_TOKEN, {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    for status, words in _ERRORS.items():
        spec.components.response(f"Error{status}", _error(status, words))
    spec.path("/cds-services", operations={"get": _discovery(_secured(settings.protect_discovery))})
    for path, operation in _definitions(_secured(settings.protect_discovery)).items():
        spec.path(path, operations={"get": operation})
    for path, operation in ruleset_paths(spec).items():
        spec.path(path, operations={"get": operation})
    secured = _secured(settings.clients is not None)
    for service, offers in served.by_id.items():
        spec.path(f"/cds-services/{service}", operations={"post": _call(service, offers, secured)})
        spec.path(f"/cds-services/{service}/feedback", operations={"post": _feedback(service, secured)})
    return spec.to_dict()


def _secured(needed: bool) -> list[Any]:
    return [{_TOKEN: []}] if needed else []


def _error(status: int, words: str) -> dict[str, Any]:
    error: dict[str, Any] = {"description": words, "content": {"application/fhir+json": _refers("OperationOutcome")}}
    if status in _HEADERS:
        error["headers"] = {_HEADERS[status]: {"schema": {"type": "string"}}}
    return error


def _discovery(secured: list[Any]) -> dict[str, Any]:
    return {
        "operationId": "discovery",
        "summary": "The services, and the data each asks for",
        "security": secured,
        "responses": {"200": _told("The services", "Discovery"), **_failures(401, 403, 429, 431, 503)},
    }


def _definitions(secured: list[Any]) -> dict[str, dict[str, Any]]:
    """By path: the questionnaires and their codes."""
    kind = {"name": "type", "in": "path", "required": True, "schema": {"enum": list(TYPES)}}
    name = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    url = {"name": "url", "in": "query", "required": False, "schema": {"type": "string"}}
    shared = {
        "security": secured,
        "responses": {"200": _fhir("The resource"), **_failures(400, 401, 403, 404, 429, 431, 503)},
    }
    return {
        "/fhir/{type}": {
            "operationId": "definitions",
            "summary": "The questionnaires whose answers the rules read, and the codes they use",
            "parameters": [kind, url],
            **shared,
        },
        "/fhir/{type}/{id}": {
            "operationId": "definition",
            "summary": "One of them",
            "parameters": [kind, name],
            **shared,
        },
    }


def _fhir(words: str) -> dict[str, Any]:
    resource = {"type": "object", "required": ["resourceType"]}
    return {"description": words, "content": {"application/fhir+json": {"schema": resource}}}


def _call(service: str, hooks: Mapping[str, Any], secured: list[Any]) -> dict[str, Any]:
    asked = {"allOf": [_refers("Request")["schema"], {"properties": {"hook": {"enum": sorted(hooks)}}}]}
    return {
        "operationId": f"call-{service}",
        "summary": "The cards for one hook call",
        "security": secured,
        "requestBody": {"required": True, "content": {"application/json": {"schema": asked}}},
        "responses": {"200": _told("Cards; none when there is nothing to say", "Response"), **_failures(*_ERRORS)},
    }


def _feedback(service: str, secured: list[Any]) -> dict[str, Any]:
    return {
        "operationId": f"feedback-{service}",
        "summary": "What became of cards",
        "security": secured,
        "requestBody": {"required": True, "content": {"application/json": _refers("Feedback")}},
        "responses": {"200": {"description": "Taken; no body"}, **_failures(*(_ERRORS.keys() - {412}))},
    }


def _told(words: str, schema: str) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": _refers(schema)}}


def _refers(schema: str) -> dict[str, Any]:
    return {"schema": {"$ref": f"#/components/schemas/{schema}"}}


def _failures(*statuses: int) -> dict[str, Any]:
    return {str(status): {"$ref": f"#/components/responses/Error{status}"} for status in sorted(statuses)}
