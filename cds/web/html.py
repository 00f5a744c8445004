"""Pages for people: one style for all, and the Content-Security-Policy by which a browser loads nothing else."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from importlib.resources import files

from flask import Response, make_response, render_template
from markupsafe import Markup

_STYLE = files("cds.web").joinpath("templates/pages.css").read_text(encoding="utf-8")
_DIGEST = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def rendered(template: str, **content: object) -> bytes:
    return render_template(template, style=Markup(_STYLE), **content).encode()  # noqa: S704  # a file of ours


def page(template: str, **content: object) -> Response:
    return as_html(make_response(rendered(template, **content)))


def as_html(response: Response) -> Response:
    response.content_type = "text/html; charset=utf-8"
    response.headers["Content-Security-Policy"] = _POLICY
    return response
