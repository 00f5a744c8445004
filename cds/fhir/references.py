"""FHIR references in their short form."""

from __future__ import annotations

import re

_TYPE_AND_ID = re.compile(r"(?:^|/)([A-Z][A-Za-z]+/[^/#?|]+)(?:/_history/[^/]+)?$")


def local(reference: str) -> str:
    """``Type/id`` of a relative, absolute or versioned reference; any other is returned as it is."""
    found = _TYPE_AND_ID.search(reference)
    return found[1] if found else reference
