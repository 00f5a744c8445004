"""Changes of facts: how the facts would be with something other than recorded, and how that is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TypeAlias

from cds.clinical import Fact, Number, State
from cds.ruleset.model import FactSpec
from cds.workbench.attribute_words import name as name_of
from cds.workbench.attribute_words import valued, whole, within

Value: TypeAlias = State | Number | str | None
_UNKNOWN = (State.UNUSABLE, State.UNSUPPLIED)


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One thing about a fact that is other than recorded. ``attribute`` "": its state; a value of None: not known.

    ``item``: the order that the fact is about, "" where it is about the patient.
    """

    fact: str
    item: str
    attribute: str
    value: Value

    @property
    def thing(self) -> tuple[str, str, str]:
        return (self.fact, self.item, self.attribute)


Changes: TypeAlias = frozenset[Change]


# The facts as they would be


def changed(facts: Mapping[str, Fact], changes: Iterable[Change]) -> dict[str, Fact]:
    """All facts, with the changes made."""
    found = dict(facts)
    ordered = sorted(changes, key=lambda one: one.thing)
    for (name, item), parts in groupby(ordered, key=lambda one: (one.fact, one.item)):
        told = {one.attribute: one.value for one in parts}
        found[name] = _with_item(found[name], item, told) if item else _otherwise(found[name], told)
    return found


def seen(facts: Mapping[str, Fact], name: str, item: str) -> Fact:
    """A fact as a rule sees it that is about this order."""
    if not item:
        return facts[name]
    return next((one for one in facts[name].items if one.name == item), Fact(item, State.ABSENT))


def _with_item(fact: Fact, item: str, told: Mapping[str, Value]) -> Fact:
    others = tuple(one for one in fact.items if one.name != item)
    made = _otherwise(seen({fact.name: fact}, fact.name, item), told)
    items = (*others, made) if made.state is not State.ABSENT else others
    return replace(fact, state=State.PRESENT if items else State.ABSENT, items=items)


def _otherwise(fact: Fact, told: Mapping[str, Value]) -> Fact:
    """A fact that is not present has no attributes; what becomes present brings none but those told."""
    state = told.get("", fact.state)
    assert isinstance(state, State)
    if state is not fact.state:
        fact = Fact(fact.name, state)
    if state is not State.PRESENT:
        return fact
    attributes = {**fact.attributes, **{name: value for name, value in told.items() if name}}
    known = {name: value for name, value in attributes.items() if not isinstance(value, State | None)}
    return replace(fact, attributes=known)


# In words


def told(changes: Changes, facts: Mapping[str, Fact], specs: Mapping[str, FactSpec]) -> Iterator[str]:
    """Fact by fact: "post-void residual 200 mL in place of 180 mL", "a record of fever"."""
    for (name, item), parts in groupby(sorted(changes, key=lambda one: one.thing), lambda one: (one.fact, one.item)):
        values = {one.attribute: one.value for one in parts}
        words = _Words(specs[name], seen(facts, name, item), specs)
        about = f" (of {item})" if item else ""
        yield (words.of_state(values) if "" in values else words.of_attributes(values)) + about


@dataclass(frozen=True, slots=True)
class _Words:
    spec: FactSpec
    fact: Fact
    specs: Mapping[str, FactSpec]

    @property
    def title(self) -> str:
        return within(self.spec.title)

    def of_state(self, values: Mapping[str, Value]) -> str:
        before = self.fact.state
        match values[""]:
            case State.PRESENT:
                usable = "usable " if before is State.UNUSABLE else ""
                what = f"a {usable}record of {self.title}{self._with(values)}"
            case State.DENIED:
                what = f"{self.title} documented as absent"
            case _:
                what = f"no {self.title} on record"
        return what + self._instead(before)

    def _instead(self, before: State) -> str:
        if before is State.DENIED:
            return " in place of its denial"
        return f" (now unknown: {'; '.join(self.fact.missing) or before.value})" if before in _UNKNOWN else ""

    def of_attributes(self, values: Mapping[str, Value]) -> str:
        return "; ".join(self._of_attribute(name, value) for name, value in values.items())

    def _of_attribute(self, name: str, value: Value) -> str:
        before = self.fact.attributes.get(name)
        label = self.title if name == "value" else f"{name_of(name)} of {self.title}"
        instead = "" if before is None else f" in place of {valued(self.spec, name, before, self.specs)}"
        if value is None:
            return f"{label} not known{instead}"
        assert not isinstance(value, State)
        return f"{label} {valued(self.spec, name, value, self.specs)}{instead or ' (now not known)'}"

    def _with(self, values: Mapping[str, Value]) -> str:
        """``: 200 mL (measured 2 days ago, side left)``."""
        known = {name: value for name, value in values.items() if not isinstance(value, State | None)}
        own = f": {valued(self.spec, 'value', known.pop('value'), self.specs)}" if "value" in known else ""
        others = ", ".join(whole(self.spec, name, value, self.specs) for name, value in known.items())
        return f"{own} ({others})" if others else own
