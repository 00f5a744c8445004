"""Answers what to ask so that the type of headache can be told (headache.md HD-CLS-070)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cds.clinical import Bounds, Number, State
from cds.facts.headache import criteria
from cds.facts.headache.answers import evidence_of, patient_age
from cds.facts.headache.attack import UNKNOWN_GRADE, UNKNOWN_LENGTH, Attack, Aura, together
from cds.facts.headache.attacks import Attacks, attacks_of
from cds.facts.headache.truth import Truth
from cds.facts.question import Answer, Question

_NAMED_IN_SUMMARY = 3
_MIGRAINE_ATTACKS = 5  # ICHD-3 1.1 A
_WORDS = MappingProxyType(
    {
        "migraine B": "length of migraine",
        "migraine C": "pain of migraine",
        "migraine D": "symptoms of migraine",
        "tension C": "pain of tension-type headache",
        "tension D": "symptoms of tension-type headache",
        "chronic-tension D": "symptoms of chronic tension-type headache",
        "aura B": "aura at all",
        "aura C": "characteristics of aura",
        "type of aura": "whether the aura is hemiplegic",
        "attacks": "number of attacks",
    }
)


@dataclass(frozen=True, slots=True)
class Item:
    """Something to ask: ``decides`` names the criteria it is a part of."""

    name: str
    decides: tuple[str, ...]
    is_unknown: Callable[[Attack], bool]


_PAIN = ("migraine C", "tension C")
_SYMPTOMS = ("migraine D", "tension D", "chronic-tension D")


def _may_be_weakness(aura: Aura) -> bool:
    return bool(aura.sensory) and aura.motor is None


ITEMS = (
    Item("laterality", _PAIN, lambda one: one.unilateral is None),
    Item("quality", _PAIN, lambda one: one.pulsating is None),
    Item("severity", _PAIN, lambda one: one.severity == UNKNOWN_GRADE),
    Item("activity effect", _PAIN, lambda one: one.aggravated is None),
    Item("nausea", _SYMPTOMS, lambda one: one.nausea.low != one.nausea.high),
    Item("vomiting", _SYMPTOMS, lambda one: one.vomiting is None),
    Item("light sensitivity", _SYMPTOMS, lambda one: one.photophobia is None),
    Item("sound sensitivity", _SYMPTOMS, lambda one: one.phonophobia is None),
    Item("attack length", ("migraine B",), lambda one: one.hours == UNKNOWN_LENGTH),
    Item("whether a drug was taken", ("migraine B",), lambda one: one.hours.high < 4 and one.treated is None),
    Item("weakness or numbness", ("type of aura",), lambda one: _may_be_weakness(one.aura)),
    Item("whether the aura clears", ("aura B",), lambda one: one.aura.reversible is None),
    Item("spread of the aura", ("aura C",), lambda one: one.aura.gradual is None),
    Item("order of the aura", ("aura C",), lambda one: one.aura.succession is None),
    Item("length of the aura", ("aura C",), lambda one: one.aura.minutes == UNKNOWN_LENGTH),
    Item("side of the aura", ("aura C",), lambda one: one.aura.unilateral is None),
    Item("lights or tingling", ("aura C",), lambda one: one.aura.positive is None),
    Item("headache after the aura", ("aura C",), lambda one: one.aura.headache is None),
)


def attack_questions(question: Question) -> Answer | None:
    """None when nothing is open."""
    found = attacks_of(question, question.text("of"))
    if found is None:
        return None
    attack = found.usual or together([*found.documented, *found.undated] or [Attack()])
    undecided = {name for name, truth in _decisive(attack, found, patient_age(question)).items() if truth is None}
    worth = {item.name: undecided.intersection(item.decides) for item in ITEMS if item.is_unknown(attack)}
    if "attacks" in undecided:
        worth["attacks in life"] = {"attacks"}
    ranked = sorted((name for name in worth if worth[name]), key=lambda name: -len(worth[name]))
    if not ranked:
        return None
    asked = ranked[: int(question.number("most") or 0)]
    attributes: dict[str, Number | str] = {
        "open": float(len(ranked)),
        "asked": float(len(asked)),
        "first": ", ".join(asked[:_NAMED_IN_SUMMARY]),
        "items": "; ".join(f"{name} ({_resolved(worth[name])})" for name in asked),
    }
    return Answer(State.PRESENT, attributes, evidence_of(found.entries))


def _decisive(attack: Attack, found: Attacks, age: Bounds) -> Mapping[str, Truth]:
    """The criteria of what is open: where one of the others fails, an answer would change nothing."""
    names = ("migraine", "tension", "chronic-tension", *(["aura"] if attack.aura.is_told else []))
    judged = {name: criteria.judged(name, attack, age) for name in names}
    open_ones = {name: one for name, one in judged.items() if one.met is None or _may_be_probable(name, one)}
    truths = {f"{name} {letter}": truth for name, one in open_ones.items() for letter, truth in one.criteria.items()}
    uncounted = found.usual is not None and found.lifetime is None and len(found.merged) < _MIGRAINE_ATTACKS
    unclear = _may_be_weakness(attack.aura)
    return {**truths, "type of aura": None if unclear else True, "attacks": None if uncounted else True}


def _may_be_probable(name: str, one: criteria.Judged) -> bool:
    return name == "migraine" and one.nearly is None


def _resolved(names: Iterable[str]) -> str:
    return ", ".join(_WORDS[name] for name in _WORDS if name in set(names))
