"""What is measured of the rulesets when they are built: their cases, how much of the rules these show, and whether they
notice small mistakes.
"""

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
from cds.workbench.mutation.report import Share, share
from cds.workbench.mutation.survivors import mutation
from cds.workbench.traces import Stage

_GOALS: Mapping[What, str] = {
    "fires": "rules that fire",
    "silences": "conditions that alone keep their rule silent",
    "decides alone": "alternatives that decide alone",
    "tips the count": "counted conditions that tip their count",
    "limit": "limits, each side",
    "is unknown": "conditions that are unknown, and leave their rule undecided",
}


def measured(folder: Path, today: date, jobs: int = 1) -> Results:
    """Runs every case, and holds each against the goals and the mutants of its ruleset.

    Of rulesets with a case that fails as it is, mutants tell nothing: there their share is not recorded.
    """
    stage = Stage.of(folder)
    cases = testing.collect(folder, knowledge=stage.usual)
    done = testing.run(Bench(folder, stage.usual), cases)
    failed = [result.case for result in done if not result.passed]
    names = sorted(stage.usual.rulesets)
    covered = {one.ruleset.id: one for one in coverage.measured(stage, names, cases)}
    failing = {case.ruleset for case in failed}
    sound = [name for name in names if name not in failing]
    mutants = mutation(stage, sound, [case for case in cases if case.ruleset not in failing], jobs)
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
                mutation=tuple(_mutation(share(mutants, name))),
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


def _mutation(found: Share) -> Iterator[Measure]:
    """Nothing where there was nothing to be put in, or it was not tried."""
    if of := found.killed + found.justified + found.survived:
        remark = f"{found.justified} need none, for a reason that is written down" if found.justified else ""
        yield Measure(name="noticed by a test", reached=found.killed, of=of, remark=remark)


def lines(results: Results) -> Iterable[str]:
    """One for each ruleset."""
    for name, one in results.rulesets.items():
        faults = (f"{part.reached} of {part.of} seeded faults {part.name}" for part in one.mutation)
        told = ", ".join((*(f"{part.reached} of {part.of} {part.name}" for part in one.coverage), *faults))
        yield f"{name}: {one.cases - len(one.failed)} of {one.cases} cases passed" + (f"; {told}" if told else "")
