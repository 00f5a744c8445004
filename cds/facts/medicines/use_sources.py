"""What the record says on the use of one acute-medication class, by kind of source (headache.md 4.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_, or_

from cds.clinical import Evidence
from cds.facts.medicines.classes import AcuteClass
from cds.facts.medicines.days import NO_DAYS, Days, begun_by
from cds.record import Entry, MedicationEntry

Drug = frozenset[str]


@dataclass(frozen=True, slots=True)
class Report:
    """Days of use by the patient's account: a week when ``weekly``, otherwise in 30 days."""

    ago: int
    low: float
    estimate: float
    high: float
    weekly: bool
    entry: Entry

    def in_days(self, length: int) -> Report:
        """The same for a window of so many days: 3 a week are 12 in 28 days."""
        factor = length / (7 if self.weekly else 30)
        low, estimate, high = (min(each * factor, float(length)) for each in (self.low, self.estimate, self.high))
        return replace(self, low=low, estimate=estimate, high=high)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Use that a statement or an order says is intended, over the days it covers.

    ``fixed``: the very dates, when the dosage fixes them; otherwise so many days a week (4.4). ``limit``: days a week
    that an as-needed order allows, None for what sets no limit.
    """

    drug: Drug
    days: Days
    fixed: Days | None
    rate: float
    entry: MedicationEntry
    limit: float | None = None
    denied: Days = NO_DAYS  # days on which the drug is stated not to have been taken

    def allows(self, window: Days) -> bool:
        """Whether it gives access to the medicine in a window: begun by then, and not denied throughout."""
        return begun_by(self.days, window) and bool(window & ~self.denied)


@dataclass(frozen=True, slots=True)
class Supply:
    """One dispensing: days of use it is enough for, spread evenly from hand-over to the next one (4.5).

    ``length`` is the whole interval, also before the horizon and after today; ``since`` the days from hand-over until
    today. ``most`` None: the number of doses is not known, so that nothing limits use.
    """

    drug: Drug
    days: Days
    since: Days
    length: int
    estimate: float | None
    most: float | None
    covered: Days  # days that the stated supply covers
    last: bool
    early: bool  # handed over before 0.75 of the previous supply had passed
    ago: int
    entry: MedicationEntry


@dataclass(frozen=True, slots=True)
class Classed:
    """A medicine on record: its acute class, whether it is ordered or taken now, and how that is put into words."""

    entry: MedicationEntry
    acute: AcuteClass
    current: bool
    recent: bool  # current, or with a day in the last 120
    kind: str  # "as-needed order", "patient's statement" …
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything about one class. ``administered`` proves use but says nothing about other days."""

    diary: Days = NO_DAYS
    documented: Days = NO_DAYS
    administered: Days = NO_DAYS
    reports: tuple[Report, ...] = ()
    duration: float | None = None  # days that use has been at this level, by the patient's account
    statements: tuple[Stretch, ...] = ()
    orders: tuple[Stretch, ...] = ()
    supplies: tuple[Supply, ...] = ()
    possible: tuple[Stretch, ...] = ()  # as needed, on hold or in words only: access, no estimate

    @property
    def dated(self) -> Days:
        return self.diary | self.administered

    @property
    def tells_use(self) -> bool:
        """Actual use was recorded, if only as a no."""
        return bool(self.documented or self.administered or self.reports or self.statements)

    @property
    def is_accessible(self) -> bool:
        """Something shows that the medicine was taken or can be had."""
        return bool(self.dated or self.reports or self.statements or self.orders or self.supplies or self.possible)

    @property
    def anything(self) -> bool:
        return self.tells_use or bool(self.orders or self.supplies or self.possible)


def united(parts: Iterable[Sources]) -> Sources:
    """The dates of several classes together: a day counts when any was used.

    It is documented when each class is that there is a sign of: a day on which the only medicine was not taken is a
    day without any.
    """
    parts = tuple(parts)
    concerned = [part.documented for part in parts if part.is_accessible] or [part.documented for part in parts]
    diary = reduce(or_, (part.diary for part in parts), NO_DAYS)
    administered = reduce(or_, (part.administered for part in parts), NO_DAYS)
    documented = reduce(and_, concerned) if concerned else NO_DAYS
    durations = [part.duration for part in parts if part.duration is not None]
    return Sources(diary, diary | documented, administered, duration=max(durations, default=None))
