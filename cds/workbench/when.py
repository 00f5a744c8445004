"""Moments as ruleset tests write them: ``today``, ``today-14d``, ``today-14d 22:00``, ``now-47h``, ``2026-03``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

_RELATIVE = re.compile(r"today(?:([+-]\d{1,5})d)?(?: (\d{1,2}):(\d{2}))?")
_HOURS = re.compile(r"now(?:([+-]\d{1,6})(h|min))?")
_WRITTEN_OUT = re.compile(r"\d{4}(?:-\d\d(?:-\d\d(?:T\S+)?)?)?")
_WHOLE = len("2026-11-21")
_DAYS = re.compile(r"(\d+)(?:-(\d+))?")
_REPEATED = re.compile(r"(\d+) of every (\d+) for (\d+) days")


def fhir_moment(words: object, now: datetime) -> str:
    """The FHIR date or dateTime for the words; a date that is written out, whole or partial, stands as it is.

    Raises ``ValueError`` for anything else.
    """
    text = str(words)
    if found := _RELATIVE.fullmatch(text):
        days, hour, minute = found.groups()
        day = now + timedelta(days=int(days or 0))
        if hour is None:
            return day.date().isoformat()
        return day.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0).isoformat()
    if found := _HOURS.fullmatch(text):
        amount, unit = int(found[1] or 0), found[2]
        return (now + (timedelta(minutes=amount) if unit == "min" else timedelta(hours=amount))).isoformat()
    if not _WRITTEN_OUT.fullmatch(text) or not _is_there(text):
        raise ValueError(f"{text!r} is not a moment such as today-14d, today 08:00, now-2h or 2026-03")
    return text


def _is_there(text: str) -> bool:
    """Whether the calendar has the year, month or day, and the day the time."""
    try:
        datetime.fromisoformat(text + "-01-01"[len(text) - 4 :] if len(text) < _WHOLE else text)
    except ValueError:
        return False
    return True


def day_offsets(words: object) -> tuple[int, ...]:
    """Days before today: ``[0, 3, 6-9]`` lists them; ``18 of every 30 for 120 days`` are the first 18 of each 30.

    Raises ``ValueError`` for anything else.
    """
    if isinstance(words, str) and (found := _REPEATED.fullmatch(words)):
        taken, block, length = map(int, found.groups())
        return tuple(day for day in range(length) if day % block < taken)
    if isinstance(words, list):
        return tuple(day for part in words for day in _range(str(part)))
    raise ValueError(f"{words!r} is neither a list of days nor like '18 of every 30 for 120 days'")


def _range(words: str) -> Iterator[int]:
    found = _DAYS.fullmatch(words)
    if not found:
        raise ValueError(f"{words!r} is neither a day nor a range of days")
    first, last = int(found[1]), int(found[2] or found[1])
    yield from range(first, last + 1)


def documented_days(words: object) -> tuple[int, ...]:
    """``120 days`` are the last 120 days; a list is as in ``day_offsets``."""
    if isinstance(words, str) and words.endswith(" days") and words[:-5].isdigit():
        return tuple(range(int(words[:-5])))
    return day_offsets(words)


def day_before(now: datetime, offset: int) -> date:
    return now.date() - timedelta(days=offset)
