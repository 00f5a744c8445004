"""What the cases show of the rulesets, for a terminal and for machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from cds.workbench.coverage import Covered, Standing
from cds.workbench.goals import Goal


def share(counts: Counter[Standing]) -> float:
    """In percent, of what can be met and nobody gave a reason for; 100 where there is nothing to meet."""
    wanted = counts["met"] + counts["pinned"] + counts["missing"]
    return 100.0 * (counts["met"] + counts["pinned"]) / wanted if wanted else 100.0


def total(of_rulesets: Iterable[Covered]) -> Counter[Standing]:
    return sum((counts for covered in of_rulesets for counts in covered.shares.values()), Counter())


def lines(of_rulesets: Sequence[Covered]) -> Iterator[str]:
    """What is missing, each with its place; then the shares."""
    for covered in of_rulesets:
        yield from missing(covered)
    for covered in of_rulesets:
        yield f"{covered.ruleset.id}: {_told(total([covered]))}"
    if len(of_rulesets) > 1:
        yield f"all {len(of_rulesets)} rulesets: {_told(total(of_rulesets))}"


def missing(covered: Covered) -> Iterator[str]:
    for goal in covered.missing:
        yield f"{goal.place.file}:{goal.line}: {_owners(covered, goal)}: missing: {goal}"


def as_json(of_rulesets: Sequence[Covered]) -> object:
    return {
        "share": round(share(total(of_rulesets)), 2),
        **_counted(total(of_rulesets)),
        "rulesets": [_of_ruleset(covered) for covered in of_rulesets],
    }


def _of_ruleset(covered: Covered) -> dict[str, object]:
    counts = total([covered])
    return {
        "ruleset": covered.ruleset.id,
        "version": covered.ruleset.version,
        "share": round(share(counts), 2),
        **_counted(counts),
        "kinds": {what: _counted(of_kind) for what, of_kind in covered.shares.items()},
        "uncovered": [_of_goal(covered, goal) for goal in covered.about if not covered.cases[goal]],
    }


def _of_goal(covered: Covered, goal: Goal) -> dict[str, object]:
    told: dict[str, object] = {
        "place": f"{goal.place.file}:{goal.line}",
        "rules": list(covered.about[goal]),
        "goal": str(goal),
        "standing": covered.standing(goal),
    }
    return told | ({"reason": covered.excused[goal]} if goal in covered.excused else {})


def _counted(counts: Counter[Standing]) -> dict[str, int]:
    return {standing: counts[standing] for standing in ("met", "pinned", "missing", "excused", "never")}


def _told(counts: Counter[Standing]) -> str:
    shown = counts["met"] + counts["pinned"]
    told = f"{share(counts):.1f} %, {shown} of {shown + counts['missing']}"
    pinned = f", {counts['pinned']} of them by pins alone" if counts["pinned"] else ""
    excused = f"; {counts['excused']} for a stated reason" if counts["excused"] else ""
    return f"{told}{pinned}{excused}; {counts['never']} can never be"


def _owners(covered: Covered, goal: Goal) -> str:
    """The rule; of a line that is the same in several rows of a table, the first, and how many more."""
    first, *more = covered.about[goal]
    return f"{first} and {len(more)} more" if more else first
