"""GET /: what is served here, for a person who opens the address."""

from __future__ import annotations

from flask import Blueprint, Response
from markupsafe import Markup

from cds.ruleset.approval import warning
from cds.web import current
from cds.web.policy import policy

pages = Blueprint("index", __name__)

_STYLE = "body{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto}pre{background:#f4f4f4;padding:1rem}"
_POLICY = policy(_STYLE)


@pages.get("/")
def index() -> Response:
    catalogue = current.served()
    rows = Markup("").join(
        Markup("<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>").format(
            offer.service.id, offer.service.hook, offer.service.title, offer.service.description
        )
        for offer in catalogue.all_offers()
    )
    page = Markup(
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>CDS Hooks service</title><style>{style}</style>"
        "<h1>CDS Hooks service</h1><p>For use by EHRs, not by eye. {warning}</p>"
        "<table><tr><th>Service</th><th>Hook</th><th>Title</th><th>What it does</th></tr>{rows}</table>"
        "<p><a href='/rulesets'>The rulesets</a>: purpose, rules in words, inputs, evidence, tests, limits.</p>"
        "<p>Discovery:</p><pre>curl {url}/cds-services</pre></html>"
    ).format(
        style=Markup(_STYLE),  # noqa: S704  # a constant
        warning=warning(catalogue.knowledge),
        rows=rows,
        url=current.settings().url,
    )
    response = Response(page, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = _POLICY
    return response
