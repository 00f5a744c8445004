"""Mutants of facts before the pins of facts: each pin says what one fact comes to, so nothing has to follow from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from cds.errors import InputError
from cds.ruleset.cases import Case
from cds.ruleset.model import FactSpec, Knowledge
from cds.workbench.mutation.mutant import Mutant
from cds.workbench.single import Reader, alone, differences, specs_of


class PinTrial:
    """Some pins, by the facts that they would notice a change of."""

    def __init__(self, folder: Path, knowledge: Knowledge, pins: Iterable[Case]) -> None:
        """Raises ``InputError`` for a pin that is wrong, or breaks before any mutant."""
        self._folder, self._knowledge = folder, knowledge
        self._pins: dict[tuple[str, str], list[Case]] = defaultdict(list)
        by_fact: dict[tuple[str, str], list[Case]] = defaultdict(list)
        for pin in pins:
            by_fact[pin.ruleset, pin.fact].append(pin)
        for (ruleset, fact), about in by_fact.items():
            specs = alone(fact, specs_of(ruleset, knowledge))
            reader = Reader.of(specs, knowledge)
            for pin in about:
                if self._breaks(pin, reader):
                    raise InputError(f"{_name(pin)}: fails as it is; cds test says why")
            for spec in specs.values():
                self._pins[spec.ruleset, spec.name] += about

    def noticing(self, spec: FactSpec, mutant: Mutant) -> str:
        """The first pin that the mutant breaks; "" none."""
        assert isinstance(mutant.changed, FactSpec)
        readers: dict[tuple[str, str], Reader] = {}
        for pin in self._pins.get((spec.ruleset, spec.name), ()):
            key = pin.ruleset, pin.fact
            if key not in readers:
                specs = {**specs_of(pin.ruleset, self._knowledge), spec.name: mutant.changed}
                readers[key] = Reader.of(alone(pin.fact, specs), self._knowledge)
            if self._breaks(pin, readers[key]):
                return _name(pin)
        return ""

    def _breaks(self, pin: Case, reader: Reader) -> bool:
        return any(differences(pin, reader.facts(pin, self._folder)[pin.fact]))


def _name(pin: Case) -> str:
    return f"{pin.place.file}:{pin.place.line} {pin.name}"
