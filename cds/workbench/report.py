"""What is measured of the rulesets when they are built: their cases, and how much of the rules these show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

from cds import __version__
from cds.monograph.document import Measure
from cds.monograph.results import Measured, Results
from cds.workbench import coverage, testing
from cds.workbench.bench import Bench
from cds.workbench.coverage import Covered, Standing
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
    cases = testing.collect(folder, knowledge=stage.usual)
    done = testing.run(Bench(folder, stage.usual), cases)
    failed = [result.case for result in done if not result.passed]
    names = sorted(stage.usual.rulesets)
    covered = {one.ruleset.id: one for one in coverage.measured(stage, names, cases)}
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
    """Only what there is a goal for that can be met."""
    for what, words in _GOALS.items():
        share = covered.shares.get(what, Counter())
        reached = share["met"] + share["pinned"]
        if of := reached + share["excused"] + share["missing"]:
            yield Measure(name=words, reached=reached, of=of, remark=_remark(share))


def _remark(share: Counter[Standing]) -> str:
    pinned = f"{share['pinned']} of them only by cases that say what the rules do" if share["pinned"] else ""
    excused = f"{share['excused']} not met for a reason that is written down" if share["excused"] else ""
    never = f"beside these {share['never']} of which it is proven that nothing can meet them" if share["never"] else ""
    return "; ".join(filter(None, (pinned, excused, never)))


def lines(results: Results) -> Iterable[str]:
    """One for each ruleset."""
    for name, one in results.rulesets.items():
        told = ", ".join(f"{part.reached} of {part.of} {part.name}" for part in one.coverage)
        yield f"{name}: {one.cases - len(one.failed)} of {one.cases} cases passed" + (f"; {told}" if told else "")
