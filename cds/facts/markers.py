"""Laboratory markers against their upper limit (spine.md SRF-07, NRM-06)."""

from __future__ import annotations

from cds.clinical import Bounds, Number, Span
from cds.facts.dates import age_at
from cds.facts.findings import unusable_answer
from cds.facts.measures import Measure, in_unit, latest, measured, measures, newer_than
from cds.facts.question import Answer, Question

ESR_AGE = 50  # from this age the default limit of the sedimentation rate rises, spine.md SRF-07


def raised_marker(question: Question) -> Answer | None:
    """The latest value and its excess over the limit that its result states, otherwise over the default."""
    usable, unusable = measures(question)
    if not usable:
        return unusable_answer(question, unusable) if unusable else None
    measure = latest(usable)
    answer = measured(question, measure, newer_than(measure.when, unusable))
    stated = _stated_limit(measure, question)
    limit = _default_limit(question) if stated is None else stated
    source = "default" if stated is None else "result"
    added: dict[str, Number | str] = {"limit": limit, "excess": _excess(measure, limit), "limit_source": source}
    if limit > 0:
        added["ratio"] = _ratio(measure, limit)
    return answer._replace(attributes={**answer.attributes, **added})


def _stated_limit(measure: Measure, question: Question) -> float | None:
    """The upper reference limit, when it can be converted to the fact's unit; a limit within bounds is none."""
    high = measure.entry.high
    limit = None if high is None else in_unit(high, question.text("unit"), measure.entry)
    return limit if isinstance(limit, float) else None


def _default_limit(question: Question) -> float:
    limit = question.number("limit") or 0.0
    patient = question.record.patient
    if not question.flag("esr_age") or patient.born is None:
        return limit
    # Of a partial birth date the youngest age counts, and of an unknown gender the lower limit: both raise sooner.
    age = age_at(patient.born, Span(question.today, question.today))
    years = age.low if isinstance(age, Bounds) else age
    if years < ESR_AGE:
        return limit
    return max(limit, (years + 10) / 2 if patient.gender == "female" else years / 2)


def _ratio(measure: Measure, limit: float) -> Number:
    if isinstance(measure.value, Bounds):
        return Bounds(measure.low / limit, measure.high / limit)
    return round(measure.value / limit, 9)


def _excess(measure: Measure, limit: float) -> Number:
    """Rounded: 10.1 over a limit of 10 is 0.1."""
    if isinstance(measure.value, Bounds):
        return Bounds(measure.low - limit, measure.high - limit)
    return round(measure.value - limit, 9)
