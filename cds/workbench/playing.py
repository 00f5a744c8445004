"""Plays journeys as an EHR would, step by step, and holds what was shown against what the journey says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from cds.errors import CdsError, InputError
from cds.hooks.answer import Answer
from cds.hooks.catalogue import Catalogue
from cds.settings import Settings
from cds.workbench import stories
from cds.workbench.desk import Desk
from cds.workbench.explain import ask, rule_lines
from cds.workbench.journeys import Journey, Shown, Step
from cds.workbench.statements import Resource


@dataclass(frozen=True, slots=True)
class Played:
    """What came of one step; ``differences`` empty: as it should. ``explanation`` says why it did not."""

    journey: Journey
    step: Step
    cards: tuple[Shown, ...]
    differences: tuple[str, ...]
    explanation: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.differences

    def lines(self) -> Iterator[str]:
        step, mark = self.step, "ok  " if self.passed else "FAIL"
        yield f"{mark} {self.journey.name} {step.at:%Y-%m-%d} {step.hook}: {step.title}"
        yield from (f"     shown: {card}" for card in self.cards)
        if not self.passed:
            yield f"     {step.place.file}:{step.place.line}"
        yield from (f"     {line}" for line in (*self.differences, *self.explanation))

    def as_json(self) -> dict[str, object]:
        return {
            "journey": self.journey.name,
            "at": self.step.at.isoformat(),
            "title": self.step.title,
            "hook": self.step.hook,
            "place": f"{self.step.place.file}:{self.step.place.line}",
            "passed": self.passed,
            "cards": [[card.indicator, *card.rules, card.summary] for card in self.cards],
            "differences": list(self.differences),
            "explanation": list(self.explanation),
        }


def play(journey: Journey, served: Catalogue, settings: Settings) -> Iterator[Played]:
    """Step by step: answers to cards are given on the way. Raises ``InputError`` when the journey itself is wrong."""
    with TemporaryDirectory(prefix="journey-") as folder:
        desk = Desk(served, replace(settings, state=Path(folder), database_url=""))
        try:
            for step in journey.steps:
                try:
                    yield _played(journey, step, desk, served, settings)
                except (CdsError, ValueError) as error:
                    raise InputError(f"{step.place.file}:{step.place.line}: {error}") from error
        finally:
            desk.close()


def report(played: Iterable[Played], *, whole: bool) -> Iterator[str]:
    """The steps that failed, or with ``whole`` all of them; then how many passed."""
    passed = failed = 0
    for one in played:
        passed, failed = passed + one.passed, failed + (not one.passed)
        if whole or not one.passed:
            yield from one.lines()
    yield f"{passed} steps passed, {failed} failed"


def _played(journey: Journey, step: Step, desk: Desk, served: Catalogue, settings: Settings) -> Played:
    now = step.at.replace(tzinfo=ZoneInfo(settings.time_zone))
    desk.write_down(step, now)
    body = desk.request(step, _patient(journey, now), now)
    answered = desk.answer(step, body, now)
    cards = {shown.rules: (shown, card) for shown, card in _shown(answered)}
    for rules, reply in step.replies.items():
        if rules in cards:
            desk.reply(step, cards[rules][1], reply, now)
    shown = tuple(one for one, _ in cards.values())
    differences = dict(_differences(step, shown, answered))
    asked = ask(served, body, now, service_id=step.service, hook=None, rule_id=None)
    explanation = rule_lines(asked.prepared, asked.outcome, differences.values())
    return Played(journey, step, shown, tuple(differences), tuple(explanation) if differences else ())


def _patient(journey: Journey, now: datetime) -> Resource:
    made: Resource = stories.bundle(journey.patient, (), now)["entry"][0]["resource"]
    return made


def _shown(answered: Answer) -> Iterator[tuple[Shown, Resource]]:
    """Each card with its rules as they are recorded, without versions; a card about missing data has none."""
    for card, issued in zip(answered.response["cards"], answered.decision.cards, strict=True):
        rules = tuple(map(_bare, issued.rules))
        yield Shown(rules, card["indicator"], card["summary"]), card


def _bare(reference: str) -> str:
    return reference.partition("@")[0]


def _differences(step: Step, shown: tuple[Shown, ...], answered: Answer) -> Iterator[tuple[str, str]]:
    """Each with the rule to explain."""
    decision = answered.decision
    expected, got = list(step.cards), list(shown)
    for card in (one for one in expected if one not in got):
        yield f"expected: {card}", card.rules[0]
    for card in (one for one in got if one not in expected):
        yield f"got:      {card}", card.rules[0] if card.rules else ""
    if sorted(map(str, expected)) == sorted(map(str, got)) and expected != got:
        yield f"in another order: {json.dumps([card.rules[0] for card in got])}", ""
    quieted = {_bare(rule) for card in decision.quieted for rule in card.rules}
    folded = {_bare(rule) for rule in decision.folded}
    for what, due, found in (("kept back", step.quiet, quieted), ("no room for", step.folded, folded)):
        for rule in sorted(due ^ found):
            yield f"{what} {rule}: {'expected, but it is not' if rule in due else 'not expected'}", rule
