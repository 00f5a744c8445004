"""Pins of facts for the rulesets of a folder: finds and writes them, and says which files are out of date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cds.ruleset.load import load
from cds.ruleset.model import Knowledge
from cds.workbench.pins.fact_file import NAME, of_facts
from cds.workbench.pins.of_facts import FactsPinned, asked_attributes, pinned_facts
from cds.workbench.pins.running import keep, places


@dataclass(frozen=True, slots=True)
class Written:
    found: FactsPinned
    changed: bool

    def __str__(self) -> str:
        pins = self.found.pins
        told = sum(len(pin.tells) for pin in pins)
        words = f"{len(pins)} pins tell {told} mutants from the facts, {len(self.found.untold)} are told by none"
        return f"{self.found.ruleset.id}: {words}{'' if self.changed else ' (as before)'}"


def write(folder: Path, under: Path | None) -> Iterator[Written]:
    """For the mutants of the facts, whatever other cases notice. Raises ``RulesetError``."""
    for place, found in _found(folder, under):
        yield Written(found, keep(place / NAME, of_facts(found)))


def out_of_date(folder: Path, under: Path | None) -> Iterator[str]:
    """The files that would be written otherwise."""
    for place, found in _found(folder, under):
        file = place / NAME
        if of_facts(found) != (file.read_text(encoding="utf-8") if file.exists() else ""):
            yield f"{file}: cds pin --facts would write it otherwise"


def _found(folder: Path, under: Path | None) -> Iterator[tuple[Path, FactsPinned]]:
    knowledge: Knowledge = load(folder)
    asked = asked_attributes(knowledge)
    for place in places(knowledge, folder, under):
        yield place, pinned_facts(knowledge.rulesets[place.name], knowledge, folder, asked)
