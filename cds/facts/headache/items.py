"""What the parts of an attack say: yes or no, a grade, a length (headache.md 3.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf

from cds.clinical import Bounds, Number, Quantity
from cds.facts.headache.attack import GRADES, UNKNOWN_GRADE, UNKNOWN_LENGTH, Attack, Aura
from cds.facts.headache.truth import Truth, agreed, reaches, some
from cds.facts.measures import in_unit
from cds.facts.stated import ACTIVE
from cds.facts.yes_no import coded, says
from cds.record import ConditionEntry, Entry, ObservationEntry
from cds.ruleset.systems import LOCAL_SYSTEMS

Parts = Mapping[str, tuple[Entry, ...]]
"""The entries that say something of one attack, by the parameter that asks for them."""

_BRAINSTEM = frozenset(
    {"dysarthria", "vertigo", "tinnitus", "hypacusis", "diplopia", "ataxia", "reduced-consciousness"}
)
_MILD_SCORE, _MODERATE_SCORE = 3.0, 6.0  # the greatest of each, of ten; headache.md HD-CLS-001, policy
_ANSWER = "QuestionnaireResponse"


def attack(parts: Parts, hours: Bounds | None = None) -> Attack:
    """An attack by its parts; ``hours`` where start and end are known."""
    sick = answer(parts, "sick")
    nausea = _grade(parts, "nausea", none=True)
    vomiting = answer(parts, "vomiting")
    if sick is False:
        nausea = Bounds(0.0, 0.0) if nausea == UNKNOWN_GRADE else nausea
        vomiting = False if vomiting is None else vomiting
    side, quality = _word(parts, "laterality"), _word(parts, "quality")
    throbbing = answer(parts, "throbbing")
    return Attack(
        hours=hours or length_in_hours(parts),
        treated=answer(parts, "treated"),
        relieved=answer(parts, "relieved"),
        unilateral=agreed([_one_of(side, "unilateral", "bilateral"), *_sides(parts)]),
        pulsating=agreed([None if quality is None else quality == "pulsating", throbbing]),
        pressing=agreed([None if quality is None else quality == "pressing", False if throbbing else None]),
        severity=_severity(parts),
        aggravated=answer(parts, "activity"),
        nausea=nausea,
        vomiting=vomiting,
        sick=True if sick else some(reaches(nausea, 1), vomiting),
        photophobia=answer(parts, "photophobia"),
        phonophobia=answer(parts, "phonophobia"),
        aura=_aura(parts),
    )


def _aura(parts: Parts) -> Aura:
    lights = answer(parts, "visual_symptom")
    visual, speech = answer(parts, "aura_visual"), answer(parts, "aura_speech")
    return Aura(
        visual=True if lights else visual,
        sensory=answer(parts, "aura_sensory"),
        speech=speech,
        motor=answer(parts, "aura_motor"),
        retinal=answer(parts, "aura_retinal"),
        brainstem=_brainstem(parts),
        reversible=answer(parts, "aura_reversible"),
        gradual=answer(parts, "aura_gradual"),
        succession=answer(parts, "aura_succession"),
        minutes=length(parts.get("aura_minutes", ())),
        unilateral=True if speech else answer(parts, "aura_unilateral"),  # ICHD-3: aphasia is always one-sided
        positive=True if lights else answer(parts, "aura_positive"),
        headache=answer(parts, "aura_headache"),
    )


def _brainstem(parts: Parts) -> Bounds:
    """The list is taken to be whole: a symptom that is not on it was not there."""
    entries = [one for one in parts.get("aura_brainstem", ()) if isinstance(one, ObservationEntry)]
    named = {name for one in entries for name in words(one) if name in _BRAINSTEM}
    if named:
        return Bounds(float(len(named)), float(len(named)))
    answers = {_says(one) for one in entries}
    if False in answers or any("none" in words(one) for one in entries):
        return Bounds(0.0, 0.0)
    return Bounds(1.0, inf) if True in answers else Aura().brainstem


def answer(parts: Parts, parameter: str) -> Truth:
    return agreed(_says(one) for one in parts.get(parameter, ()))


def _says(entry: Entry) -> Truth:
    match entry:
        case ObservationEntry():
            return says(entry)
        case ConditionEntry(refuted=True):
            return False
        case ConditionEntry(clinical_status=status) if status is None or status in ACTIVE:
            return True
    return None


def words(entry: ObservationEntry) -> tuple[str, ...]:
    """A text as it is, or the local codes of a coded answer."""
    if isinstance(entry.value, str):
        return (entry.value.strip().casefold(),)
    return tuple(coding.code for coding in coded(entry) if coding.system in LOCAL_SYSTEMS)


def _word(parts: Parts, parameter: str) -> str | None:
    """The one word that is said; None for none, or for several."""
    entries = [one for one in parts.get(parameter, ()) if isinstance(one, ObservationEntry)]
    said = {word for one in entries for word in words(one)}
    return said.pop() if len(said) == 1 else None


def _one_of(word: str | None, yes: str, no: str) -> Truth:
    return True if word == yes else False if word == no else None


def _sides(parts: Parts) -> Iterable[Truth]:
    """Only a yes counts: that it is not known to be one-sided does not make it both-sided."""
    yield True if answer(parts, "unilateral") else None
    yield False if answer(parts, "bilateral") else None


def _severity(parts: Parts) -> Bounds:
    grade = _grade(parts, "severity", none=False)
    return _grade(parts, "score", none=False) if grade == UNKNOWN_GRADE else grade


def _grade(parts: Parts, parameter: str, *, none: bool) -> Bounds:
    """By its word or a score of ten. Of nausea a bare yes has some degree; of pain "none" is no answer."""
    entries = [one for one in parts.get(parameter, ()) if isinstance(one, ObservationEntry)]
    grades = [found for one in entries if (found := _graded(one, none=none)) is not None]
    if not grades:
        return UNKNOWN_GRADE
    return Bounds(min(one.low for one in grades), max(one.high for one in grades))


def _graded(entry: ObservationEntry, *, none: bool) -> Bounds | None:
    if isinstance(entry.value, Quantity):
        score = in_unit(entry.value, "{score}", entry)
        return None if score is None else _of_score(_limits(score))
    for word in words(entry):
        if word in GRADES and (none or word != "none"):
            return Bounds(float(GRADES.index(word)), float(GRADES.index(word)))
    if not none or (told := says(entry)) is None:
        return None
    return Bounds(1.0, 3.0) if told else Bounds(0.0, 0.0)


def _of_score(score: Bounds) -> Bounds | None:
    """A pain of 0 is no attack's pain."""
    return Bounds(_place(score.low), _place(score.high)) if score.low > 0 and score.high <= 10 else None


def _place(score: float) -> float:
    return 1.0 if score <= _MILD_SCORE else 2.0 if score <= _MODERATE_SCORE else 3.0


def length_in_hours(parts: Parts) -> Bounds:
    minutes = length(parts.get("duration", ()))
    return Bounds(minutes.low / 60, minutes.high / 60)


def length(entries: Iterable[Entry]) -> Bounds:
    """Minutes, the code's own unit, where an answer has none."""
    lengths = [
        found for one in entries if isinstance(one, ObservationEntry) and (found := in_own_unit(one, "min")) is not None
    ]
    if not lengths:
        return UNKNOWN_LENGTH
    return Bounds(min(one.low for one in lengths), max(one.high for one in lengths))


def in_own_unit(entry: ObservationEntry, unit: str) -> Bounds | None:
    """The number of an answer; only the answer to a question may leave its unit out."""
    if not isinstance(entry.value, Quantity):
        return None
    own = unit if entry.value.unit is None and entry.type == _ANSWER else entry.value.unit
    found = in_unit(entry.value._replace(unit=own), unit, entry)
    return None if found is None else _limits(found)


def _limits(number: Number) -> Bounds:
    return number if isinstance(number, Bounds) else Bounds(number, number)
