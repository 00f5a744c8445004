"""Answers the kinds ``acute-medicines`` and ``use-days``, from one gathering however many facts ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from cds.clinical import Evidence, State
from cds.facts.findings import unusable_answer
from cds.facts.medicines import validity
from cds.facts.medicines.classes import policy
from cds.facts.medicines.gathering import AcuteUse, acute_use
from cds.facts.medicines.use_days import Counted, counted_class, counted_together, members, use_answer
from cds.facts.question import Answer, Question


@dataclass(frozen=True, slots=True)
class _Known:
    use: AcuteUse
    classes: Mapping[str, Counted]


def acute_medicines(question: Question) -> Answer | None:
    use = _known(question, question.spec.name).use
    unmapped = dict(_perhaps_acute(question))
    if not use.sources and not unmapped:
        return None
    medicines = [each.entry for each in use.medicines]
    known = (Evidence(each.reference, validity.name(each)) for each in medicines)
    unknown = (Evidence(reference, words, "no known code") for reference, words in unmapped.items())
    return Answer(
        State.PRESENT,
        {
            "classes": ", ".join(name for name, sources in use.sources.items() if sources.is_accessible),
            "drugs": ", ".join(sorted({validity.name(each) for each in medicines})),
            "reported": "yes" if any(sources.tells_use for sources in use.sources.values()) else "no",
            "unmapped": float(len(unmapped)),
        },
        (*unknown, *known),
    )


def _perhaps_acute(question: Question) -> Iterator[tuple[str, str]]:
    """Medicines that no code explains, but for those whose words name a drug of another kind."""
    own = f"{question.spec.name}."
    for reference, words in question.record.unmapped_medications.items():
        named = question.record.drugs_named.get(reference)
        if not named or any(choice.startswith(own) for choice in named):
            yield reference, words


def use_days(question: Question) -> Answer | None:
    """Families in which the same classes are known have the same answer."""
    fact = question.text("of")
    known = _known(question, fact)
    family = members(question.text("class"), known.use.policy)
    names = tuple([name for name in family if name in known.classes])
    if not names:
        unusable = [total for name in family for total in known.use.unusable.get(name, ())]
        return unusable_answer(question, unusable) if unusable else None
    return question.once(("days of use", fact, names), _of_classes, known, names, question.now)


def _of_classes(known: _Known, names: tuple[str, ...], now: datetime) -> Answer:
    return use_answer(counted_together(known.use, names, known.classes), known.use, now)


def _known(question: Question, fact: str) -> _Known:
    return question.once(("acute use", fact), _gathered, question, fact)


def _gathered(question: Question, fact: str) -> _Known:
    use = acute_use(question.record, policy(question.facts[fact].spec), question.now)
    counted = {name: counted_class(use, name) for name in use.sources}
    return _Known(use, {name: each for name, each in counted.items() if each})
