"""What a mutant of a fact leaves out of its codes: by which codes a record can tell, and whether any can."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, islice, zip_longest
from typing import Any, TypeAlias

from cds.clinical import Coding
from cds.ruleset.codes import CodeIndex
from cds.ruleset.kinds import KINDS
from cds.ruleset.medicine_kinds import ORDERS, TAKEN
from cds.ruleset.model import Codes, FactSpec, ValueSet
from cds.ruleset.systems import short_name

Concept: TypeAlias = Mapping[str, Any]
"""As a line of a case says it: ``{snomed: "23056005"}``, of one system also several codes."""

MOST = 8  # of the parameter that the mutant is about
MOST_BESIDE = 3  # of every other
_PLAIN = ("snomed", "loinc", "rxnorm", "icd-10-cm", "atc", "icd-10")
_MEDICINES = frozenset({*ORDERS, *TAKEN})


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A fact and its mutant, each with the index by which records are read for it."""

    spec: FactSpec
    changed: FactSpec
    index: CodeIndex
    other: CodeIndex
    valuesets: Mapping[str, ValueSet]

    @property
    def about(self) -> str:
        """The parameter whose codes the mutant changes; "" for a mutant of anything else."""
        return next((name for name, codes in self.spec.codes.items() if codes != self.changed.codes.get(name)), "")

    def codes(self, parameter: str) -> tuple[Concept, ...]:
        """The plainest first: of the parameter in question such as the mutant finds otherwise."""
        if parameter != self.about:
            return tuple(islice(map(_concept, self._plain(parameter)), MOST_BESIDE))
        return tuple(islice(self._telling(), MOST))

    def is_nothing(self) -> bool:
        """Whether the mutant asks for the very same codes, so that no record can tell."""
        return bool(self.about) and not any(True for _ in self._telling())

    def _plain(self, parameter: str) -> Iterator[Coding]:
        """Codes that belong to the parameter by themselves; such as say where on the body before such as do not."""
        members = _varied(_members(self.spec.codes[parameter], self.valuesets))
        found = [one for one in members if self._finds(one, parameter, self.index)]
        unsited = f"{self.spec.name}.unsited"
        return iter(sorted(found, key=lambda one: unsited in self.index.match(one.system, one.code)))

    def _telling(self) -> Iterator[Concept]:
        before, after = self.spec.codes[self.about], self.changed.codes.get(self.about, Codes())
        for one in _varied(_members(_less(before, after), self.valuesets)):
            if self._finds(one, self.about, self.index) != self._finds(one, self.about, self.other):
                yield _concept(one)
        choice = f"{self.spec.name}.{self.about}"
        less = _less(_exceptions(before), _exceptions(after))
        excepted = [
            one
            for one in _varied(_members(less, self.valuesets))
            if choice not in self.other.exceptions(one.system, one.code)
        ]
        yield from (_concept(one) for one in excepted if self._finds(one, self.about, self.other))
        for one in excepted:
            yield from (_concept(one, beside) for beside in islice(self._plain(self.about), MOST_BESIDE))

    def _finds(self, coding: Coding, parameter: str, index: CodeIndex) -> bool:
        """By the code or, of a product among medicines, by what it contains."""
        choice = f"{self.spec.name}.{parameter}"
        if choice in index.match(coding.system, coding.code):
            return True
        if choice in index.exceptions(coding.system, coding.code) or not _is_of_medicines(self.spec):
            return False
        parts = index.ingredients(coding.system, coding.code)
        return any(choice in index.match(part.system, part.code) for part in parts)


def _is_of_medicines(spec: FactSpec) -> bool:
    kind = KINDS[spec.kind]
    return spec.kind == "draft-medication" or (bool(kind.reads) and {*kind.reads, *kind.also} <= _MEDICINES)


def _exceptions(codes: Codes) -> Codes:
    return Codes(codes.except_sets, codes.except_codings)


def _less(before: Codes, after: Codes) -> Codes:
    return Codes(
        tuple(one for one in before.sets if one not in after.sets),
        tuple(one for one in before.codings if one not in after.codings),
    )


def _members(codes: Codes, valuesets: Mapping[str, ValueSet]) -> Iterator[Coding]:
    for name in codes.sets:
        yield from valuesets[name].codings
        yield from valuesets[name].prefixes
    yield from codes.codings


def _varied(codings: Iterable[Coding]) -> Iterator[Coding]:
    """The first of each system, then the second of each …"""
    by_system = groupby(sorted(codings, key=_plainness), key=lambda one: one.system)
    for row in zip_longest(*[list(of) for _, of in by_system]):
        yield from (one for one in row if one is not None)


def _plainness(coding: Coding) -> tuple[int, str]:
    name = short_name(coding.system)
    return (_PLAIN.index(name) if name in _PLAIN else len(_PLAIN)), coding.system


def _concept(*codings: Coding) -> Concept:
    found: dict[str, list[str]] = {}
    for one in codings:
        found.setdefault(short_name(one.system), []).append(one.code)
    return {system: codes if len(codes) > 1 else codes[0] for system, codes in found.items()}
