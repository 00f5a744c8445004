"""What is measured of the rulesets when they are built: their cases, how much of the rules these show, and whether they
notice small mistakes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

import msgspec

from cds import __version__
from cds.monograph.document import Measure
from cds.monograph.results import Measured, Results, holds
from cds.monograph.states import States
from cds.workbench.coverage import Standing
from cds.workbench.goals import What
from cds.workbench.measuring import Findings, Played
from cds.workbench.mutation import report as of_mutation
from cds.workbench.mutation.report import Share, share
from cds.workbench.traces import Stage

_GOALS: Mapping[What, str] = {
    "fires": "rules that fire",
    "silences": "conditions that alone keep their rule silent",
    "decides alone": "alternatives that decide alone",
    "tips the count": "counted conditions that tip their count",
    "limit": "limits, each side",
    "is unknown": "conditions that are unknown, and leave their rule undecided",
}


def changed(stage: Stage, recorded: Results) -> list[str]:
    """The rulesets of which what is recorded is of other files than lie there now."""
    states, of = States(stage.usual, stage.folder), recorded.rulesets
    return [name for name in sorted(stage.usual.rulesets) if name not in of or not holds(of[name], name, states)]


def results(stage: Stage, findings: Findings, recorded: Results, today: date) -> Results:
    """What was found, and of all other rulesets that are there what was recorded before."""
    states = States(stage.usual, stage.folder)
    found = {name: _measured(played, findings, states, today) for name, played in findings.played.items()}
    kept = {name: one for name, one in recorded.rulesets.items() if name in stage.usual.rulesets}
    return Results(rulesets=dict(sorted((kept | found).items())))


def _measured(played: Played, findings: Findings, states: States, today: date) -> Measured:
    name = played.ruleset
    return Measured(
        state=states.own(name),
        around=states.around(name) if name in findings.helped else "",
        measured_on=today.isoformat(),
        software=__version__,
        cases=played.cases,
        failed=tuple(played.failed),
        coverage=tuple(_coverage(played)),
        mutation=tuple(_mutation(share(findings.mutation, name))),
    )


def _coverage(played: Played) -> Iterator[Measure]:
    """Only what there is a goal for that can be met."""
    for what, words in _GOALS.items():
        share = played.shares.get(what, Counter())
        reached = share["met"] + share["pinned"]
        if of := reached + share["excused"] + share["missing"]:
            yield Measure(name=words, reached=reached, of=of, remark=_remark(share))


def _remark(share: Counter[Standing]) -> str:
    pinned = f"{share['pinned']} of them only by pins" if share["pinned"] else ""
    excused = f"{share['excused']} not met for a reason that is written down" if share["excused"] else ""
    never = f"{share['never']} more, it is proven, nothing can meet" if share["never"] else ""
    return "; ".join(filter(None, (pinned, excused, never)))


def _mutation(found: Share) -> Iterator[Measure]:
    """Nothing where there was nothing to be put in, or it was not tried."""
    if of := found.killed + found.justified + found.survived:
        remark = f"{found.justified} need none, for a reason that is written down" if found.justified else ""
        yield Measure(name="noticed by a test", reached=found.killed, of=of, remark=remark)


def faults(findings: Findings) -> Iterator[str]:
    """Cases that fail, what no case shows, mistakes that no case notices, and reasons that are wanted no longer."""
    for played in findings.played.values():
        yield from (f"{told}: {name}" for name, told in played.failed.items())
    for played in findings.played.values():
        yield from played.missing
    yield from of_mutation.faults(findings.mutation)


def differences(stage: Stage, found: Results, recorded: Results) -> Iterator[str]:
    """Where other things are recorded than were found. On which day, with which software, and whether a case of its own
    or of another ruleset noticed a mistake first, does not matter.
    """
    states = States(stage.usual, stage.folder)
    for name in sorted(found.rulesets.keys() | recorded.rulesets.keys()):
        new, old = found.rulesets.get(name), recorded.rulesets.get(name)
        if old is None or new is None:
            yield f"{name}: {'not recorded' if old is None else 'recorded, and not there any more'}"
        elif new != _as_measured(old, new) or not holds(old, name, states):
            yield f"{name}: what is recorded is not what was found"


def _as_measured(old: Measured, new: Measured) -> Measured:
    return msgspec.structs.replace(old, measured_on=new.measured_on, software=new.software, around=new.around)


def lines(told: Results, rulesets: Iterable[str]) -> Iterator[str]:
    """One for each of the rulesets."""
    for name in rulesets:
        one = told.rulesets[name]
        seeded = (f"{part.reached} of {part.of} seeded faults {part.name}" for part in one.mutation)
        words = ", ".join((*(f"{part.reached} of {part.of} {part.name}" for part in one.coverage), *seeded))
        yield f"{name}: {one.cases - len(one.failed)} of {one.cases} cases passed" + (f"; {words}" if words else "")
