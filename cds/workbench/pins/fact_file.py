"""The file of the pins of facts beside a ruleset, as it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any

from cds.ruleset.model import FactSpec
from cds.workbench.pins.of_facts import FactPin, FactsPinned
from cds.workbench.pins.words import fact_words, quoted

NAME = "fact-pins.yaml"
_SAYS = (
    "These records hold fast what the facts of the ruleset make of a record today: which code counts, how old it may "
    "be. They were found by search (cds pin --facts), and nobody has compared them with the clinical documents. A "
    "change of a fact or a value set that breaks one is to be looked at: where it is meant, they are written anew."
)
_WIDE = 118


def of_facts(pinned: FactsPinned) -> str:
    """Nothing where there is nothing to say."""
    if not pinned.pins:
        return ""
    lines = [f"ruleset: {pinned.ruleset.id}", "pins: >-", *(f"  {line}" for line in wrap(_SAYS, _WIDE))]
    lines += [f"today: {pinned.ruleset.about.revised}", "cases:"]
    for pin in pinned.pins:
        lines.extend(_case(pin, pinned.ruleset.facts))
    return "\n".join(lines) + "\n"


def _case(pin: FactPin, specs: Mapping[str, FactSpec]) -> Iterator[str]:
    yield f"  - name: {quoted(pin.name)}"
    yield f"    fact: {pin.fact}"
    for key, value in pin.gives.items():
        if isinstance(value, list) and len(_flow(value)) + len(key) > _WIDE - 6:
            yield f"    {key}:"
            yield from (f"      - {_flow(line)}" for line in value)
        else:
            yield f"    {key}: {_flow(value)}"
    yield f"    comes_to: {fact_words(specs[pin.fact], pin.comes_to)}"


def _flow(value: Any) -> str:
    """In one line."""
    match value:
        case dict():
            return f"{{{', '.join(f'{key}: {_flow(one)}' for key, one in value.items())}}}"
        case list():
            return f"[{', '.join(map(_flow, value))}]"
        case str():
            return quoted(value) if not value.startswith(("today", "now")) else value
        case bool():
            return "true" if value else "false"
    return str(value)
