"""Statements that a medicine is not taken: they cancel what an order says of the same drug (headache.md 2.7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from cds.facts.concepts import Concept, concepts
from cds.facts.medicines import validity
from cds.record import MedicationEntry


@dataclass(frozen=True, slots=True)
class Denial:
    """From ``first`` to ``last`` (None: until further notice) the drug is stated not to be taken."""

    drug: frozenset[str]
    codes: frozenset[Concept]  # of the product
    first: date | None
    last: date | None
    said: date | None

    def concerns(self, entry: MedicationEntry) -> bool:
        """The same drug, not one that has an ingredient in common with it; and an order written after an open-ended
        denial is a new decision.
        """
        if self.drug != validity.drug(entry) and self.codes.isdisjoint(concepts(entry.codings)):
            return False
        written = validity.said_on(entry)
        return self.last is not None or self.said is None or written is None or written <= self.said

    def covers(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


def denials(entries: Iterable[MedicationEntry]) -> tuple[Denial, ...]:
    return tuple(_denial(entry) for entry in entries if validity.is_denial(entry))


def _denial(entry: MedicationEntry) -> Denial:
    first, last = validity.effective(entry)
    said = validity.earliest(entry.asserted) or first
    return Denial(validity.drug(entry), concepts(entry.codings), first, last, said)
