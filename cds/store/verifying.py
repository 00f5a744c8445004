"""Holds what is stored against the ledger, from its beginning to its end, with a page of it in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple, TypeAlias

from sqlalchemy import Connection, Engine, exists, false, select

from cds.store import digests, ledger, tables
from cds.store.database import is_file, reading
from cds.store.ledger import Keys

_PAGE = 100  # rows, and their records: one that holds its request may be large
_LINKS = 64  # that are known while rows do not follow each other
_FIRST_PLACE = -(2**63)

_ledger = tables.ledger
_MOMENTS: Final = {"decision": tables.decisions.c.at, "feedback": tables.feedback.c.received}

_Stored: TypeAlias = Mapping[str, Mapping[str, str]]


class Head(NamedTuple):
    """As it was noted earlier. ``seal``: the short one."""

    place: int
    seal: str


@dataclass(frozen=True, slots=True)
class Finding:
    """``about``: places of the ledger, or the kind and id of a record."""

    about: str
    problem: str


@contextmanager
def verifying(engine: Engine, keys: Keys, noted: Head | None = None) -> Iterator[Verification]:
    """In one view of the database. What was changed by force may be no text any more."""
    with reading(engine) as connection:
        if is_file(engine) and (driver := connection.connection.driver_connection):
            driver.text_factory = partial(bytes.decode, errors="backslashreplace")
        yield Verification(connection, keys, noted)


class Verification:
    """One walk through the ledger; what it counts is known at its end. ``before``: records that were stored before
    there was a ledger, which nothing is known of.
    """

    def __init__(self, connection: Connection, keys: Keys, noted: Head | None = None) -> None:
        self.first = self.last = self.kept = self.removed = self.before = self.amiss = 0
        self.head = ""
        self._connection, self._keys, self._noted = connection, keys, noted
        self._links: tuple[str, ...] = ()  # one of which the next row is bound to; none: it cannot be known
        self._since: datetime | None = None

    def findings(self) -> Iterator[Finding]:
        for finding in self._findings():
            self.amiss += 1
            yield finding

    def _findings(self) -> Iterator[Finding]:
        yield from self._beginning()
        for page in self._pages():
            stored = _stored(self._connection, page)
            for row in page:
                yield from self._row(row)
                yield from self._record(row, stored)
        yield from self._cut_off()
        yield from self._never_entered()

    def _beginning(self) -> Iterator[Finding]:
        found = self._connection.execute(select(_ledger).order_by(_ledger.c.place).limit(1)).one_or_none()
        if found is None:
            if ledger.has_records(self._connection):
                yield Finding("ledger", "there is none")
            return
        self.first = self.last = found.place
        if ledger.begins(self._keys, found):
            self._since = datetime.fromisoformat(found.id)
        else:
            yield Finding("ledger", f"its beginning is {self._unlike(found)}")

    def _pages(self) -> Iterator[Sequence[Any]]:
        after = _FIRST_PLACE
        by_place = select(_ledger).order_by(_ledger.c.place).limit(_PAGE)
        while page := self._connection.execute(by_place.where(_ledger.c.place > after)).all():
            yield page
            after = page[-1].place

    def _row(self, row: Any) -> Iterator[Finding]:
        if row.place == self.first:
            self._links = (ledger.link(row),)
        elif row.place > self.last + 1:
            yield Finding(_places(self.last + 1, row.place - 1), "missing")
            self._links = (row.seal,)
        elif any(ledger.follows(self._keys, row, link) for link in self._links):
            self._links = (row.seal,)
        else:
            yield Finding(_places(row.place, row.place), self._unlike(row))
            self._links = (*self._links, row.seal, *ledger.seals(self._keys, row, self._links))[-_LINKS:]
        self.last, self.head = row.place, f"{row.place}:{ledger.short(ledger.link(row))}"
        if self._noted and self._noted.place == row.place and self.head != f"{row.place}:{self._noted.seal}":
            yield Finding(_places(row.place, row.place), f"the head that was noted is {self._noted.seal}")

    def _unlike(self, row: Any) -> str:
        known = ledger.key_name(row.seal) in self._keys
        return "not as it was sealed" if known else "sealed with a key that is not among CDS_RECORD_KEYS"

    def _record(self, row: Any, stored: _Stored) -> Iterator[Finding]:
        """Of a row of a kind that nobody knows it is told already that it was not sealed like that."""
        about = f"{row.kind} {row.id} ({_places(row.place, row.place)})"
        if row.kind not in digests.TABLES:
            return
        if row.gone and not ledger.is_gone(self._keys, row):
            yield Finding(about, "said to be removed, but not by this service")
        elif row.gone:
            self.removed += 1
        elif row.id not in stored[row.kind]:
            yield Finding(about, "missing")
        elif stored[row.kind][row.id] != row.digest:
            yield Finding(about, "not as it was entered")
        else:
            self.kept += 1

    def _cut_off(self) -> Iterator[Finding]:
        if self._noted and self._noted.place > self.last:
            yield Finding(
                "ledger", f"it went up to {self._noted.place} when its head was noted, and ends at {self.last}"
            )

    def _never_entered(self) -> Iterator[Finding]:
        for kind, (named, *_) in digests.TABLES.items():
            row_of_it = exists().where(_ledger.c.id == named.c.id, _ledger.c.kind == kind, _ledger.c.gone == "")
            late = _MOMENTS[kind] >= self._since if self._since else false()
            others = select(named.c.id, late.label("late")).where(~row_of_it).execution_options(yield_per=_PAGE)
            for record in self._connection.execute(others):
                if record.late:
                    yield Finding(f"{kind} {record.id}", "never entered")
                else:
                    self.before += 1


def _stored(connection: Connection, page: Sequence[Any]) -> _Stored:
    return {
        kind: digests.stored(connection, kind, [row.id for row in page if row.kind == kind]) for kind in digests.TABLES
    }


def _places(first: int, last: int) -> str:
    return f"place {first}" if first == last else f"places {first} to {last}"
