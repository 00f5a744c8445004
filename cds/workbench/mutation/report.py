"""What came of the mutants, for a terminal and for machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from cds.workbench.mutation.mutant import Kind, Mutant
from cds.workbench.mutation.survivors import End, Fate, Mutation


@dataclass(frozen=True, slots=True)
class Share:
    """Of so many mutants. ``equivalent``: those that no patient could tell from the ruleset; apart from the share."""

    killed: int
    justified: int
    survived: int
    equivalent: int = 0

    @property
    def percent(self) -> float:
        """Of those that nobody gave a reason for; 100 where there are none."""
        wanted = self.killed + self.survived
        return 100.0 * self.killed / wanted if wanted else 100.0


_MISSING: Mapping[Kind, str] = {
    "dropped": "a case in which all else holds and this does not",
    "negated": "a case that turns on it",
    "combined": "a case in which some of them hold and others do not",
    "unknown": "a case in which all else holds and it is not known",
    "limit": "a case on each side of the limit, one step apart",
    "comparison": "a case exactly at the limit",
    "window": "a case on each side of the day, one apart",
    "choice": "a case in which it is just this",
    "points": "a case in which its points decide",
    "look-back": "a record with its newest entry on the last day that counts, and one a day older",
    "parameter": "a record that only this parameter makes count, or keeps from counting",
    "codes": "a record with a code of just this, and no other of the fact",
    "card": "the golden card of the rule (cds test --golden)",
}


def share(mutation: Mutation, ruleset: str = "") -> Share:
    """Of one ruleset, or of all."""
    ends: Counter[End] = Counter(fate.end for fate in mutation.fates if ruleset in ("", fate.mutant.ruleset))
    return Share(ends["killed"], ends["justified"], ends["survived"], ends["equivalent"])


def lines(mutation: Mutation) -> Iterator[str]:
    """The faults, then the shares."""
    yield from faults(mutation)
    rulesets = dict.fromkeys(fate.mutant.ruleset for fate in mutation.fates)
    for name in rulesets:
        yield f"{name}: {_told(share(mutation, name))}"
    if len(rulesets) > 1:
        yield f"all {len(rulesets)} rulesets: {_told(share(mutation))}"


def faults(mutation: Mutation) -> Iterator[str]:
    """The survivors, each with its place and the case that is missing; wrong reasons."""
    for fate in mutation.survivors:
        yield f"{place(fate.mutant)}: survives: {fate.mutant.id}"
        yield f"     missing: {missing(fate)}"
    yield from (str(problem) for problem in mutation.stale)


def place(mutant: Mutant) -> str:
    return f"{mutant.place.file}:{mutant.place.line}"


def missing(fate: Fate) -> str:
    """In words, the case that would notice a survivor."""
    wanted = _MISSING[fate.mutant.kind]
    return f"{wanted}; it differs in {fate.by}, which does not ask about it" if fate.by else wanted


def as_json(mutation: Mutation) -> dict[str, object]:
    return {
        **_numbers(share(mutation)),
        "kinds": {kind: dict(ends) for kind, ends in _by_kind(mutation).items()},
        "rulesets": {
            name: _numbers(share(mutation, name))
            for name in dict.fromkeys(one.mutant.ruleset for one in mutation.fates)
        },
        "survivors": [{**_named(fate.mutant), "missing": missing(fate)} for fate in mutation.survivors],
        "equivalent": [{**_named(fate.mutant), "as": fate.by} for fate in mutation.fates if fate.end == "equivalent"],
        "stale": [str(problem) for problem in mutation.stale],
    }


def _named(mutant: Mutant) -> dict[str, str]:
    return {"ruleset": mutant.ruleset, "mutant": mutant.id, "place": place(mutant)}


def _by_kind(mutation: Mutation) -> dict[Kind, Counter[End]]:
    found: dict[Kind, Counter[End]] = {}
    for fate in mutation.fates:
        found.setdefault(fate.mutant.kind, Counter())[fate.end] += 1
    return found


def _numbers(share: Share) -> dict[str, float]:
    return {"share": round(share.percent, 2), **asdict(share)}


def _told(share: Share) -> str:
    told = f"{share.percent:.1f} %, {share.killed} of {share.killed + share.survived} mutants killed"
    apart = f"; {share.equivalent} proven to change nothing" if share.equivalent else ""
    return f"{told}; {share.justified} for a stated reason{apart}" if share.justified else told + apart
