"""The criteria of ICHD-3 that one attack meets, in three values (headache.md HD-CLS-010, 020, 040 to 042)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from types import MappingProxyType
from typing import NamedTuple

from cds.clinical import Bounds
from cds.facts.headache.attack import Attack, Aura
from cds.facts.headache.truth import Truth, at_least, every, negated, reaches, some, stays, within

MILD, MODERATE = 1.0, 2.0


class Judged(NamedTuple):
    """``criteria``: each by its letter. ``nearly``: it meets all of them, or all but one."""

    criteria: Mapping[str, Truth]
    nearly: Truth

    @property
    def met(self) -> Truth:
        return every(*self.criteria.values())


def judged(name: str, attack: Attack, age: Bounds) -> Judged:
    """By one of ``CRITERIA``; ``age`` in years, when the attack was."""
    if name == "aura":
        return _aura(attack.aura)
    if name == "migraine or aura":
        with_aura = _aura(attack.aura).met if attack.aura.is_told else False
        either = some(every(*_migraine(attack, age).values()), with_aura)
        return Judged(MappingProxyType({"1.1 B to D or 1.2 B and C": either}), either)
    criteria = MappingProxyType(_OF_PAIN[name](attack, age))
    return Judged(criteria, at_least(len(criteria) - 1, criteria.values()))


def migrainous(attack: Attack) -> Truth:
    """What makes a day a migraine day (ICHD-3 1.3 C): pain and symptoms of 1.1, or aura, or relief by a triptan."""
    pain = every(migraine_pain(attack), migraine_symptoms(attack))
    return some(pain, _aura(attack.aura).met, attack.relieved)


# 1.1


def _migraine(attack: Attack, age: Bounds) -> dict[str, Truth]:
    return {"B": _migraine_length(attack, age), "C": migraine_pain(attack), "D": migraine_symptoms(attack)}


def _migraine_length(attack: Attack, age: Bounds) -> Truth:
    """4 to 72 hours; under 18 years from 2 hours."""
    match reaches(age, 18):
        case True:
            return _lasts(attack, 4, 72)
        case False:
            return _lasts(attack, 2, 72)
    either = (_lasts(attack, 4, 72), _lasts(attack, 2, 72))
    return either[0] if either[0] == either[1] else None


def migraine_pain(attack: Attack) -> Truth:
    severe = reaches(attack.severity, MODERATE)
    return at_least(2, (attack.unilateral, attack.pulsating, severe, attack.aggravated))


def migraine_symptoms(attack: Attack) -> Truth:
    return some(attack.sick, every(attack.photophobia, attack.phonophobia))


def _lasts(attack: Attack, least: float, most: float) -> Truth:
    """Untreated, or treated without success: one that ended early may have been cut short, unless it was untreated."""
    long_enough = reaches(attack.hours, least)
    if long_enough is False and attack.treated is not False:
        long_enough = None
    return every(long_enough, stays(attack.hours, most))


# 1.2


def _aura(aura: Aura) -> Judged:
    criteria = {"B": every(aura_symptom(aura), aura.reversible), "C": at_least(3, _characteristics(aura))}
    return Judged(MappingProxyType(criteria), criteria["B"])


def aura_symptom(aura: Aura) -> Truth:
    return some(aura.visual, aura.sensory, aura.speech, aura.motor, aura.retinal, reaches(aura.brainstem, 1))


def _characteristics(aura: Aura) -> tuple[Truth, ...]:
    return aura.gradual, aura.succession, _symptom_length(aura), aura.unilateral, aura.positive, aura.headache


def _symptom_length(aura: Aura) -> Truth:
    """5 to 60 minutes; weakness up to 72 hours."""
    usual = within(aura.minutes, 5, 60)
    if usual is False and aura.motor is not False:
        longer = within(aura.minutes, 5, 72 * 60)
        return longer if aura.motor else every(longer, None)
    return usual


# 2.1 and 2.2, 2.3


def _tension(attack: Attack, _age: Bounds) -> dict[str, Truth]:
    both = every(attack.photophobia, attack.phonophobia)
    return {
        "B": _lasts(attack, 0.5, 7 * 24),
        "C": tension_pain(attack),
        "D": every(negated(attack.sick), negated(both)),
    }


def _chronic_tension(attack: Attack, _age: Bounds) -> dict[str, Truth]:
    two = at_least(2, (attack.photophobia, attack.phonophobia, reaches(attack.nausea, MILD)))
    mild = stays(attack.nausea, MILD)
    return {
        "B": _lasts(attack, 1, inf),  # "hours to days, or unremitting"
        "C": tension_pain(attack),
        "D": every(negated(two), mild, negated(attack.vomiting)),
    }


def tension_pain(attack: Attack) -> Truth:
    mild = stays(attack.severity, MODERATE)
    return at_least(2, (negated(attack.unilateral), attack.pressing, mild, negated(attack.aggravated)))


_OF_PAIN: Mapping[str, Callable[[Attack, Bounds], dict[str, Truth]]] = MappingProxyType(
    {"migraine": _migraine, "tension": _tension, "chronic-tension": _chronic_tension}
)
