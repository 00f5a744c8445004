"""The shape of the files of a ruleset folder: which keys there are and what each may hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from marshmallow import Schema

from cds.errors import Problem
from cds.ruleset.document import Entries, spot_of
from cds.ruleset.schema.journeys import JourneyShape
from cds.ruleset.schema.lists import IngredientsShape, RelationsShape, ServicesShape, ValueSetShape
from cds.ruleset.schema.questionnaires import AnswersShape, QuestionnaireShape
from cds.ruleset.schema.rulesets import RulesetShape
from cds.ruleset.schema.sound import SoundShape
from cds.ruleset.schema.survivors import SurvivorsShape
from cds.ruleset.schema.tests import PinsShape, TestsShape

_RULESET, _SERVICES, _VALUESET, _INGREDIENTS, _RELATIONS, _TESTS, _JOURNEY = (
    RulesetShape(), ServicesShape(), ValueSetShape(), IngredientsShape(), RelationsShape(), TestsShape(), JourneyShape()
)  # fmt: skip
_QUESTIONNAIRE, _ANSWERS = QuestionnaireShape(), AnswersShape()
_SURVIVORS, _SOUND, _PINS = SurvivorsShape(), SoundShape(), PinsShape()


class Misshapen(NamedTuple):
    """A problem and the keys that lead to it: ``("rules", 3, "card", "indicator")``."""

    path: tuple[str | int, ...]
    problem: Problem


def of_ruleset(root: Entries) -> tuple[Misshapen, ...]:
    return misshapen(_RULESET, root)


def of_services(root: Entries) -> tuple[Misshapen, ...]:
    return misshapen(_SERVICES, root)


def of_valueset(root: Entries) -> tuple[Misshapen, ...]:
    return misshapen(_VALUESET, root)


def of_ingredients(root: Entries) -> tuple[Misshapen, ...]:
    return misshapen(_INGREDIENTS, root)


def of_questionnaire(root: Entries) -> tuple[Misshapen, ...]:
    return misshapen(_QUESTIONNAIRE, root)


def of_answers(root: Entries) -> tuple[Misshapen, ...]:
    return misshapen(_ANSWERS, root)


def of_relations(root: Entries) -> tuple[Misshapen, ...]:
    return misshapen(_RELATIONS, root)


def of_tests(root: Entries) -> tuple[Misshapen, ...]:
    return misshapen(_PINS if "pins" in root else _TESTS, root)


def of_sound(root: Entries) -> tuple[Misshapen, ...]:
    return misshapen(_SOUND, root)


def of_survivors(root: Entries) -> tuple[Misshapen, ...]:
    return misshapen(_SURVIVORS, root)


def of_journey(root: Entries) -> tuple[Misshapen, ...]:
    return misshapen(_JOURNEY, root)


def misshapen(shape: Schema, root: Entries) -> tuple[Misshapen, ...]:
    """Everything in a file that is not as its shape says, with its place."""
    found = _flat(shape.validate(root), ())
    return tuple(Misshapen(path, spot_of(root, path).problem(_words(path, text))) for path, text in found)


def _flat(messages: object, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The messages of marshmallow's nested answer, each with the keys that lead to it."""
    if isinstance(messages, Mapping):
        for step, inner in messages.items():
            yield from _flat(inner, path if step == "_schema" else (*path, step))
    elif isinstance(messages, list):
        for inner in messages:
            yield from _flat(inner, path)
    else:
        yield path, str(messages)


def _words(path: tuple[str | int, ...], text: str) -> str:
    names = [step for step in path if isinstance(step, str)]
    if path and isinstance(path[-1], int):
        return f'entry {path[-1] + 1} of "{names[-1]}" {text}'
    return f'"{names[-1]}" {text}' if names else f"the file {text}"
