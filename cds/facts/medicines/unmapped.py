"""Names the medicines that no code explains: the kind ``unmapped-medicines`` (spine.md NRM-05)."""

from __future__ import annotations

from cds.clinical import Evidence, State
from cds.facts.question import Answer, Question

_NAMELESS = "medicine without a name"


def unmapped_medicines(question: Question) -> Answer | None:
    unmapped = question.record.unmapped_medications
    if not unmapped:
        return None
    names = {reference: text or _NAMELESS for reference, text in unmapped.items()}
    return Answer(
        State.PRESENT,
        {"number": float(len(names)), "names": ", ".join(dict.fromkeys(names.values()))},
        tuple(Evidence(reference, text, "no code that is known here") for reference, text in names.items()),
    )
