"""Coverage as pages: the source of each ruleset line by line, and beside it what its cases show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from cds.workbench import source_pages
from cds.workbench.coverage import Covered, Standing
from cds.workbench.coverage_report import share, total
from cds.workbench.goals import Goal, What
from cds.workbench.source_pages import Line, Mark

COVERED = Mark("covered", "✓", "good")
PINNED = Mark("held by pins", "•", "held")
PARTLY = Mark("partly covered", "◐", "doubt")
UNCOVERED = Mark("not covered", "✗", "bad")
NO_CASE = Mark("needs no case", "–", "quiet")
MARKS = (COVERED, PINNED, PARTLY, UNCOVERED, NO_CASE)

KINDS: dict[What, str] = {
    "fires": "Rules that fire",
    "silences": "Conditions that silence their rule",
    "decides alone": "Alternatives that decide alone",
    "tips the count": "Counted conditions that tip the count",
    "limit": "Sides of limits",
    "is unknown": "Unknowns met",
}

_NOT_MISSING: dict[Standing, str] = {
    "met": "shown",
    "pinned": "shown by pins alone",
    "excused": "left for a reason",
    "never": "can never be",
}
_MANY = 12  # goals of a line that are told at once


@dataclass(frozen=True, slots=True)
class Shown:
    """A goal, beside its line."""

    goal: Goal
    standing: Standing
    owners: tuple[str, ...]
    cases: tuple[str, ...]
    reason: str = ""

    @property
    def words(self) -> Markup:
        return source_pages.code(str(self.goal))


def write(found: Sequence[Covered], rulesets: Path, folder: Path) -> None:
    """An index, and a page for each ruleset, into ``folder``."""
    shared = {"share": share, "total": total}
    source_pages.write(folder, "coverage_index.html", rulesets=found, kinds=KINDS, **shared)
    for covered in found:
        told = {"covered": covered, "marks": MARKS, "many": _MANY, "told": _told, "of": _of, **shared}
        lines = lines_of(covered, rulesets)
        source_pages.write_source(folder, "coverage_ruleset.html", covered.ruleset, lines, **told)


def lines_of(covered: Covered, rulesets: Path) -> Iterator[Line[Shown]]:
    """The source of a ruleset with its goals."""
    at: dict[int, list[Shown]] = defaultdict(list)
    for goal in covered.about:
        cases = tuple(case.name for case in covered.cases[goal])
        reason = covered.excused.get(goal, "")
        at[goal.line].append(Shown(goal, covered.standing(goal), covered.about[goal], cases, reason))
    for number, text in source_pages.source_of(covered.ruleset, rulesets):
        notes = tuple(at[number])
        yield Line(number, text, mark(one.standing for one in notes), notes, bool(_of(notes, "missing")))


def _of(notes: Iterable[Shown], *standings: Standing) -> list[Shown]:
    return [one for one in notes if one.standing in standings]


def _told(notes: Iterable[Shown]) -> str:
    """How many are not missing, and why."""
    return source_pages.counted({words: len(_of(notes, standing)) for standing, words in _NOT_MISSING.items()})


def mark(standings: Iterable[Standing]) -> Mark | None:
    """Of a line, by the weakest of its goals: what cannot be met, or has a reason, takes nothing from it."""
    found = set(standings)
    shown = found & {"met", "pinned"}
    if "missing" in found:
        return PARTLY if shown else UNCOVERED
    if "pinned" in found:
        return PINNED
    return COVERED if shown else NO_CASE if found else None
