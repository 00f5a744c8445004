"""Which resources about a medicine count, and from when to when they say it is taken.

Follows headache.md 2.7 and spine.md NRM-05.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from msgspec.structs import replace

from cds.clinical import Span
from cds.record import Dosage, MedicationEntry

REQUEST = "MedicationRequest"
STATEMENT = "MedicationStatement"
DISPENSE = "MedicationDispense"
ADMINISTRATION = "MedicationAdministration"

GRACE = 7  # days after the end of supply in which a medicine still counts as taken
UNVERIFIED = 180  # days after which an order without any end no longer shows that a medicine is taken

_NAMELESS = "medicine without a name"
_OVER = frozenset({"completed", "stopped", "ended"})
_POSSIBLE = frozenset({"on-hold", "intended"})


def counts(entry: MedicationEntry) -> bool:
    """It speaks for use: no denial, and not one of the orders under review. Withdrawn resources are not in a record."""
    return not entry.draft and not is_denial(entry)


def is_denial(entry: MedicationEntry) -> bool:
    """A statement that the medicine is not taken."""
    return entry.type == STATEMENT and entry.status == "not-taken"


@dataclass(frozen=True, slots=True)
class Course:
    """A stretch of treatment. ``end`` is its true end, None when nothing tells it.

    ``last`` is the last day it covers: the day before ``end`` where ``end`` is the start plus a supply.
    """

    start: date | None
    end: date | None
    last: date | None
    over: bool = False  # stated to be completed or stopped
    possible: bool = False  # on hold or intended: perhaps not taken


def course(entry: MedicationEntry) -> Course:
    match entry.type:
        case "MedicationStatement":
            return _stated(entry)
        case "MedicationDispense":
            return _supplied(earliest(entry.handed_over), entry.days_supply, over=False, possible=False)
        case "MedicationAdministration":
            first, last = effective(entry)
            return Course(first, last, last, over=entry.status != "in-progress")
    return _ordered(entry)


def _ordered(entry: MedicationEntry) -> Course:
    bounds = [dosage.bounds for dosage in entry.dosages if dosage.bounds]
    start = min(_known(bound[0] for bound in bounds), default=earliest(entry.authored))
    over, possible = entry.status in _OVER, entry.status in _POSSIBLE
    if last := last_bound(entry.dosages):
        return Course(start, last, last, over=over, possible=possible)
    if longest := longest_bound(entry.dosages):
        return _supplied(start, longest, over=over, possible=possible)
    if start and entry.days_supply:
        return _supplied(start, entry.days_supply * (1 + (entry.repeats or 0)), over=over, possible=possible)
    end = entry.validity[1] if entry.validity else None
    return Course(start, end, end, over=over, possible=possible)


def last_bound(dosages: Iterable[Dosage]) -> date | None:
    """The last day of dosages that follow each other; None unless each states one: what comes after a taper goes on."""
    ends = [dosage.bounds and dosage.bounds[1] for dosage in dosages if _tells_when(dosage)]
    known = _known(ends)
    return max(known) if known and len(known) == len(ends) else None


def longest_bound(dosages: Iterable[Dosage]) -> float | None:
    """In days, of dosages beside each other; None unless each states how long it goes on."""
    lengths = [dosage.bounds_days and dosage.bounds_days[1] for dosage in dosages if _tells_when(dosage)]
    known = [length for length in lengths if length is not None]
    return max(known) if known and len(known) == len(lengths) else None


def _tells_when(dosage: Dosage) -> bool:
    """Words alone, such as "with food", are no dosage of their own."""
    return replace(dosage, text="", routes=()) != Dosage()


def _supplied(start: date | None, days: float | None, *, over: bool, possible: bool) -> Course:
    if start is None or days is None:
        return Course(start, None, None, over=over, possible=possible)
    return Course(start, start + timedelta(days=days), start + timedelta(days=days - 1), over=over, possible=possible)


def _stated(entry: MedicationEntry) -> Course:
    first, last = effective(entry)
    over, possible = entry.status in _OVER, entry.status in _POSSIBLE
    return Course(first or earliest(entry.asserted), last, last, over=over, possible=possible)


def effective(entry: MedicationEntry) -> tuple[date | None, date | None]:
    """The first and the last day on which it may have been taken."""
    first, last = entry.effective or (None, None)
    return earliest(first), last.latest if last else None


def said_on(entry: MedicationEntry) -> date | None:
    """The day a resource was written: an order's, a statement's or a hand-over's."""
    return earliest(entry.authored or entry.asserted or entry.handed_over)


def earliest(span: Span | None) -> date | None:
    return span.earliest if span else None


def drug(entry: MedicationEntry) -> frozenset[str]:
    """What the medicine is: its ingredients, or the codes of the product where these are not known."""
    if entry.substances:
        return frozenset(each.name for each in entry.substances)
    return frozenset(f"{coding.system}|{coding.code}" for coding in entry.ingredients or entry.codings)


def name(entry: MedicationEntry) -> str:
    """What a person would call it, as far as anyone says."""
    return entry.text or next((coding.display for coding in entry.codings if coding.display), _NAMELESS)


def _known(dates: Iterable[date | None]) -> list[date]:
    return [each for each in dates if each is not None]
