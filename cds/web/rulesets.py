"""GET /rulesets: what the rules are, for whoever asks why a card should be believed; as a page or as JSON.

Open to everybody, also where the service is closed: a clinician who follows the source of a card comes with a browser
and without a token, and there is nothing about patients here.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import Final, Literal, TypeAlias

import msgspec
from flask import Blueprint, Response, make_response, render_template, request
from markupsafe import Markup

from cds.errors import NotAcceptable, RequestError, UnknownRuleset
from cds.monograph import places
from cds.monograph.document import Monograph
from cds.web import current, errors
from cds.web.policy import policy

pages = Blueprint("rulesets", __name__)

Form: TypeAlias = Literal["html", "json"]
HTML: Final = "html"

_TYPES: dict[str, Form] = {"text/html": "html", "application/json": "json"}
_STYLE = files("cds.web").joinpath("templates/rulesets.css").read_text(encoding="utf-8")
_POLICY = policy(_STYLE)
_ENCODER = msgspec.json.Encoder()
_LONGEST_QUERY = 200  # characters


@pages.get(places.LIST)
def listed() -> Response:
    query = " ".join(request.args.get("q", "").split())
    if len(query) > _LONGEST_QUERY:
        raise RequestError(f"q may have at most {_LONGEST_QUERY} characters")
    found = current.shelf().contents(query)
    if _form() == HTML:
        return _answer(_page("contents.html", contents=found), HTML)
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
    shelf, form = current.shelf(), _form()
    return _answer(shelf.page(name, version) if form == HTML else _ENCODER.encode(shelf.monograph(name, version)), form)


@pages.errorhandler(UnknownRuleset)
def unknown(error: UnknownRuleset) -> Response:
    """To a person as a page that leads on, to a program as any other error."""
    if _form() != HTML:
        return errors.outcome_of(error)
    name = (request.view_args or {})["name"]
    there = [(version, places.path(name, version)) for version in error.versions]
    response = make_response(_page("unknown.html", words=str(error), there=there), error.status)
    return _as_html(response)


def rendered(found: Monograph, versions: tuple[str, ...], in_use: bool) -> bytes:
    others = [(one, places.path(found.id, one)) for one in versions if one != found.version]
    return _page("ruleset.html", told=found, in_use=in_use, others=others)


def _page(template: str, **content: object) -> bytes:
    return render_template(template, style=Markup(_STYLE), **content).encode()  # noqa: S704  # a file of ours


def _form() -> Form:
    """As ``format`` asks, which a link can say, or else as the headers of the request prefer."""
    asked = request.args.get("format")
    if asked is not None:
        if asked not in _TYPES.values():
            raise RequestError("format is html or json")
        return "json" if asked == "json" else "html"
    best = request.accept_mimetypes.best_match(list(_TYPES))
    if best is None and request.headers.get("Accept"):
        raise NotAcceptable("there is text/html and application/json here")
    return _TYPES[best] if best else "html"


def _answer(body: bytes, form: Form) -> Response:
    """May be kept by whoever asks again whether it is still the same: what has changed is seen at once."""
    response = make_response(body)
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(hashlib.sha256(body).hexdigest()[:32])
    if form == HTML:
        _as_html(response)
    else:
        response.content_type = "application/json"
    response.make_conditional(request)
    return response


def _as_html(response: Response) -> Response:
    response.content_type = "text/html; charset=utf-8"
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Vary"] = "Accept"
    return response
