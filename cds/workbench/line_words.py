"""What the keys of a line may say: a mistyped status would otherwise make a record that no fact asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cds.ruleset.names import listed, suggestion

_UNSURE = ("confirmed", "refuted", "entered-in-error", "none")
_EVENT = ("preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "entered-in-error", "unknown")
_FORM = ("in-progress", "completed", "amended", "entered-in-error", "stopped")
_RESULT = (
    "registered", "partial", "preliminary", "final", "amended", "corrected", "appended", "cancelled",
    "entered-in-error", "unknown",
)  # fmt: skip
_CHOICES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "condition": {
        "status": ("active", "recurrence", "relapse", "inactive", "remission", "resolved", "none"),
        "verification": ("unconfirmed", "provisional", "differential", *_UNSURE),
        "severity": ("mild", "moderate", "severe"),
    },
    "allergy": {
        "status": ("active", "inactive", "resolved", "none"),
        "verification": ("unconfirmed", "presumed", *_UNSURE),
    },
    "observation": {"status": _RESULT},
    "report": {"status": _RESULT},
    "answer": {"status": _FORM},
    "answers": {"status": _FORM},
    "procedure": {"status": _EVENT},
    "encounter": {
        "status": (
            "planned", "arrived", "triaged", "in-progress", "onleave", "finished", "cancelled", "entered-in-error",
            "unknown",
        ),
    },
    "family": {"status": ("partial", "completed", "entered-in-error", "health-unknown")},
    "task": {
        "status": (
            "draft", "requested", "received", "accepted", "rejected", "ready", "cancelled", "in-progress", "on-hold",
            "failed", "completed", "entered-in-error",
        ),
    },
    "service_request": {
        "status": ("draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"),
        "priority": ("routine", "urgent", "asap", "stat"),
    },
    "statement": {
        "status": (
            "active", "completed", "entered-in-error", "intended", "stopped", "on-hold", "unknown", "not-taken",
        ),
    },
    "request": {
        "status": ("active", "on-hold", "cancelled", "completed", "entered-in-error", "stopped", "draft", "unknown"),
        "intent": (
            "proposal", "plan", "order", "original-order", "reflex-order", "filler-order", "instance-order", "option",
        ),
    },
    "dispense": {"status": (*_EVENT, "cancelled", "declined")},
    "administration": {"status": _EVENT},
}  # fmt: skip
"""The required bindings of FHIR R4, by the start of the line; ``none`` leaves the element out."""

_SIDES = ("left", "right", "both")
_MAPPINGS = ("answers", "diary", "resource", "dosage", "timing", "bounds")
_NUMBERS = ("hours", "repeats", "frequency", "frequencyMax", "periodMax", "count")
_PERIOD = re.compile(r"\d+(\.\d+)? (s|min|h|d|wk|mo|a)")


def check(start: str, line: Mapping[str, Any]) -> None:
    """Raises ``ValueError`` that says which word is wrong, and what it could be."""
    for key, choices in {"side": _SIDES, **_CHOICES.get(start, {})}.items():
        if key in line and line[key] not in choices:
            right = suggestion(str(line[key]), choices) or f"; it is {listed(choices)}"
            raise ValueError(f'"{key}" cannot be "{line[key]}"{right}')
    for key in _MAPPINGS:
        if key in line and not isinstance(line[key], Mapping):
            raise ValueError(f'"{key}" must be a mapping')
    for key in _NUMBERS:
        if key in line and (isinstance(line[key], bool) or not isinstance(line[key], int | float)):
            raise ValueError(f'"{key}" must be a number')
    if "period" in line and not _PERIOD.fullmatch(str(line["period"])):
        raise ValueError('"period" must be a number with a unit of s, min, h, d, wk, mo or a')
    for part in line.get("components", ()):
        if not isinstance(part, Mapping) or part.keys() != {"code", "value"}:
            raise ValueError('"components" must be a list of mappings with "code" and "value"')
    if start == "resource" and "resourceType" not in line[start]:
        raise ValueError('"resource" must have a "resourceType"')
