"""The file pins.yaml of a ruleset: what it says, and writing it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from textwrap import wrap

from cds.clinical import Fact
from cds.ruleset.model import FactSpec
from cds.workbench.goals import Goal
from cds.workbench.pins.making import Pin, Pinned
from cds.workbench.pins.words import fact_words, quoted

NAME = "pins.yaml"
SAYS = (
    "These cases hold fast what the rules do today. They were found by search (cds pin), and nobody has compared them "
    "with the clinical documents; the cases that were are in tests.yaml. A change of a rule that breaks one is to be "
    "looked at: where it is meant, the pins are written anew."
)
_WIDE = 118
_MANY = 15  # facts that are no longer told one a line


def text(pinned: Pinned, specs: Mapping[str, FactSpec]) -> str:
    ruleset = pinned.ruleset
    lines = [f"ruleset: {ruleset.id}", "pins: >-", *(f"  {line}" for line in wrap(SAYS, _WIDE))]
    lines.append(f"today: {ruleset.about.revised}")
    lines.append("cases:" if pinned.pins else "cases: []")
    for pin in pinned.pins:
        lines.extend(_case(pin, specs))
    lines.extend(_goals("cannot_be", pinned.never, pinned))
    lines.extend(_goals("not_found", pinned.unfound, pinned))
    return "\n".join(lines) + "\n"


def _goals(key: str, goals: Iterable[Goal], pinned: Pinned) -> Iterator[str]:
    told = sorted({(pinned.about[goal][0], str(goal)) for goal in goals})
    if told:
        yield f"{key}:"
        yield from (f"  - {{rule: {quoted(owner)}, goal: {quoted(goal)}}}" for owner, goal in told)


def _case(pin: Pin, specs: Mapping[str, FactSpec]) -> Iterator[str]:
    yield f"  - name: {quoted(pin.name)}"
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
