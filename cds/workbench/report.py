"""What is measured of the rulesets when they are built: their cases, and how much of the rules these show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

from cds import __version__
from cds.monograph.document import Measure
from cds.monograph.results import Measured, Results
from cds.workbench import testing
from cds.workbench.coverage import Covered, coverage
from cds.workbench.goals import What
from cds.workbench.traces import Stage

_GOALS: Mapping[What, str] = {
    "fires": "rules that fire",
    "silences": "conditions that alone keep their rule silent",
    "decides alone": "alternatives that decide alone",
    "tips the count": "counted conditions that tip their count",
    "limit": "limits, each side",
    "is unknown": "conditions that are unknown, and leave their rule undecided",
}


def measured(folder: Path, today: date) -> Results:
    """Runs every case, and holds each against the goals of its ruleset."""
    stage = Stage.of(folder)
    cases = testing.collect(folder)
    failed = [result.case for result in testing.run(folder, cases) if not result.passed]
    names = sorted(stage.usual.rulesets)
    covered = {one.ruleset.id: one for one in coverage(stage, names, stage.scenes(cases))}
    of = Counter(case.ruleset for case in cases)
    return Results(
        measured_on=today.isoformat(),
        software=__version__,
        files=stage.usual.files,
        rulesets={
            name: Measured(
                cases=of[name],
                failed=tuple(case.name for case in failed if case.ruleset == name),
                coverage=tuple(_coverage(covered[name])),
            )
            for name in names
        },
    )


def _coverage(covered: Covered) -> Iterator[Measure]:
    """Only what there is a goal for."""
    missing = Counter(goal.what for goal in covered.missing)
    there = Counter(goal.what for goal in covered.about)
    for what, words in _GOALS.items():
        if there[what]:
            yield Measure(name=words, reached=there[what] - missing[what], of=there[what])


def lines(results: Results) -> Iterable[str]:
    """One for each ruleset."""
    for name, one in results.rulesets.items():
        told = ", ".join(f"{part.reached} of {part.of} {part.name}" for part in one.coverage)
        yield f"{name}: {one.cases - len(one.failed)} of {one.cases} cases passed" + (f"; {told}" if told else "")
