"""Reports as pages that stand alone: no script, nothing that is loaded from elsewhere, fit for print."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

_TEMPLATES = Environment(
    loader=PackageLoader("cds.workbench"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)


def page(template: str, **values: Any) -> str:
    """Templates extend ``report.html``, which brings the style."""
    return _TEMPLATES.get_template(template).render(values)
