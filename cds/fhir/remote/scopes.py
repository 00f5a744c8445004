"""What a token allows to read: SMART App Launch scopes, of version 1 and of version 2."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias
from urllib.parse import parse_qsl

Coverage: TypeAlias = Literal["whole", "part", "none"]

_SCOPE = re.compile(
    r"(?P<level>patient|user|system)/(?P<type>\*|[A-Z][A-Za-z]+)"
    r"\.(?:(?P<first>read|write|\*)|(?P<second>c?r?u?d?s?))(?:\?(?P<query>\S+))?"
)


def coverage(scope: str, query: str) -> Coverage:
    """How much of what a relative query asks for the scopes let through.

    A search (``Type?…``) needs the right to search, a read (``Type/id``) the right to read. A scope of version 2 that
    has a query of its own lets through only part, unless the query asks for no more than that part.
    """
    path, _, parameters = query.partition("?")
    kind, _, instance = path.partition("/")
    needed = "r" if instance else "s"
    asked = set(parse_qsl(parameters))
    found: Coverage = "none"
    for each in filter(None, map(_SCOPE.fullmatch, scope.split())):
        if each["type"] in ("*", kind) and _permits(each, needed):
            if each["query"] is None or set(parse_qsl(each["query"])) <= asked:
                return "whole"
            found = "part"
    return found


def _permits(scope: re.Match[str], needed: str) -> bool:
    if scope["first"] is not None:
        return scope["query"] is None and scope["first"] in ("read", "*")
    return needed in scope["second"]
