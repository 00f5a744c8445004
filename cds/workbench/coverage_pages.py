"""Coverage as pages: the source of each ruleset line by line, and beside it what its cases show.

Plain files that need no server and no script.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from markupsafe import Markup, escape

from cds.workbench.coverage import Covered, Standing
from cds.workbench.coverage_report import share, total
from cds.workbench.goals import Goal, What
from cds.workbench.pages import page

Mark: TypeAlias = Literal["covered", "held by pins", "partly covered", "not covered", "needs no case", ""]

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
        return code(str(self.goal))


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    text: str
    mark: Mark
    goals: tuple[Shown, ...]

    def of(self, *standings: Standing) -> list[Shown]:
        return [one for one in self.goals if one.standing in standings]

    @property
    def gap(self) -> bool:
        return bool(self.of("missing"))

    @property
    def told(self) -> str:
        """How many are not missing, and why."""
        numbers = ((len(self.of(standing)), words) for standing, words in _NOT_MISSING.items())
        return ", ".join(f"{number} {words}" for number, words in numbers if number)


def write(found: Sequence[Covered], rulesets: Path, folder: Path) -> None:
    """An index, and a page for each ruleset, into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    shared = {"share": share, "total": total}
    index = page("coverage_index.html", rulesets=found, kinds=KINDS, **shared)
    (folder / "index.html").write_text(index, encoding="utf-8")
    for covered in found:
        source = rulesets.parent / covered.ruleset.place.file
        told = list(lines(covered, source.read_text(encoding="utf-8")))
        text = page("coverage_ruleset.html", covered=covered, lines=told, many=_MANY, **shared)
        (folder / f"{covered.ruleset.id}.html").write_text(text, encoding="utf-8")


def lines(covered: Covered, source: str) -> Iterator[Line]:
    """The source of a ruleset with its goals."""
    at: dict[int, list[Shown]] = defaultdict(list)
    for goal in covered.about:
        cases = tuple(case.name for case in covered.cases[goal])
        reason = covered.excused.get(goal, "")
        at[goal.line].append(Shown(goal, covered.standing(goal), covered.about[goal], cases, reason))
    for number, text in enumerate(source.splitlines(), start=1):
        yield Line(number, text, mark(one.standing for one in at[number]), tuple(at[number]))


def code(text: str) -> Markup:
    """What stands between two backticks as code."""
    parts = text.split("`")
    shown = (
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part) for number, part in enumerate(parts)
    )
    return Markup("").join(shown)


def mark(standings: Iterable[Standing]) -> Mark:
    """Of a line, by the weakest of its goals: what cannot be met, or has a reason, takes nothing from it."""
    found = set(standings)
    shown = found & {"met", "pinned"}
    if "missing" in found:
        return "partly covered" if shown else "not covered"
    if "pinned" in found:
        return "held by pins"
    return "covered" if shown else "needs no case" if found else ""
