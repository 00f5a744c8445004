"""Whether the patient is pregnant, and since when (spine.md NRM-07)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from cds.clinical import Bounds, Evidence, Number, Span, State
from cds.facts.dates import days_since, newest, past, words
from cds.facts.measures import readings, shown
from cds.facts.question import Answer, Question
from cds.facts.stated import observed, statements
from cds.facts.statements import Statement, evidence, present_now
from cds.facts.yes_no import coded
from cds.record import ConditionEntry, ObservationEntry
from cds.ruleset.systems import SYSTEMS

_TERM = 280  # days from the last menstrual period to the expected delivery
_LONGEST = 308  # days; more is an error of dating
_OBSERVED_DAYS = 294  # for which an observation of pregnancy counts
_TEST_DAYS = 90  # for which a positive test counts, headache.md HD-RF-011
_OVERDUE_DAYS = 14  # for which a pregnancy goes on after the expected delivery
_WEEKS = "Z3A"  # ICD-10-CM: completed weeks of gestation


class _Sign(NamedTuple):
    """Something that says so; ``when`` it was said."""

    when: Span | None
    shown: Evidence


class _Dating(NamedTuple):
    days: Number
    by: str
    shown: Evidence


def pregnancy(question: Question) -> Answer | None:
    """Present by the newest statement; what ends a pregnancy clears all that was said before it."""
    against = tuple(_against(question))
    cleared = newest(*(sign.when for sign in against))
    signs = [sign for sign in _signs(question) if _after(sign.when, cleared)]
    if not signs:
        recent = tuple(sign.shown for sign in against if _is_recent(sign.when, question))
        return Answer(State.DENIED, evidence=recent) if recent else None
    dating = next((one for one in _datings(question, cleared) if _is_plausible(one.days)), None)
    stated = newest(*(sign.when for sign in signs))
    attributes: dict[str, Number | str] = {"stated_days": days_since(stated, question.today)} if stated else {}
    if dating:
        attributes |= {"gestation_days": dating.days, "dated_by": dating.by}
    shown_once = dict.fromkeys([*(sign.shown for sign in signs), *([dating.shown] if dating else [])])
    missing = () if dating else ("gestational age",)
    return Answer(State.PRESENT, attributes, tuple(shown_once), missing)


def _is_recent(when: Span | None, question: Question) -> bool:
    """Whoever was not pregnant long ago, or gave birth then, may be pregnant now."""
    return when is None or days_since(when, question.today) <= _OBSERVED_DAYS


def _after(when: Span | None, cleared: Span | None) -> bool:
    return cleared is None or (when is not None and when.latest > cleared.latest)


def _signs(question: Question) -> Iterator[_Sign]:
    for one in present_now(statements(question, "in"), question, _OBSERVED_DAYS):
        yield _Sign(one.when, evidence(one, question))
    yield from _observed_yes(question, "status", _OBSERVED_DAYS)
    yield from _observed_yes(question, "test", _TEST_DAYS)
    for entry, due in _dated(question, "edd"):
        if due.latest >= question.today - timedelta(days=_OVERDUE_DAYS):
            yield _Sign(past(observed(entry, question), question.today), _date_shown(entry, due))


def _observed_yes(question: Question, parameter: str, days: int) -> Iterator[_Sign]:
    """Of a status only a plain yes: a coded value is found by what it means."""
    for one in statements(question, parameter).standing:
        plain = parameter != "status" or (isinstance(one.entry, ObservationEntry) and not coded(one.entry))
        if plain and one.when is not None and days_since(one.when, question.today) <= days:
            yield _Sign(one.when, evidence(one, question))


def _against(question: Question) -> Iterator[_Sign]:
    for parameter in ("not", "ended"):
        yield from (_sign(one, question) for one in statements(question, parameter).said if one.yes)
    for parameter in ("in", "status"):
        yield from (_sign(one, question) for one in statements(question, parameter).said if not one.yes)
    for entry, delivered in _dated(question, "delivery"):
        if (when := past(delivered, question.today)) is not None:
            yield _Sign(when, _date_shown(entry, delivered))


def _sign(one: Statement, question: Question) -> _Sign:
    return _Sign(one.when, evidence(one, question))


def _dated(question: Question, parameter: str) -> Iterator[tuple[ObservationEntry, Span]]:
    """The observations whose value is a date, the newest first."""
    entries = [one for one in question.entries(parameter) if isinstance(one, ObservationEntry)]
    entries.sort(key=lambda one: one.effective.latest if one.effective else date.min, reverse=True)
    yield from ((one, one.value) for one in entries if isinstance(one.value, Span))


def _date_shown(entry: ObservationEntry, value: Span) -> Evidence:
    return Evidence(entry.reference, entry.text, words(value), words(entry.effective))


def _datings(question: Question, cleared: Span | None) -> Iterator[_Dating]:
    """What dates the pregnancy, the surest first."""
    today = question.today
    for entry, due in _dated(question, "edd"):
        if _after(entry.effective, cleared):
            yield _Dating(_since(due, today, _TERM), "expected delivery", _date_shown(entry, due))
    for one in sorted(readings(question, "gestation", "d").usable, key=lambda one: one.moment, reverse=True):
        if _after(one.when, cleared):
            elapsed = days_since(one.when, today)
            yield _Dating(_plus(one.value, elapsed), "gestational age", shown(one, question))
    for entry, began in _dated(question, "lmp"):
        if _after(entry.effective, cleared):
            yield _Dating(_since(began, today, 0), "last menstrual period", _date_shown(entry, began))
    yield from _coded_weeks(question, cleared)


def _since(day: Span, today: date, more: int) -> Number:
    low, high = (today - day.latest).days + more, (today - day.earliest).days + more
    return float(low) if low == high else Bounds(float(low), float(high))


def _plus(value: Number, days: float) -> Number:
    return Bounds(value.low + days, value.high + days) if isinstance(value, Bounds) else value + days


def _coded_weeks(question: Question, cleared: Span | None) -> Iterator[_Dating]:
    """A code says completed weeks at the time it was recorded: the days within the week are not known."""
    for one in present_now(statements(question, "in"), question, None):
        weeks = next(_weeks(one), None)
        recorded = one.entry.recorded if isinstance(one.entry, ConditionEntry) else None
        if weeks is not None and recorded is not None and _after(recorded, cleared):
            low = weeks * 7 + (question.today - recorded.latest).days
            high = weeks * 7 + 6 + (question.today - recorded.earliest).days
            yield _Dating(Bounds(float(low), float(high)), "diagnosis", evidence(one, question))


def _weeks(one: Statement) -> Iterator[int]:
    """Z3A.08 to Z3A.42; the codes outside say "less than 8", "more than 42" and "not specified"."""
    for system, code in one.concepts:
        number = code.removeprefix(_WEEKS)
        if system == SYSTEMS["icd-10-cm"] and number != code and number.isdigit() and 8 <= int(number) <= 42:
            yield int(number)


def _is_plausible(days: Number) -> bool:
    low, high = (days.low, days.high) if isinstance(days, Bounds) else (days, days)
    return low >= 0 and high <= _LONGEST
