"""The files of pins beside a ruleset, as they are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Protocol

from cds.clinical import Fact
from cds.ruleset.model import FactSpec, Ruleset
from cds.workbench.pins.following import USUAL_HOOK, Follows
from cds.workbench.pins.making import Pinned
from cds.workbench.pins.telling import Told
from cds.workbench.pins.words import fact_words, quoted

NAME, OF_MUTANTS = "pins.yaml", "mutant-pins.yaml"
_SAYS = (
    "These cases hold fast what the rules do today. They were found by search (cds pin), and nobody has compared them "
    "with the clinical documents; the cases that were are in tests.yaml. A change of a rule that breaks one is to be "
    "looked at: where it is meant, the pins are written anew."
)


class Case(Protocol):
    """A pin, as far as it is written down."""

    @property
    def name(self) -> str: ...
    @property
    def facts(self) -> Mapping[str, Fact]: ...
    @property
    def follows(self) -> Follows: ...
    @property
    def hook(self) -> str: ...


_WIDE = 118
_MANY = 15  # facts that are no longer told one a line


def of_gaps(pinned: Pinned, specs: Mapping[str, FactSpec]) -> str:
    told = {"cannot_be": pinned.never, "not_found": pinned.unfound}
    lists = {key: [(pinned.about[goal][0], str(goal)) for goal in goals] for key, goals in told.items()}
    return _text(pinned.ruleset, pinned.pins, specs, lists)


def of_mutants(told: Told, specs: Mapping[str, FactSpec]) -> str:
    """Of mutants that no pin tells nothing is said: `cds mutate` does, which also asks the cases of other rulesets."""
    return _text(told.ruleset, told.pins, specs, {})


def _text(
    ruleset: Ruleset, pins: Sequence[Case], specs: Mapping[str, FactSpec], lists: Mapping[str, list[tuple[str, str]]]
) -> str:
    """Nothing where there is nothing to say."""
    lines = [f"ruleset: {ruleset.id}", "pins: >-", *(f"  {line}" for line in wrap(_SAYS, _WIDE))]
    lines += [f"today: {ruleset.about.revised}", "cases:" if pins else "cases: []"]
    for pin in pins:
        lines.extend(_case(pin, specs))
    for key, told in lists.items():
        lines.extend(_goals(key, told))
    return "\n".join(lines) + "\n" if pins or any(lists.values()) else ""


def _goals(key: str, told: Iterable[tuple[str, str]]) -> Iterator[str]:
    listed = sorted(set(told))
    if listed:
        yield f"{key}:"
        yield from (f"  - {{rule: {quoted(owner)}, goal: {quoted(goal)}}}" for owner, goal in listed)


def _case(pin: Case, specs: Mapping[str, FactSpec]) -> Iterator[str]:
    yield f"  - name: {quoted(pin.name)}"
    if pin.hook != USUAL_HOOK:
        yield f"    hook: {pin.hook}"
    yield from _facts(pin.facts, specs)
    yield from _listed("conclusions", pin.follows.conclusions)
    yield from _listed("cards", pin.follows.cards)
    if pin.follows.unanswered:
        yield from _listed("unanswered", pin.follows.unanswered)
    if pin.follows.system:
        yield from _listed("system", pin.follows.system)


def _facts(facts: Mapping[str, Fact], specs: Mapping[str, FactSpec]) -> Iterator[str]:
    told = [f"{name}: {fact_words(specs[name], fact)}" for name, fact in facts.items()]
    if len(told) > _MANY or sum(map(len, told)) < _WIDE - 20:
        yield from _wrapped(f"facts: {{{', '.join(told)}}}")
        return
    yield "    facts:"
    yield from (f"      {one}" for one in told)


def _listed(key: str, names: Iterable[str]) -> Iterator[str]:
    """In one line, or in as many as it takes."""
    yield from _wrapped(f"{key}: [{', '.join(quoted(name) for name in sorted(names))}]")


def _wrapped(line: str) -> Iterator[str]:
    wide = wrap(line, _WIDE - 4, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    yield from (f"    {one}" for one in wide)
