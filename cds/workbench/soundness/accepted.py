"""Findings that are right as they are: reasons beside the rulesets, each good as long as there is what it is for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from cds.errors import Problem, RulesetError
from cds.ruleset import schema
from cds.ruleset.document import Entries, Spot, Unreadable, entries_of
from cds.ruleset.names import unknown
from cds.workbench.soundness.finding import Finding, Sort

NAME = "sound.yaml"


@dataclass(frozen=True, slots=True)
class Judged:
    """``stale``: reasons for what is not found any more, or never was."""

    open: tuple[Finding, ...]
    accepted: tuple[Finding, ...]
    stale: tuple[Problem, ...]


def judged(folder: Path, findings: Iterable[Finding], *, unproven: Collection[Sort] = ()) -> Judged:
    """What is found and what was said of it. Of the ``unproven`` sorts nothing was looked for, nor is stale.

    Raises ``RulesetError`` with every problem of the files.
    """
    reasons, found = _reasons(folder), list(findings)
    there = {one.key for one in found}
    return Judged(
        open=tuple(one for one in found if one.key not in reasons),
        accepted=tuple(one for one in found if one.key in reasons),
        stale=tuple(
            spot.problem(f'there is no "{sort}" any more of {name}: take the reason out')
            for (ruleset, sort, name), spot in reasons.items()
            if (ruleset, sort, name) not in there and sort not in unproven
        ),
    )


def _reasons(folder: Path) -> Mapping[tuple[str, str, str], Spot]:
    found: dict[tuple[str, str, str], Spot] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob(f"*/*/{NAME}")):
        try:
            root = entries_of(path, f"{folder.name}/{path.relative_to(folder).as_posix()}")
        except Unreadable as error:
            problems.extend(error.problems)
            continue
        wrong = [one.problem for one in schema.of_sound(root)] or list(_misplaced(root, path))
        problems.extend(wrong)
        if not wrong:
            found |= {(root["ruleset"], sort, name): spot for sort, name, spot in _entries(root)}
    if problems:
        raise RulesetError(tuple(sorted(problems)))
    return found


def _misplaced(root: Entries, path: Path) -> Iterator[Problem]:
    if root["ruleset"] != path.parent.name:
        yield root.at("ruleset").problem(f'must be "{path.parent.name}", the name of the ruleset next to it')
    for one in root["sound"]:
        if one["sort"] not in get_args(Sort):
            yield one.at("sort").problem(unknown("sort of finding", one["sort"], get_args(Sort)))


def _entries(root: Entries) -> Iterator[tuple[str, str, Spot]]:
    for one in root["sound"]:
        for name, spot in one["findings"].placed():
            yield one["sort"], name, spot
