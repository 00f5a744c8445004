"""Opioids in milligrams of morphine a day: the kind ``morphine-equivalents`` (spine.md MED-21)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from types import MappingProxyType
from typing import NamedTuple

from cds.clinical import Bounds, Evidence, Number, State
from cds.facts.medicines import validity
from cds.facts.medicines.doses import daily_dose, independent
from cds.facts.medicines.exposure import CURRENT, exposures
from cds.facts.medicines.routes import is_injected, is_worn, route_groups
from cds.facts.medicines.systemic import systemic
from cds.facts.question import Answer, Question
from cds.record import MedicationEntry
from cds.ruleset.spoken import amount
from cds.ruleset.systems import SYSTEMS


class Factor(NamedTuple):
    """Milligrams of oral morphine that one ``unit`` of an opioid is."""

    rxnorm: str
    atc: str
    times: float
    unit: str = "mg/d"


# Dowell D et al. CDC Clinical Practice Guideline for Prescribing Opioids for Pain, United States, 2022. MMWR Recomm Rep
# 2022;71(RR-3):1-95, table of conversion factors. They are not those of 2016 (hydromorphone 4, methadone by dose).
# Pethidine, levorphanol and dihydrocodeine have none; buprenorphine is not to be converted.
FACTORS = MappingProxyType(
    {
        "codeine": Factor("2670", "R05DA04", 0.15),
        "fentanyl, transdermal": Factor("4337", "N02AB03", 2.4, "ug/h"),
        "hydrocodone": Factor("5489", "R05DA03", 1.0),
        "hydromorphone": Factor("3423", "N02AA03", 5.0),
        "methadone": Factor("6813", "N07BC02", 4.7),
        "morphine": Factor("7052", "N02AA01", 1.0),
        "oxycodone": Factor("7804", "N02AA05", 1.5),
        "oxymorphone": Factor("7814", "N02AA11", 3.0),
        "tapentadol": Factor("787390", "N02AX06", 0.4),
        "tramadol": Factor("10689", "N02AX02", 0.2),
    }
)
_BY_CODE = MappingProxyType(
    {
        key: factor
        for factor in FACTORS.values()
        for key in ((SYSTEMS["rxnorm"], factor.rxnorm), (SYSTEMS["atc"], factor.atc))
    }
)


class Share(NamedTuple):
    """What one medicine adds, in mg of morphine a day; None when it cannot be computed.

    ``least``: it is more than that, as the factors are for the mouth and it is injected.
    """

    entry: MedicationEntry
    certain: bool
    morphine: float | None
    words: str
    least: bool = False


def morphine_equivalents(question: Question) -> Answer | None:
    """The sum over all opioids; a lower bound as long as one of them cannot be computed."""
    shares = tuple(_shares(question))
    if not shares:
        return None
    lacking = sorted({validity.name(share.entry) for share in shares if share.morphine is None})
    attributes: dict[str, Number | str] = {
        "value": _sum(share for share in shares if share.certain),
        "possible": _sum(shares),
        "gaps": float(len(lacking)),
        "parts": "; ".join(share.words for share in shares),
    }
    if lacking:
        attributes["lacking"] = ", ".join(lacking)
    missing = tuple(f"dose of {name}" for name in lacking)
    return Answer(State.PRESENT, attributes, tuple(_evidence(share) for share in shares), missing)


def _shares(question: Question) -> Iterable[Share]:
    """Of the opioids taken now, but for those of substitution treatment."""
    current = [each for each in exposures(systemic(question).entries, question.today) if each.phase == CURRENT]
    disorder = question.choice("opioid_use_disorder")
    for_pain = [each for each in current if disorder not in each.entry.reasons]
    certain = {each.entry.reference for each in for_pain if each.certain}
    for entry in independent([each.entry for each in for_pain]):
        yield _share(entry, question, certain=entry.reference in certain)


def _share(entry: MedicationEntry, question: Question, *, certain: bool) -> Share:
    name, factor = validity.name(entry), _factor(entry)
    dose = None if factor is None else daily_dose(entry.dosages, question.today, factor.unit)
    verify = "" if certain else " (verify that it is taken)"
    if factor is None or dose is None:
        return Share(entry, certain, None, f"{name}: not known{verify}")
    injected = is_injected(entry)
    more = ", or more, as it is injected and the factor is for the mouth" if injected else ""
    words = f"{name} {amount(dose, factor.unit)} × {factor.times:g}{more}{verify}"
    return Share(entry, certain, dose * factor.times, words, least=injected)


def _factor(entry: MedicationEntry) -> Factor | None:
    """None also of several ingredients, as the dose does not say which it is of, and of fentanyl that is no patch."""
    codes = {(each.system, each.code) for each in entry.ingredients or entry.codings}
    factors = {_BY_CODE[code] for code in codes if code in _BY_CODE}
    several = len(entry.substances) > 1 or len(entry.ingredients) > 1
    factor = None if several or len(factors) != 1 else factors.pop()
    if factor and factor.unit == "ug/h" and route_groups(entry.dosages) and not is_worn(entry):
        return None
    return factor


def _sum(shares: Iterable[Share]) -> Number:
    parts = tuple(shares)
    known = sum(share.morphine for share in parts if share.morphine is not None)
    total = float(f"{known:.10g}")
    return Bounds(total, math.inf) if any(share.least or share.morphine is None for share in parts) else total


def _evidence(share: Share) -> Evidence:
    return Evidence(share.entry.reference, validity.name(share.entry), share.words)
