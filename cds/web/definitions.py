"""GET /fhir/Questionnaire/<id> and the codes it uses: read-only, for EHRs that want to ask what the rules need."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Response, request

from cds.errors import RequestError, UnknownDefinition
from cds.fhir.definitions import TYPES, found
from cds.web import current, replies

pages = Blueprint("definitions", __name__)

_json = partial(replies.json, media_type="application/fhir+json")


@pages.get(f"/fhir/<any({', '.join(TYPES)}):kind>/<name>")
def definition(kind: str, name: str) -> Response:
    resources = current.definitions()[kind]
    if name not in resources:
        raise UnknownDefinition(f"there is no {kind} of that name; GET /fhir/{kind} lists them")
    return _json(resources[name])


@pages.get(f"/fhir/<any({', '.join(TYPES)}):kind>")
def search(kind: str) -> Response:
    """All of a type, or the one of a canonical URL, which may name its version after a bar."""
    if request.args.keys() - {"url"}:
        raise RequestError("the only parameter of this search is url")
    url = request.args.get("url")
    return _json(found(current.definitions()[kind], None if url is None else url.partition("|")[0]))
