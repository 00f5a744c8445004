"""What a shift and its workers tell the supervisor."""

from __future__ import annotations

from datetime import date

import msgspec


class Loaded(msgspec.Struct, frozen=True, tag=True):
    """``greeting``: for who started the service. ``rulesets``: their versions; ``reviews``: when each is due.

    ``unreviewed``: how many of those that are run no clinician has reviewed.
    """

    greeting: str
    fingerprint: str
    rulesets: dict[str, str]
    reviews: dict[str, date]
    unreviewed: int


class Failed(msgspec.Struct, frozen=True, tag=True):
    """``words`` are safe to show."""

    words: str
    exit_code: int


class Working(msgspec.Struct, frozen=True, tag=True):
    """One of its workers accepts connections from now on."""

    process: int


News = Loaded | Failed | Working
