"""Pins for the rulesets of a folder: finds and writes them, and says which of those written are out of date."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cds.errors import RulesetError
from cds.ruleset.cases import Case, cases_of
from cds.ruleset.document import Entries, Unreadable, entries_of
from cds.workbench.coverage import Covered, coverage, shown
from cds.workbench.pins.file import NAME, text
from cds.workbench.pins.making import Pinned, Pinner
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


def write(folder: Path, under: Path | None) -> Iterator[Written]:
    """Ruleset by ruleset. Raises ``RulesetError`` or ``InputError`` when what is there cannot be read."""
    stage = Stage.of(folder)
    for place in _places(stage, folder, under):
        pinned = pins_of(stage, place)
        yield Written(place / NAME, pinned, _keep(place / NAME, pinned, stage))


def pins_of(stage: Stage, place: Path) -> Pinned:
    """Of the ruleset in this folder, whatever pins it may have already."""
    return Pinner.of(_covered(stage, place), stage.material(place.name, {})).pinned()


def out_of_date(folder: Path, under: Path | None) -> Iterator[str]:
    """What no longer is as it is written down."""
    stage = Stage.of(folder)
    for place in _places(stage, folder, under):
        yield from (f"{place / NAME}: {words}" for words in _changes(stage, place))


def _places(stage: Stage, folder: Path, under: Path | None) -> list[Path]:
    wanted = (under or folder).resolve()
    wanted = wanted if wanted.is_dir() else wanted.parent
    found = [folder.parent / Path(ruleset.place.file).parent for ruleset in stage.usual.rulesets.values()]
    return sorted(place for place in found if place.resolve().is_relative_to(wanted))


def _covered(stage: Stage, place: Path) -> Covered:
    (found,) = coverage(stage, [place.name], stage.scenes(_cases(stage, place / _BY_HAND)))
    return found


def _cases(stage: Stage, file: Path) -> tuple[Case, ...]:
    return cases_of(file, str(file), stage.usual) if file.exists() else ()


def _keep(file: Path, pinned: Pinned, stage: Stage) -> bool:
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    if not (pinned.pins or pinned.never or pinned.unfound):
        file.unlink(missing_ok=True)
        return bool(before)
    after = text(pinned, stage.material(pinned.ruleset.id, {}).program.facts)
    if after != before:
        file.write_text(after, encoding="utf-8")
    return after != before


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
