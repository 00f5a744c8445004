"""Every error as a FHIR OperationOutcome: what is wrong and where, nothing of what was sent, never a stack trace."""

from __future__ import annotations

from math import ceil

import structlog
from flask import Flask, Response, g
from werkzeug.exceptions import HTTPException, InternalServerError

from cds.errors import CdsError, TooManyCalls, Unauthorized
from cds.fhir.write import operation_outcome
from cds.web import current, replies, requests

_LOG = structlog.get_logger("cds")
_ISSUES = {
    400: "invalid",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    408: "timeout",
    413: "too-long",
    415: "not-supported",
}
_WORDS = {
    400: "the request is not understood",
    404: "there is nothing at this address; GET /cds-services lists the services",
    405: "this method is not allowed here",
}


def register(app: Flask) -> None:
    app.logger.disabled = True  # it writes out messages and what surrounds them; _log does not
    app.register_error_handler(CdsError, _ours)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(Exception, _unforeseen)


def _ours(error: CdsError) -> Response:
    if error.status == 500:
        _log(error)
    response = outcome_of(error)
    if error.status == 503:
        response.headers["Retry-After"] = "1"
    if isinstance(error, TooManyCalls):
        response.headers["Retry-After"] = str(ceil(error.seconds))
    if isinstance(error, Unauthorized):
        requests.note(refused=error.reason)
        current.connections().meters.refused(error.reason)
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def outcome_of(error: CdsError) -> Response:
    return _outcome(error.status, error.issue, *error.diagnostics)


def _of_http(error: HTTPException) -> Response:
    if isinstance(error, InternalServerError) and isinstance(error.original_exception, Exception):
        return _unforeseen(error.original_exception)  # met after the page was made
    status = error.code or 500
    allowed = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    words = _WORDS.get(status, error.name) + (f"; allowed: {allowed}" if allowed else "")
    response = _outcome(status, _ISSUES.get(status, "processing"), words)
    if allowed:
        response.headers["Allow"] = allowed
    return response


def _unforeseen(error: Exception) -> Response:
    _log(error)
    return _outcome(500, "exception", f"the service failed; quote {g.get('request_id')} when you report it")


def _log(error: Exception) -> None:
    """The type of the fault and the lines it passed; not its message, which could quote the request."""
    _LOG.error("fault", request=g.get("request_id"), kind=type(error).__name__, at=_lines(error))


def _lines(error: BaseException) -> list[str]:
    places = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places


def _outcome(status: int, issue: str, *diagnostics: str) -> Response:
    return replies.json(operation_outcome(issue, *diagnostics), status, "application/fhir+json")
