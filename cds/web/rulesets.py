"""GET /rulesets: what the rules are, for whoever asks why a card should be believed; as a page or as JSON.

Open to everybody, also where the service is closed: a clinician who follows the source of a card comes with a browser
and without a token, and there is nothing about patients here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Final, Literal, TypeAlias

import msgspec
from flask import Blueprint, Response, make_response, request

from cds.errors import NotAcceptable, RequestError, UnknownRuleset
from cds.monograph import places
from cds.monograph.document import Monograph
from cds.monograph.library import library
from cds.ruleset.approval import is_over
from cds.web import current, errors, html

pages = Blueprint("rulesets", __name__)

Form: TypeAlias = Literal["html", "json", "fhir"]
HTML: Final = "html"

_TYPES: dict[str, Form] = {"text/html": "html", "application/json": "json"}
_OF_ONE: dict[str, Form] = {**_TYPES, "application/fhir+json": "fhir"}  # of a ruleset; the list has no such form
_ENCODER = msgspec.json.Encoder()
_LONGEST_QUERY = 200  # characters


@pages.get(places.LIST)
def listed() -> Response:
    query = " ".join(request.args.get("q", "").split())
    if len(query) > _LONGEST_QUERY:
        raise RequestError(f"q may have at most {_LONGEST_QUERY} characters")
    found = current.shelf().contents(query)
    if _form(_TYPES) == HTML:
        overdue = [one.id for one in found.rulesets if is_over(one.review_by, current.today())]
        return _answer(html.rendered("contents.html", contents=found, overdue=overdue), HTML)
    return _answer(_ENCODER.encode(found), "json")


@pages.get(f"{places.LIST}/<name>")
def newest(name: str) -> Response:
    """The version in use, or else the newest that is kept."""
    version = current.shelf().versions(name)[0]
    response = told(name, version)
    response.headers["Content-Location"] = places.path(name, version)
    return response


@pages.get(f"{places.LIST}/<name>/<version>")
def told(name: str, version: str) -> Response:
    shelf, form = current.shelf(), _form(_OF_ONE)
    if form == HTML:
        return _answer(shelf.page(name, version, current.today()), form)
    found = shelf.monograph(name, version)
    return _answer(_ENCODER.encode(library(found, current.settings().url) if form == "fhir" else found), form)


@pages.errorhandler(UnknownRuleset)
def unknown(error: UnknownRuleset) -> Response:
    """To a person as a page that leads on, to a program as any other error."""
    if _form(_OF_ONE) != HTML:
        return errors.outcome_of(error)
    name = (request.view_args or {})["name"]
    there = [(version, places.path(name, version)) for version in error.versions]
    response = make_response(html.rendered("unknown.html", words=str(error), there=there), error.status)
    response.headers["Vary"] = "Accept"
    return html.as_html(response)


def rendered(found: Monograph, versions: tuple[str, ...], in_use: bool, today: date) -> bytes:
    others = [(one, places.path(found.id, one)) for one in versions if one != found.version]
    overdue = is_over(found.review.review_by, today)
    return html.rendered("ruleset.html", told=found, in_use=in_use, overdue=overdue, others=others)


def _form(types: Mapping[str, Form]) -> Form:
    """As ``format`` asks, which a link can say, or else as the headers of the request prefer. ``types``: those there
    are.
    """
    asked = request.args.get("format")
    if asked is not None:
        for form in types.values():
            if asked == form:
                return form
        raise RequestError(f"format is {' or '.join(types.values())}")
    best = request.accept_mimetypes.best_match(list(types))
    if best is None and request.headers.get("Accept"):
        raise NotAcceptable(f"there is {' and '.join(types)} here")
    return types[best] if best else HTML


def _answer(body: bytes, form: Form) -> Response:
    """May be kept by whoever asks again whether it is still the same: what has changed is seen at once."""
    response = make_response(body)
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(hashlib.sha256(body).hexdigest()[:32])
    if form == HTML:
        html.as_html(response)
    else:
        response.content_type = "application/json" if form == "json" else "application/fhir+json"
    response.make_conditional(request)
    return response
