"""Responses in JSON, every decimal with the digits it came with."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
from flask import Response


def json(value: Any, status: int = 200, media_type: str = "application/json") -> Response:
    return Response(orjson.dumps(value, default=_decimal), status, content_type=media_type)


def _decimal(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    raise TypeError(f"{type(value).__name__} is no JSON")
