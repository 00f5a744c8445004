"""Kidney function: the reported filtration rate or, where a creatinine is newer, the rate calculated from it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

from cds.clinical import Bounds, Evidence, Number, Span
from cds.facts.dates import age_at
from cds.facts.findings import unusable_answer
from cds.facts.measures import Measure, latest, measured, measures, newer_than, shown
from cds.facts.question import Answer, Question
from cds.facts.statements import Unusable
from cds.ruleset.spoken import amount

_RATE, _CREATININE = "mL/min/{1.73_m2}", "umol/L"
_PER_MG_DL = 88.42  # µmol/L that 1 mg/dL is, spine.md 0.4
_ADULT = 18  # years; the equation was made for adults


def kidney_function(question: Question) -> Answer | None:
    """The newest of what was reported and what can be calculated; of one day, what was reported."""
    reported, creatinine = measures(question, "in", _RATE), measures(question, "creatinine", _CREATININE)
    unusable = (*reported.unusable, *creatinine.unusable)
    rate = latest(reported.usable) if reported.usable else None
    newer = latest(creatinine.usable) if creatinine.usable else None
    if newer is None or (rate is not None and rate.when.latest >= newer.when.latest):
        if rate is None:
            return unusable_answer(question, unusable) if unusable else None
        return _answer(question, rate, "reported", unusable)
    calculated = _calculated(newer, question)
    if calculated is None:
        return _not_calculable(question, newer, rate)
    answer = _answer(question, newer._replace(value=calculated), "calculated", unusable)
    return answer._replace(evidence=(_explained(newer, calculated, question),))


def ckd_epi_2021(creatinine: float, age: float, *, female: bool) -> float:
    """mL/min/1.73 m2 of an adult, from creatinine in µmol/L.

    The race-free CKD-EPI equation of 2021 (Inker et al., N Engl J Med 2021;385:1737, doi 10.1056/NEJMoa2102953).
    """
    if creatinine <= 0:  # the lower end of one that is stated as "below 20"
        return math.inf
    kappa, alpha = (0.7, -0.241) if female else (0.9, -0.302)
    ratio = creatinine / _PER_MG_DL / kappa
    rate: float = 142 * min(ratio, 1.0) ** alpha * max(ratio, 1.0) ** -1.2 * 0.9938**age
    return rate * 1.012 if female else rate


def _calculated(measure: Measure, question: Question) -> Number | None:
    """Within bounds when the sex, the age or the creatinine is known only so; None for whom the equation is not."""
    patient = question.record.patient
    if patient.born is None or measure.high <= 0:
        return None
    age = age_at(patient.born, Span(question.today, question.today))
    ages = age if isinstance(age, Bounds) else (age,)
    sexes = (patient.gender == "female",) if patient.gender in ("male", "female") else (True, False)
    if min(ages) < _ADULT:
        return None
    rates = [
        ckd_epi_2021(creatinine, years, female=female)
        for creatinine, years, female in product({measure.low, measure.high}, set(ages), sexes)
    ]
    low, high = round(min(rates), 1), round(max(rates), 1)
    return low if low == high else Bounds(low, high)


def _answer(question: Question, measure: Measure, basis: str, unusable: Sequence[Unusable]) -> Answer:
    answer = measured(question, measure, newer_than(measure.when, unusable))
    return answer._replace(attributes={**answer.attributes, "basis": basis})


def _not_calculable(question: Question, newer: Measure, rate: Measure | None) -> Answer:
    """An older report answers, and says that something newer could not be used."""
    missing = ("birth date of an adult, to calculate the filtration rate from the creatinine",)
    if rate is None:
        return unusable_answer(question, ())._replace(missing=missing, evidence=(shown(newer, question),))
    answer = _answer(question, rate, "reported", ())
    return answer._replace(attributes={**answer.attributes, "newer_unusable": "yes"}, missing=missing)


def _explained(measure: Measure, rate: Number, question: Question) -> Evidence:
    ends = rate if isinstance(rate, Bounds) and rate.high < math.inf else (rate,)
    words = " to ".join(amount(end, _RATE) for end in ends)
    return replace(shown(measure, question), note=f"eGFR {words} by CKD-EPI 2021")
