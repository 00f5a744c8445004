"""What the counted days are of: the drugs by name, and whether an opioid or butalbital is among them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from types import MappingProxyType

from cds.clinical import Number
from cds.facts.medicines import validity
from cds.facts.medicines.use_sources import Classed, Sources
from cds.ruleset.use_kinds import UNNAMED

_WORDS = MappingProxyType(
    {
        "nsaid": "NSAID",
        "nonopioid-other": "other non-opioid analgesic",
        "combination": "combination analgesic",
        UNNAMED: "drug nobody named",
    }
)
_MAY_HOLD_ANYTHING = frozenset({"combination", UNNAMED})


def contents(names: Sequence[str], sources: Sequence[Sources], taken: Sequence[Classed]) -> dict[str, Number | str]:
    """``with_opioid``, ``with_barbiturate`` and ``drugs`` of these classes.

    A diary or a total may say "combination" without a product: then it is unknown what it holds, unless a product on
    record says yes. ``sources`` are those of each class; one more is of what names no class.
    """
    unnamed = set(nameless(names, sources, taken))
    held = {
        "with_opioid": any(each.acute.with_opioid for each in taken) or "opioid" in unnamed,
        "with_barbiturate": any(each.acute.with_barbiturate for each in taken) or "barbiturate" in unnamed,
    }
    unclear = bool(unnamed & _MAY_HOLD_ANYTHING)
    drugs = sorted({validity.name(each.entry) for each in taken} | {_WORDS.get(name, name) for name in unnamed})
    known = {attribute: "yes" if holds else "no" for attribute, holds in held.items() if holds or not unclear}
    return {**known, "drugs": ", ".join(drugs)}


def nameless(names: Sequence[str], sources: Sequence[Sources], taken: Sequence[Classed]) -> Iterator[str]:
    """The classes with use by the patient's account of which no product is on record."""
    for name, source in zip_longest(names, sources, fillvalue=UNNAMED):
        assert isinstance(source, Sources)
        if (source.diary or source.reports) and not any(name in each.acute.names for each in taken):
            yield str(name)
