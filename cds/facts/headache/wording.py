"""What an attack is like and what it lacks, in words for a card."""

from __future__ import annotations

from math import inf

from cds.clinical import Bounds, Quantity
from cds.facts.headache import items
from cds.facts.headache.attack import GRADES, UNKNOWN_GRADE, UNKNOWN_LENGTH, Attack, Aura
from cds.facts.headache.criteria import Judged
from cds.facts.headache.truth import Truth
from cds.facts.measures import spelled
from cds.record import ObservationEntry

_LACKING = {
    ("migraine", "B"): "the length of 4 to 72 hours (B)",
    ("migraine", "C"): "the second of four features of the pain (C)",
    ("migraine", "D"): "nausea, vomiting, or light and sound together (D)",
    ("aura", "B"): "a symptom that clears completely (B)",
    ("aura", "C"): "the third of six characteristics (C)",
    ("tension", "B"): "the length of 30 minutes to 7 days (B)",
    ("tension", "C"): "the second of four features of the pain (C)",
    ("tension", "D"): "freedom from nausea, and from light or sound (D)",
}
_NUMBER = "the number of such attacks (A)"


def lacking(criteria: str, one: Judged) -> str:
    """The criteria that are not met; of an attack that meets all, that there are too few."""
    letters = [letter for letter, truth in one.criteria.items() if truth is False]
    return ", ".join(_LACKING.get((criteria, letter), letter) for letter in letters) or _NUMBER


def described(attack: Attack, *, aura: bool) -> str:
    """What is known of it to be so, or not to be so."""
    words = _aura_words(attack.aura) if aura else _pain_words(attack)
    return ", ".join(word for word in words if word) or "nothing"


def _pain_words(attack: Attack) -> tuple[str, ...]:
    return (
        _length(attack.hours, "hours"),
        _either(attack.unilateral, "one-sided", "both sides"),
        _either(attack.pulsating, "pulsating", "pressing" if attack.pressing else "not pulsating"),
        _graded(attack.severity, "pain"),
        _either(attack.aggravated, "worse with activity", "not worse with activity"),
        _graded(attack.nausea, "nausea") or _either(attack.sick, "nausea or vomiting", "no nausea or vomiting"),
        _either(attack.vomiting, "vomiting", "no vomiting"),
        _either(attack.photophobia, "light hurts", "light does not hurt"),
        _either(attack.phonophobia, "sound hurts", "sound does not hurt"),
    )


def _aura_words(aura: Aura) -> tuple[str, ...]:
    return (
        _either(aura.visual, "visual", ""),
        _either(aura.sensory, "sensory", ""),
        _either(aura.speech, "speech", ""),
        _either(aura.motor, "weakness", ""),
        _either(aura.retinal, "one eye", ""),
        "brainstem symptoms" if aura.brainstem.low >= 1 else "",
        _either(aura.reversible, "clears completely", "does not clear completely"),
        _either(aura.gradual, "spreads gradually", "does not spread gradually"),
        _either(aura.succession, "symptoms one after another", "no symptoms one after another"),
        _length(aura.minutes, "minutes"),
        _either(aura.unilateral, "on one side", "not on one side"),
        _either(aura.positive, "lights or tingling", "no lights or tingling"),
        _either(aura.headache, "headache within an hour", "no headache within an hour"),
    )


def _either(truth: Truth, yes: str, no: str) -> str:
    return "" if truth is None else yes if truth else no


def _graded(grade: Bounds, what: str) -> str:
    known = grade != UNKNOWN_GRADE and grade.low == grade.high
    return "" if not known else f"{GRADES[int(grade.low)].replace('none', 'no')} {what}"


def _length(length: Bounds, unit: str) -> str:
    if length == UNKNOWN_LENGTH:
        return ""
    if length.high == inf:
        return f"{length.low:.3g} {unit} or more"
    return f"{length.low:.3g} {unit}" if length.low == length.high else f"{length.low:.3g} to {length.high:.3g} {unit}"


def value_words(entry: ObservationEntry | None) -> str:
    """The answer as it was given; of an attack, which is told in parts, nothing."""
    match entry.value if entry else None:
        case bool(truth):
            return "yes" if truth else "no"
        case Quantity() as quantity:
            return spelled(quantity)
    return ", ".join(items.words(entry)) if entry else ""
