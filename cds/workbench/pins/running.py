"""Pins for the rulesets of a folder: finds and writes them, and says which of those written are out of date."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

from cds.errors import InputError, RulesetError
from cds.ruleset.cases import Case, cases_of
from cds.ruleset.document import Entries, Unreadable, entries_of
from cds.ruleset.model import Knowledge
from cds.workbench.coverage import Covered, coverage, shown
from cds.workbench.mutation.solver import proofs_of
from cds.workbench.mutation.survivors import of_conditions, survivors
from cds.workbench.pins.file import NAME, OF_MUTANTS, of_gaps, of_mutants
from cds.workbench.pins.following import USUAL_HOOK
from cds.workbench.pins.making import Pinned, Pinner
from cds.workbench.pins.telling import Beside, Teller, Told, name_of, told
from cds.workbench.traces import Stage

_BY_HAND = "tests.yaml"


@dataclass(frozen=True, slots=True)
class Written:
    """One ruleset and its pins; ``changed``: its file is other than it was."""

    file: Path
    pinned: Pinned
    changed: bool

    def __str__(self) -> str:
        found = self.pinned
        closed = sum(len(pin.closes) for pin in found.pins)
        told = f"{len(found.pins)} pins close {closed} gaps, {len(found.never)} cannot be closed"
        left = f", for {len(found.unfound)} nothing was found" if found.unfound else ""
        return f"{found.ruleset.id}: {told}{left}{'' if self.changed else ' (as before)'}"


@dataclass(frozen=True, slots=True)
class WrittenOfMutants:
    told: Told
    changed: bool

    def __str__(self) -> str:
        apart = sum(len(pin.tells) for pin in self.told.pins)
        words = (
            f"{len(self.told.pins)} pins tell {apart} mutants from the rules, {len(self.told.untold)} are told by none"
        )
        return f"{self.told.ruleset.id}: {words}{'' if self.changed else ' (as before)'}"


def write(folder: Path, under: Path | None) -> Iterator[Written]:
    """Ruleset by ruleset. Raises ``RulesetError`` or ``InputError`` when what is there cannot be read."""
    stage = Stage.of(folder)
    for place in places(stage.usual, folder, under):
        pinned = pins_of(stage, place)
        text = of_gaps(pinned, stage.material(place.name, {}).program.facts)
        yield Written(place / NAME, pinned, keep(place / NAME, text))


def write_of_mutants(folder: Path, under: Path | None) -> Iterator[WrittenOfMutants]:
    """For the mutants that no case notices. Pins that are there stay as long as they tell what they are named after.

    Raises as ``write`` does.
    """
    stage = Stage.of(folder)
    proofs = proofs_of(stage.usual)
    for place in places(stage.usual, folder, under):
        ruleset, program = stage.usual.rulesets[place.name], stage.material(place.name, {}).program
        kept = list(_kept(stage, place))
        cases = (*_cases(stage, place / _BY_HAND), *_cases(stage, place / NAME), *(case for _, case in kept))
        left = survivors(stage, place.name, cases, proofs)
        found = told(ruleset, program, left, proofs.patients if proofs else lambda *_: ())
        pins = sorted([*(pin for pin, _ in kept), *found.pins], key=lambda pin: (pin.tells[0].place.line, pin.name))
        all_ = replace(found, pins=tuple(pins))
        yield WrittenOfMutants(all_, keep(place / OF_MUTANTS, of_mutants(all_, program.facts)))


def _kept(stage: Stage, place: Path) -> Iterator[tuple[Teller, Case]]:
    """The pins that were written before, with what follows from their facts by now."""
    ruleset, program = stage.usual.rulesets[place.name], stage.material(place.name, {}).program
    named = {name_of(mutant): mutant for mutant in of_conditions(stage.usual, place.name)}
    for case in _cases(stage, place / OF_MUTANTS):
        if case.name in named and case.facts is not None:
            beside = Beside(ruleset, program, named[case.name], case.hook or USUAL_HOOK)
            if beside.tells(case.facts):
                now = beside.follows(case.facts)
                lists = {one.name: getattr(now, one.name) for one in fields(now)}
                yield Teller(case.name, case.facts, now, (named[case.name],), beside.hook), replace(case, **lists)


def pins_of(stage: Stage, place: Path) -> Pinned:
    """Of the ruleset in this folder, whatever pins it may have already."""
    return Pinner.of(_covered(stage, place), stage.material(place.name, {})).pinned()


def out_of_date(folder: Path, under: Path | None) -> Iterator[str]:
    """What no longer is as it is written down."""
    stage = Stage.of(folder)
    for place in places(stage.usual, folder, under):
        yield from (f"{place / NAME}: {words}" for words in _changes(stage, place))


def places(knowledge: Knowledge, folder: Path, under: Path | None) -> list[Path]:
    wanted = (under or folder).resolve()
    wanted = wanted if wanted.is_dir() else wanted.parent
    all_ = [folder.parent / Path(ruleset.place.file).parent for ruleset in knowledge.rulesets.values()]
    found = sorted(place for place in all_ if place.resolve().is_relative_to(wanted))
    if not found:
        raise InputError(f"{under or folder}: no ruleset of {folder} here")
    return found


def _covered(stage: Stage, place: Path) -> Covered:
    (found,) = coverage(stage, [place.name], stage.scenes(_cases(stage, place / _BY_HAND)))
    return found


def _cases(stage: Stage, file: Path) -> tuple[Case, ...]:
    return cases_of(file, str(file), stage.usual) if file.exists() else ()


def keep(file: Path, text: str) -> bool:
    """Whether the file is other than it was. One that has nothing to say goes."""
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    if text:
        file.write_text(text, encoding="utf-8")
    else:
        file.unlink(missing_ok=True)
    return text != before


# What is written down already


def _changes(stage: Stage, place: Path) -> Iterator[str]:
    covered = _covered(stage, place)
    left = {goal: f"{covered.about[goal][0]}: {goal}" for goal in covered.missing}
    told = _entries(place / NAME)
    for case in _cases(stage, place / NAME):
        met = shown(stage.scene(case)) & left.keys()
        if not met:
            yield f'"{case.name}" closes no gap any more'
        left = {goal: words for goal, words in left.items() if goal not in met}
    gaps = set(left.values())
    for key in ("cannot_be", "not_found"):
        listed = {f"{one['rule']}: {one['goal']}" for one in told.get(key, ())}
        yield from (f"{words}: listed under {key}, and no gap any more" for words in sorted(listed - gaps))
        gaps -= listed
    yield from (f"{words}: a gap that no pin closes" for words in sorted(gaps))


def _entries(file: Path) -> Entries | dict[str, Iterable[Entries]]:
    if not file.exists():
        return {}
    try:
        return entries_of(file, str(file))
    except Unreadable as error:
        raise RulesetError(error.problems) from error
