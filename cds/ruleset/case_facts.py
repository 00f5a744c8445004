"""Facts as a case writes them: ``present``, ``12 mg/L``, ``{value: at least 3, side: left}``, a list of these."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from cds.clinical import Fact, Number, State
from cds.ruleset.document import Entries, Items, Spot, Value
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import FactSpec
from cds.ruleset.names import listed, suggestion, unknown
from cds.ruleset.phrases import PhraseError
from cds.ruleset.scope import attributes_of, no_attribute
from cds.ruleset.told import days_between, told_of
from cds.ruleset.valuesets import Note

_STATES = {state.value: state for state in State}


@dataclass(frozen=True, slots=True)
class Written:
    """Reads facts of these specs, by name; what is wrong is noted."""

    specs: Mapping[str, FactSpec]
    note: Note

    def facts(self, written: Entries) -> dict[str, Fact]:
        found = {name: self.fact(name, value, written.at(name)) for name, value in written.items()}
        return {name: fact for name, fact in found.items() if fact is not None}

    def fact(self, name: str, value: Value, spot: Spot) -> Fact | None:
        spec = self.specs.get(name)
        if spec is None:
            self.note(spot, unknown("fact", name, self.specs))
            return None
        if isinstance(value, Items):
            return self._several(spec, value, spot)
        return self._one(spec, value, spot)

    def _several(self, spec: FactSpec, values: Items, spot: Spot) -> Fact | None:
        if not KINDS[spec.kind].items:
            self.note(
                spot, f'"{spec.name}", of kind "{spec.kind}", can be present only once: write one value, not a list'
            )
            return None
        items = tuple(item for value, place in values.placed() if (item := self._one(spec, value, place)))
        named = tuple(
            Fact(f"{spec.kind}/{number}", item.state, item.attributes) for number, item in enumerate(items, 1)
        )
        return Fact(spec.name, State.PRESENT if named else State.ABSENT, items=named)

    def _one(self, spec: FactSpec, value: Value, spot: Spot) -> Fact | None:
        if isinstance(value, str) and value in _STATES:
            return Fact(spec.name, _STATES[value])
        if not isinstance(value, Entries) and "value" not in attributes_of(spec):
            self.note(spot, _no_state(value))
            return None
        if not isinstance(value, Entries):
            return Fact(spec.name, State.PRESENT, dict(self._attributes(spec, {"value": value}, lambda _: spot)))
        state = value.get("state", "present")
        if state not in _STATES:
            self.note(value.at("state"), _no_state(state))
            return None
        attributes = {key: one for key, one in value.items() if key != "state"}
        if attributes and state != "present":
            self.note(value.at("state"), f"a fact that is {state} has no attributes")
        return Fact(spec.name, _STATES[state], dict(self._attributes(spec, attributes, value.at)))

    def _attributes(
        self, spec: FactSpec, written: Mapping[str, Value], at: Callable[[str], Spot]
    ) -> Iterator[tuple[str, Number | str]]:
        offered = attributes_of(spec)
        for name, value in written.items():
            if name in offered:
                try:
                    yield name, told_of(spec, name, value)
                except PhraseError as error:
                    self.note(at(name), str(error))
            elif self._measures(spec, name):
                if (days := days_between(value)) is not None:
                    yield name, days
                else:
                    self.note(at(name), f'"{name}" must be a number of days, or "between 3 and 5"')
            else:
                self.note(at(name), no_attribute(spec, name))

    def _measures(self, spec: FactSpec, name: str) -> bool:
        """``onset_days_before_fall``: the time between two facts."""
        event, between, anchor = name.partition("_before_")
        return bool(between) and event in attributes_of(spec) and anchor in self.specs


def _no_state(value: Value) -> str:
    return f'"{value}" is not a state{suggestion(str(value), _STATES) or f"; it is {listed(_STATES)}"}'
