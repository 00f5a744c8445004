"""Calls from pages in a browser: those of the origins that are listed, and no others (CORS)."""

from __future__ import annotations

from flask import Flask, Response, request

from cds.web import current

_CALLED = "/cds-services"
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, X-Request-ID",
    "Access-Control-Max-Age": "600",
}
_READABLE = "Retry-After, WWW-Authenticate, X-Request-ID"


def register(app: Flask) -> None:
    app.before_request(_answer_preflight)
    app.after_request(_allow)


def _answer_preflight() -> Response | None:
    """A browser asks without a token whether it may send one; what it asks is answered by the headers."""
    if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
        return None
    return Response(status=204)


def _allow(response: Response) -> Response:
    """On every answer, errors too: a browser hides from its page what has no such header.

    Credentials (cookies) are never allowed; tokens are sent by the page itself.
    """
    origins = current.settings().origins
    if not origins or not request.path.startswith(_CALLED):
        return response
    response.headers.add("Vary", "Origin")
    origin = request.headers.get("Origin")
    if origin in origins:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = _READABLE
        if request.method == "OPTIONS":
            response.headers.update(_PREFLIGHT)
    return response
