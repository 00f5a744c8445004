"""Sends the sample hook requests to a running service and holds the answers against the expected ones.

The samples tell stories with dates around one day. Sent on another day, all dates of a story move along with it, so
that "three days ago" stays three days ago; the expected answer moves the same way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from cds.errors import InputError

STORY_DAY = date(2026, 11, 21)  # the day all samples are told on

_DATE = re.compile(r"(?<!\d)(\d{4})(\\?-)(\d{2})(\\?-)(\d{2})(?!\d)")  # in Markdown a hyphen may be escaped
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PAGE = re.compile(r"https?://\S+?(?=/rulesets/[a-z0-9-]+/\d+\.\d+\.\d+#rule-)")
_OVERDUE = re.compile(r"\n- The review of these rules was due on \d{4}-\d{2}-\d{2}: [^\n]*")
_TIME = re.compile(r"(?<=\d)T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service said to one sample: nothing to report when it is as expected."""

    name: str
    status: int
    differences: tuple[str, ...]


def samples(folder: Path) -> list[Path]:
    """The request files, each with its expected answer beside it (``x.json`` and ``x.response.json``).

    Raises ``InputError`` when there is none.
    """
    found = sorted(path for path in folder.glob("*.json") if not path.name.endswith(".response.json"))
    if not found:
        raise InputError(f"{folder}: no samples here")
    return found


def told_on(story: Any, today: date) -> Any:
    """The story with every date moved so that it is told today."""
    return _moved(story, today - STORY_DAY)


def _moved(part: Any, days: timedelta) -> Any:
    if isinstance(part, dict):
        return {key: _moved(value, days) for key, value in part.items()}
    if isinstance(part, list):
        return [_moved(value, days) for value in part]
    return _DATE.sub(lambda match: _moved_date(match, days), part) if isinstance(part, str) else part


def _moved_date(match: re.Match[str], days: timedelta) -> str:
    year, dash, month, _, day = match.groups()
    moved = date(int(year), int(month), int(day)) + days
    return f"{moved:%Y}{dash}{moved:%m}{dash}{moved:%d}"


def send(base: str, request: Path, today: date) -> Answer:
    """Posts one sample to the service it is for. Raises ``InputError`` when nobody answers at ``base``."""
    story = json.loads(request.read_text())
    expected = json.loads(request.with_suffix(".response.json").read_text())
    status, body = post(f"{base.rstrip('/')}/cds-services/{expected['service']}", told_on(story, today))
    wanted = told_on(expected["body"], today)
    differences = [*_compare(expected["status"], status, "status"), *_compare(wanted, masked(body), "")]
    return Answer(request.stem, status, tuple(differences))


def masked(part: Any) -> Any:
    """Without what differs from call to call, from day to day and from service to service: identifiers made for one
    answer, times of day, that a review is overdue, and where the pages of the rulesets are.
    """
    if isinstance(part, dict):
        return {key: masked(value) for key, value in part.items()}
    if isinstance(part, list):
        return [masked(value) for value in part]
    if not isinstance(part, str):
        return part
    return _PAGE.sub("<service>", _TIME.sub("T<time>", _UUID.sub("<uuid>", _OVERDUE.sub("", part))))


def post(url: str, body: Any) -> tuple[int, Any]:
    """Status and JSON body of the answer, also of a refusal. Raises ``InputError`` when no such service answers."""
    try:
        status, answer = _posted(url, json.dumps(body).encode())
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        nobody = "nobody answers there; `cds samples http://HOST:PORT` asks elsewhere"
        raise InputError(f"{url}: {nobody if isinstance(reason, ConnectionRefusedError) else reason}") from error
    try:
        return status, json.loads(answer)
    except json.JSONDecodeError as error:
        raise InputError(f"{url}: the answer is not JSON (status {status})") from error


def _posted(url: str, body: bytes) -> tuple[int, bytes]:
    request = Request(url, body, {"Content-Type": "application/json"}, method="POST")  # noqa: S310  # an address that the user of the command named
    try:
        with urlopen(request, timeout=30) as response:  # noqa: S310  # see above
            return response.status, response.read()
    except HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read()


def _compare(expected: Any, actual: Any, place: str) -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in sorted(expected.keys() | actual.keys()):
            yield from _compare(expected.get(key), actual.get(key), f"{place}.{key}" if place else key)
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for index, (one, other) in enumerate(zip(expected, actual, strict=True)):
            yield from _compare(one, other, f"{place}[{index}]")
    elif expected != actual:
        yield f"{place}: expected {json.dumps(expected)}, got {json.dumps(actual)}"
