"""A ruleset as a FHIR Library (R4), for systems that keep source attributes of their own: who made it, who reviewed it,
until when that holds, on what it rests. The thirteen attributes are its narrative; the whole of it is linked.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any, Final

from cds.monograph.document import Attribute, Monograph, Source

_LOGIC: Final = {"system": "http://terminology.hl7.org/CodeSystem/library-type", "code": "logic-library"}
_XHTML: Final = "http://www.w3.org/1999/xhtml"


def library(found: Monograph, service: str) -> dict[str, Any]:
    """``service``: the address that clients know the service by."""
    about, review = found.about, found.review
    page = f"{service}{found.address}"
    approved = review.approved_on if review.approved else ""
    members: dict[str, Any] = {
        "resourceType": "Library",
        "id": f"{found.id}-{found.version}",
        "text": {"status": "generated", "div": _narrative(found.source_attributes)},
        "url": found.canonical,
        "version": found.version,
        "title": found.title,
        "status": found.status,
        "experimental": not review.approved,
        "type": {"coding": [_LOGIC]},
        "description": about.purpose,
        "purpose": about.purpose,
        "usage": f"For {about.intended_users} Population: {about.population} Not for: {about.excludes}",
        "approvalDate": approved,
        "lastReviewDate": approved,
        "effectivePeriod": {"end": review.review_by},
        "author": [{"name": _value(found.source_attributes, 2)}],
        "reviewer": [{"name": review.reviewer}] if review.approved else [],
        "relatedArtifact": [
            *({"type": "documentation", "display": form, "url": f"{page}?format={form}"} for form in ("html", "json")),
            *map(_citation, found.sources),
        ],
    }
    return {name: value for name, value in members.items() if value not in ("", [])}


def _citation(source: Source) -> dict[str, str]:
    members = {"type": "citation", "label": source.label, "citation": source.cite, "url": source.url}
    return {name: value for name, value in members.items() if value}


def _value(attributes: Iterable[Attribute], number: int) -> str:
    return next(one.value for one in attributes if one.number == number)


def _narrative(attributes: Iterable[Attribute]) -> str:
    rows = "".join(
        f"<tr><td>{one.number}</td><td>{escape(one.name)}</td><td>{escape(one.value)}</td></tr>" for one in attributes
    )
    return f'<div xmlns="{_XHTML}"><table><tbody>{rows}</tbody></table></div>'
