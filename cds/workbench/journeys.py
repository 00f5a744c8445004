"""Journeys: a patient over years, told step by step in a file, with exactly the cards that are shown at each step.

The record grows from step to step: its lines are those of a test's record, their moments relative to the step that
brings them, and a line with the ``id`` of an earlier one takes its place. Nothing is there before it was recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cds.errors import InputError, Problem, RulesetError
from cds.ruleset import schema
from cds.ruleset.cases import Shown
from cds.ruleset.document import Entries, Unreadable, entries_of
from cds.ruleset.model import Place
from cds.workbench.statements import Line

OVERRIDDEN = "overridden"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the user of a step does with a card, right then. ``reason``: the code of an override."""

    outcome: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One call. ``cards``, ``quiet`` (kept back from this user) and ``folded`` (no room) are exact."""

    at: datetime  # without a zone: in that of the deployment
    title: str
    service: str
    hook: str
    user: str
    record: tuple[Line, ...]
    drafts: tuple[Line, ...]
    background: tuple[Line, ...]
    cards: tuple[Shown, ...]
    replies: Mapping[tuple[str, ...], Reply]  # by the rules of the card
    quiet: frozenset[str]
    folded: frozenset[str]
    because: str
    place: Place


@dataclass(frozen=True, slots=True)
class Journey:
    name: str
    about: str
    patient: Mapping[str, Any]
    steps: tuple[Step, ...]


def journeys(path: Path) -> list[Journey]:
    """Of one file, or of all files of a folder. Raises ``InputError`` when there is none, ``RulesetError`` with every
    mistake of the first file that has any.
    """
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    if not files or not all(file.is_file() for file in files):
        raise InputError(f"{path}: no journeys here")
    return [journey(file) for file in files]


def journey(file: Path) -> Journey:
    """Raises ``RulesetError`` with every mistake."""
    try:
        root = entries_of(file, str(file))
    except Unreadable as error:
        raise RulesetError(error.problems) from error
    if wrong := [one.problem for one in schema.of_journey(root)] or list(_misplaced(root, file)):
        raise RulesetError(tuple(sorted(wrong)))
    steps = tuple(_step(each, root["service"]) for each in root["steps"])
    return Journey(root["journey"], root["about"], root["patient"], steps)


def _misplaced(root: Entries, file: Path) -> Iterator[Problem]:
    if root["journey"] != file.stem:
        yield root.at("journey").problem(f'must be the name of the file, "{file.stem}"')
    moments = [datetime.fromisoformat(str(step["at"])) for step in root["steps"]]
    for step, before, moment in zip(root["steps"][1:], moments, moments[1:], strict=False):
        if moment <= before:
            yield step.at("at").problem("a step comes after the step before it")


def _step(written: Entries, service: str) -> Step:
    cards = {tuple(card["rules"]): card for card in written["cards"]}
    return Step(
        at=datetime.fromisoformat(str(written["at"])),
        title=written["title"],
        service=written.get("service", service),
        hook=written["hook"],
        user=written.get("user", "gp"),
        record=tuple(written.get("record", ())),
        drafts=tuple(written.get("drafts", ())),
        background=tuple(written.get("background", ())),
        cards=tuple(Shown(rules, card["indicator"], card["summary"]) for rules, card in cards.items()),
        replies={
            rules: Reply(card["answer"], card.get("reason", "")) for rules, card in cards.items() if "answer" in card
        },
        quiet=frozenset(written.get("quiet", ())),
        folded=frozenset(written.get("folded", ())),
        because=written["because"],
        place=written.spot.place,
    )
