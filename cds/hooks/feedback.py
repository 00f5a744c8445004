"""What became of cards, as clients tell it: from the bytes of a body to the entries of the journal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, TypeAlias

from cds.fhir.plenty import check_values
from cds.hooks import strict
from cds.hooks.schema.feedback import feedback_entries
from cds.journal import Caller, Feedback

Seal: TypeAlias = Callable[[bytes, str], str]
"""Encrypts a text, and binds it to the record it belongs to."""


def feedback(body: bytes, *, service: str, caller: Caller, received: datetime, seal: Seal) -> tuple[Feedback, ...]:
    """The entries of one message; told twice, they are the same. ``seal`` encrypts what a user wrote.

    Whether the cards are known is not asked: the record of a card may arrive after what became of it. Raises
    ``RequestError`` when any entry is wrong; then none counts.
    """
    check_values(body)
    entries = feedback_entries(strict.loaded(body))
    told = (_entry(entry, service, caller, received, seal) for entry in entries)
    return tuple({one.id: one for one in told}.values())


def _entry(entry: Mapping[str, Any], service: str, caller: Caller, received: datetime, seal: Seal) -> Feedback:
    """What does not go with the outcome, such as a reason to override what was accepted, is left out."""
    outcome: Literal["accepted", "overridden"] = entry["outcome"]
    given = entry.get("acceptedSuggestions", []) if outcome == "accepted" else []
    override = entry.get("overrideReason", {}) if outcome == "overridden" else {}
    card, suggestions = _uuid(entry["card"]), tuple(sorted({_uuid(one["id"]) for one in given}))
    reason, at = override.get("reason", {}), entry["outcomeTimestamp"]
    system, code = reason.get("system", ""), reason.get("code", "")
    comment = override.get("userComment", "")
    id_ = _id(caller.issuer, caller.tenant, card, outcome, *suggestions, at.isoformat(), system, code)
    return Feedback(
        id=id_,
        received=received,
        caller=caller,
        service=service,
        card=card,
        outcome=outcome,
        at=at,
        suggestions=suggestions,
        reason_system=system,
        reason_code=code,
        reason_display=reason.get("display", ""),
        comment=seal(comment.encode(), belongs_to(id_)) if comment else "",
    )


def belongs_to(id_: str) -> str:
    """What the comment of an entry is sealed to."""
    return f"feedback {id_}"


def _uuid(text: str) -> str:
    """As it was issued: bare, in small letters."""
    return text.strip().lower().removeprefix("urn:uuid:")


def _id(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
