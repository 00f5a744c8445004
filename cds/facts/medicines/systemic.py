"""Which entries about a medicine reach the circulation, orders under review among them (spine.md NRM-05)."""

from __future__ import annotations

from dataclasses import dataclass

from cds.facts.medicines import validity
from cds.facts.medicines.routes import is_local, route_groups
from cds.facts.question import Question
from cds.record import EventEntry, MedicationEntry


@dataclass(frozen=True, slots=True)
class Systemic:
    """Entries whose route reaches the circulation, and whether any was left out because its route is not stated."""

    entries: tuple[MedicationEntry, ...]
    unstated: bool


def systemic(question: Question) -> Systemic:
    wanted = question.choice("in")
    record, orders = question.record, list[MedicationEntry | EventEntry]()
    orders += record.drafts if question.flag("drafts") else ()
    orders += record.background if question.flag("background") else ()
    known = [entry for entry in question.entries() if isinstance(entry, MedicationEntry) and not entry.draft]
    known += [entry for entry in orders if isinstance(entry, MedicationEntry) and wanted in entry.sets]
    local = question.asked.names["local"]
    stated = question.asked.texts.get("route", "any") == "any"
    kept = [entry for entry in known if not is_local(entry, local)]
    usable = [entry for entry in kept if stated or route_groups(entry.dosages) or validity.is_denial(entry)]
    return Systemic(tuple(usable), unstated=len(usable) < len(kept))
