"""Why something could not be read: a word for the log, and words for a clinician."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Fault: TypeAlias = Literal[
    "time", "unreached", "reset", "untrusted", "redirect", "resting", "address",
    "token", "expired", "scope", "part",
    "absent", "busy", "broken", "refused", "garbage", "other", "failed",
    "pages", "stray", "size",
]  # fmt: skip

WORDS: Final[Mapping[Fault, str]] = {
    "time": "its server did not answer in time",
    "unreached": "its server could not be reached",
    "reset": "its server broke the connection",
    "untrusted": "its server could not prove who it is",
    "redirect": "its server refers to another one",
    "resting": "its server failed repeatedly and is left alone for a moment",
    "address": "its server may not be asked for it",
    "token": "its server refused the token",
    "expired": "the token has expired",
    "scope": "the token does not allow to read it",
    "part": "the token allows to read only part of it",
    "absent": "its server does not have it",
    "busy": "its server has too much to do",
    "broken": "its server failed",
    "refused": "its server did not accept the question",
    "garbage": "its server sent something that is not FHIR",
    "other": "its server sent something else",
    "failed": "its server could not read all of it",
    "pages": "its server has more of it than could be read",
    "stray": "its server keeps the rest somewhere else",
    "size": "its server has more of it than can be taken",
}


@dataclass(frozen=True, slots=True)
class Unread:
    """Nothing was read. ``reason``: in words, without any address."""

    fault: Fault

    @property
    def reason(self) -> str:
        return WORDS[self.fault]

    @property
    def permitted(self) -> bool:
        """Whether the token lets it be asked for."""
        return self.fault != "scope"
