"""Answers what the auras of a patient are like: the kind ``aura-symptoms`` (headache.md HD-CLS-022)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cds.clinical import Bounds, Number, Span, State
from cds.facts.dates import days_since
from cds.facts.headache.answers import evidence_of, number
from cds.facts.headache.attack import UNKNOWN_LENGTH, UNKNOWN_NUMBER, Aura
from cds.facts.headache.attacks import Dated, attacks_of
from cds.facts.headache.criteria import aura_symptom
from cds.facts.headache.truth import counted, every, some
from cds.facts.question import Answer, Question


def aura_symptoms(question: Question) -> Answer | None:
    found = attacks_of(question, question.text("of"))
    if found is None:
        return None
    usual = [found.usual] if found.usual else []
    auras = [one.aura for one in (*found.documented, *found.undated, *usual) if one.aura.is_told]
    if not auras:
        return None
    shown = evidence_of(found.entries)
    if not any(aura_symptom(one) for one in auras):
        return Answer(State.DENIED if all(_is_denied(one) for one in auras) else State.UNUSABLE, evidence=shown)
    told = [one for one in auras if aura_symptom(one)]
    dated = [one for one in found.merged if aura_symptom(one.attack.aura)]
    return Answer(State.PRESENT, _attributes(told, dated, question), shown, events=_events(dated))


def _is_denied(aura: Aura) -> bool:
    """No symptom is told, and one at least is denied."""
    asked = (aura.visual, aura.sensory, aura.speech, aura.motor, aura.retinal)
    return True not in asked and (False in asked or aura.brainstem == Bounds(0.0, 0.0))


def _attributes(told: Sequence[Aura], dated: Sequence[Dated], question: Question) -> dict[str, Number | str]:
    answers = {
        "visual": some(*(one.visual for one in told)),
        "cortical": some(*(some(one.visual, one.sensory, one.speech) for one in told)),
        "motor": some(*(one.motor for one in told)),
        "retinal": some(*(one.retinal for one in told)),
        "reversible": every(*(one.reversible for one in told)),
        "gradual": some(*(one.gradual for one in told)),
    }
    found: dict[str, Number | str] = {
        name: "yes" if truth else "no" for name, truth in answers.items() if truth is not None
    }
    found["attacks"] = number(counted(aura_symptom(one.attack.aura) for one in dated))
    if stems := [one.brainstem for one in told if one.brainstem != UNKNOWN_NUMBER]:
        found["brainstem"] = number(_worst(stems))
    if lengths := [one.minutes for one in told if one.minutes != UNKNOWN_LENGTH]:
        found["minutes"] = number(_worst(lengths))
    if dated:
        found["latest_days"] = days_since(_newest(dated), question.today)
    return found


def _worst(values: Iterable[Bounds]) -> Bounds:
    known = tuple(values)
    return Bounds(max(one.low for one in known), max(one.high for one in known))


def _newest(dated: Sequence[Dated]) -> Span:
    day = max(one.start for one in dated).date()
    return Span(day, day)


def _events(dated: Sequence[Dated]) -> dict[str, Span]:
    return {"latest": _newest(dated)} if dated else {}
