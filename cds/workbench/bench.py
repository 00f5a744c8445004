"""The rulesets of a folder made ready for their cases."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from cds.evaluate import Prepared, prepare
from cds.ruleset.cases import Case
from cds.ruleset.check import fit_together
from cds.ruleset.load import load
from cds.ruleset.model import Knowledge, Ruleset
from cds.ruleset.parts import Parts
from cds.ruleset.program import with_used
from cds.workbench.golden import Looks, golden_of
from cds.workbench.single import Reader, reader_of

_KEPT = 3  # sites


@dataclass(frozen=True, slots=True)
class Ready:
    """What a case is judged by: its ruleset and those it uses. A draft shows its cards, as if it were active."""

    knowledge: Knowledge
    prepared: Prepared

    def ruleset(self, case: Case) -> Ruleset:
        return self.knowledge.rulesets[case.ruleset]


class Bench:
    """Makes one engine for all rulesets that can run together, and one for each set of site parameters in a case.

    What a ruleset comes to among others, of which none is run, it comes to alone.
    """

    def __init__(self, folder: Path, knowledge: Knowledge | None = None) -> None:
        """``knowledge``: what the folder holds, where that is loaded already. Raises as ``load`` does."""
        self.folder = folder
        self.knowledge = knowledge or load(folder)
        self._whole: dict[frozenset[str], Prepared] = {}
        self._ready: dict[str, Ready] = {}
        self._sites: dict[str, Ready] = {}
        self._golden: dict[str, Looks] = {}
        self._readers: dict[tuple[str, str], Reader] = {}

    def reader(self, case: Case) -> Reader:
        """For a case about a single fact."""
        key = case.ruleset, case.fact
        if key not in self._readers:
            self._readers[key] = reader_of(case.fact, case.ruleset, self.knowledge)
        return self._readers[key]

    def ready(self, case: Case) -> Ready:
        if case.parameters:
            return self._of_site(case)
        if case.ruleset not in self._ready:
            self._ready[case.ruleset] = self._usual(case.ruleset)
        return self._ready[case.ruleset]

    def golden(self, ruleset: str) -> Looks:
        """What its cards have to look like. Raises as ``golden_of`` does."""
        if ruleset not in self._golden:
            self._golden[ruleset] = golden_of(self.folder, ruleset)
        return self._golden[ruleset]

    def _usual(self, ruleset: str) -> Ready:
        rulesets = self.knowledge.rulesets
        together = next(names for names in self._groups if ruleset in names)
        if together not in self._whole:
            self._whole[together] = _unveiled(prepare(self.knowledge, sorted(together)))
        used = {one.id for one in with_used(rulesets, [ruleset])}
        return Ready(self.knowledge, self._whole[together].part(used))

    def _of_site(self, case: Case) -> Ready:
        """An engine of its own is large, and wanted by few cases that stand together: only the newest are kept."""
        key = json.dumps([case.ruleset, case.parameters], sort_keys=True)
        ready = self._sites.pop(key, None)
        if ready is None:
            knowledge = self._parts.part(case.ruleset, case.parameters)
            ready = Ready(knowledge, _unveiled(prepare(knowledge, (case.ruleset,))))
        self._sites[key] = ready
        if len(self._sites) > _KEPT:
            del self._sites[next(iter(self._sites))]
        return ready

    @cached_property
    def _parts(self) -> Parts:
        return Parts(self.folder)

    @cached_property
    def _groups(self) -> tuple[frozenset[str], ...]:
        """The rulesets with those they use: all in one group, unless some say a thing in two ways."""
        rulesets = self.knowledge.rulesets
        if fit_together(tuple(rulesets.values())):
            return (frozenset(rulesets),)
        groups: list[frozenset[str]] = []
        for name in sorted(rulesets):
            wanted = frozenset(one.id for one in with_used(rulesets, [name]))
            place = next((place for place, group in enumerate(groups) if self._fit(group | wanted)), len(groups))
            groups[place : place + 1] = [wanted.union(*groups[place : place + 1])]
        return tuple(groups)

    def _fit(self, names: Iterable[str]) -> bool:
        return fit_together([self.knowledge.rulesets[name] for name in sorted(names)])


def _unveiled(prepared: Prepared) -> Prepared:
    return replace(prepared, shadow=frozenset())
