"""The body of a request: plain JSON, of limited size, wholly read."""

from __future__ import annotations

from flask import request

from cds.errors import BodyTooLarge, WrongMediaType

# WSGI environment: errors that were found before the request was handed over.
REFUSED = "cds.refused"  # of the request as such; raised before all else
REFUSED_BODY = "cds.refused-body"  # raised when the body would be read: who may not call is not told of it


def refuse(error: str) -> None:
    """Raises what the gateway found wrong, if anything."""
    found = request.environ.get(error)
    if found is not None:
        raise found


def read(limit: int) -> bytes:
    """At most ``limit`` bytes.

    The framework's own limit is not used: with it a chunked body that is too long is cut and passed off as whole.
    """
    refuse(REFUSED_BODY)
    _check_type()
    check_size(request.content_length or 0, limit)
    body = request.stream.read(limit + 1)
    check_size(len(body), limit)
    return body


def check_size(size: int, limit: int) -> None:
    if size > limit:
        raise BodyTooLarge(f"the body may have at most {limit} bytes")


def _check_type() -> None:
    if request.mimetype not in ("application/json", "application/fhir+json"):
        raise WrongMediaType("Content-Type must be application/json")
    if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise WrongMediaType("the charset of JSON is UTF-8")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise WrongMediaType("compressed bodies are not accepted")
