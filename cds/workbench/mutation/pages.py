"""Mutants as pages: the source of each ruleset line by line, and beside it which mistakes in it some test notices."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from cds.ruleset.model import Ruleset
from cds.workbench import source_pages
from cds.workbench.mutation.mutant import Kind
from cds.workbench.mutation.report import missing, share
from cds.workbench.mutation.survivors import End, Fate, Mutation
from cds.workbench.source_pages import Line, Mark

NOTICED = Mark("noticed", "✓", "good")
PARTLY = Mark("some survive", "◐", "doubt")
SURVIVE = Mark("all survive", "✗", "bad")
NO_CASE = Mark("needs no case", "–", "quiet")
MARKS = (NOTICED, PARTLY, SURVIVE, NO_CASE)

PARTS: Mapping[str, frozenset[Kind]] = {
    "Conditions and counts": frozenset(
        ("dropped", "negated", "combined", "unknown", "limit", "comparison", "window", "choice", "points")
    ),
    "Facts": frozenset(("look-back", "parameter", "codes")),
    "Cards": frozenset(("card",)),
}

_NOT_MISSING: Mapping[End, str] = {
    "killed": "noticed",
    "justified": "left for a reason",
    "equivalent": "change nothing, which is proven",
    "refused": "would not be loaded",
}
_MANY = 12  # survivors of a line that are told at once


@dataclass(frozen=True, slots=True)
class Tried:
    """A mistake, beside its line; where a table writes a rule out row by row, in all the rows that it ended alike in.

    ``by``: of each row the test that noticed it, or the reason why none has to.
    """

    kind: Kind
    what: str
    end: End
    owners: tuple[str, ...]
    by: tuple[str, ...]
    missing: str = ""

    @property
    def words(self) -> Markup:
        return source_pages.code(self.what)


def write(mutation: Mutation, rulesets: Mapping[str, Ruleset], folder: Path, place: Path) -> None:
    """An index, and a page for each of the rulesets, into ``place``. ``folder``: where the rulesets are."""
    counts = {name: ends(mutation, name) for name in rulesets}
    shared = {"share": lambda name="": share(mutation, name), "counts": counts, "parts": PARTS}
    source_pages.write(place, "mutation_index.html", rulesets=rulesets.values(), **shared)
    for ruleset in rulesets.values():
        fates = [fate for fate in mutation.fates if fate.mutant.ruleset == ruleset.id]
        told = {"marks": MARKS, "many": _MANY, "told": _told, "of": _of, **shared}
        source_pages.write_source(place, "mutation_ruleset.html", ruleset, lines_of(ruleset, fates, folder), **told)


def ends(mutation: Mutation, ruleset: str) -> Mapping[str, Counter[End]]:
    """Of a ruleset, by part."""
    found: dict[str, Counter[End]] = {part: Counter() for part in PARTS}
    for fate in mutation.fates:
        if fate.mutant.ruleset == ruleset:
            part = next(part for part, kinds in PARTS.items() if fate.mutant.kind in kinds)
            found[part][fate.end] += 1
    return found


def lines_of(ruleset: Ruleset, fates: Iterable[Fate], folder: Path) -> Iterator[Line[Tried]]:
    at: dict[int, list[Fate]] = defaultdict(list)
    for fate in fates:
        at[fate.mutant.place.line].append(fate)
    for number, text in source_pages.source_of(ruleset, folder):
        notes = tuple(_alike(at[number]))
        yield Line(number, text, mark(one.end for one in notes), notes, bool(_of(notes, "survived")))


def _alike(fates: Iterable[Fate]) -> Iterator[Tried]:
    together: dict[tuple[Kind, str, End, str], list[Fate]] = defaultdict(list)
    for fate in fates:
        asked = missing(fate) if fate.end == "survived" else ""
        together[fate.mutant.kind, fate.mutant.what, fate.end, asked].append(fate)
    for (kind, what, end, asked), of in together.items():
        owners = tuple(dict.fromkeys(fate.mutant.subject for fate in of))
        yield Tried(kind, what, end, owners, tuple(dict.fromkeys(fate.by for fate in of)), asked)


def _of(notes: Iterable[Tried], *wanted: End) -> list[Tried]:
    return [one for one in notes if one.end in wanted]


def _told(notes: Iterable[Tried]) -> str:
    """How many do not survive, and why."""
    return source_pages.counted({words: len(_of(notes, end)) for end, words in _NOT_MISSING.items()})


def mark(found: Iterable[End]) -> Mark | None:
    """Of a line, by the weakest of its mutants: what changes nothing, or has a reason, takes nothing from it."""
    all_ = set(found)
    if "survived" in all_:
        return PARTLY if "killed" in all_ else SURVIVE
    return NOTICED if "killed" in all_ else NO_CASE if all_ else None
