"""What people have said of tests that are missing: why this goal needs no case, or that mutant no killer.

They stand in survivors.yaml beside a ruleset. Whoever reads them refuses what no longer needs a reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cds.errors import Problem, RulesetError
from cds.ruleset import schema
from cds.ruleset.document import Entries, Spot, Unreadable, entries_of
from cds.ruleset.model import Ruleset

NAME = "survivors.yaml"


@dataclass(frozen=True, slots=True)
class Reason:
    """``about``: the words of a goal, with the rule or count it is of; or the name of a mutant."""

    about: str
    reason: str
    spot: Spot
    rule: str = ""

    def problem(self, message: str) -> Problem:
        return self.spot.problem(message)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The reasons of one ruleset."""

    uncovered: tuple[Reason, ...] = ()
    mutants: tuple[Reason, ...] = ()


def reviewed(folder: Path, ruleset: Ruleset) -> Reviewed:
    """Of the file beside a ruleset of the folder; nothing where there is none. Raises ``RulesetError``."""
    file = Path(ruleset.place.file).with_name(NAME)
    path = folder.parent / file
    if not path.exists():
        return Reviewed()
    try:
        root = entries_of(path, str(file))
    except Unreadable as error:
        raise RulesetError(error.problems) from error
    problems = [one.problem for one in schema.of_survivors(root)]
    if not problems and root["ruleset"] != ruleset.id:
        problems = [root.at("ruleset").problem(f'must be "{ruleset.id}", the name of the ruleset next to it')]
    if problems:
        raise RulesetError(tuple(sorted(problems)))
    return Reviewed(
        tuple(Reason(one["goal"], one["reason"], one.spot, one["rule"]) for one in _entries(root, "uncovered")),
        tuple(Reason(one["mutant"], one["reason"], one.spot) for one in _entries(root, "mutants")),
    )


def _entries(root: Entries, key: str) -> Iterator[Entries]:
    yield from root.get(key, ())
