"""Plays journeys as an EHR would, step by step, and holds what was shown against what the journey says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from cds.errors import CdsError, InputError
from cds.hooks.answer import Answer
from cds.hooks.catalogue import Catalogue
from cds.ruleset.cases import Shown
from cds.settings import Settings
from cds.workbench import stories
from cds.workbench.answers import bare, differences, shown
from cds.workbench.desk import Desk
from cds.workbench.explain import rule_lines
from cds.workbench.journeys import Journey, Step
from cds.workbench.question import ask
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
    cards = {one.rules: (one, card) for one, card in shown(answered)}
    for rules, reply in step.replies.items():
        if rules in cards:
            desk.reply(step, cards[rules][1], reply, now)
    told = tuple(one for one, _ in cards.values())
    wrong = dict(_differences(step, told, answered))
    asked = ask(served, body, now, service_id=step.service, hook=None, rule_id=None)
    explanation = rule_lines(asked.prepared, asked.outcome, wrong.values())
    return Played(journey, step, told, tuple(wrong), tuple(explanation) if wrong else ())


def _patient(journey: Journey, now: datetime) -> Resource:
    made: Resource = stories.bundle(journey.patient, (), now)["entry"][0]["resource"]
    return made


def _differences(step: Step, told: Sequence[Shown], answered: Answer) -> Iterator[tuple[str, str]]:
    """Each with the rule to explain."""
    decision = answered.decision
    yield from differences(step.cards, told)
    quieted = {bare(rule) for card in decision.quieted for rule in card.rules}
    folded = {bare(rule) for rule in decision.folded}
    for what, due, found in (("kept back", step.quiet, quieted), ("no room for", step.folded, folded)):
        for rule in sorted(due ^ found):
            yield f"{what} {rule}: {'expected, but it is not' if rule in due else 'not expected'}", rule
