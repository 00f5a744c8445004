"""Small records in which a fact and a mistaken one may differ: the patterns of records.yaml, filled in for the fact."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, TypeAlias

from cds.ruleset.document import entries_of
from cds.ruleset.model import FactSpec
from cds.workbench.mutation.left_out import LeftOut
from cds.workbench.mutation.mutant import Mutant

Pattern: TypeAlias = Mapping[str, Any]
"""What a case gives, with blanks in it: ``{record: [{condition: <in>, onset: <day>}]}``."""

Blanks: TypeAlias = Mapping[str, Sequence[Any]]
"""What may stand in each blank, the plainest first."""

_BLANK = re.compile(r"<([a-z_]+)>")
_PRODUCT = re.compile(r"<([a-z_]+)> with <([a-z_]+)>")
_FILE = Path(__file__).with_name("records.yaml")
_YEAR = date(2025, 1, 1)
_LIMITS = ("limit", "low", "high")


def probes(spec: FactSpec, mutant: Mutant, left_out: LeftOut) -> Iterator[Pattern]:
    """The plainest first. A pattern with a blank that the fact has nothing for is passed over."""
    blanks = _blanks(spec, mutant, left_out)
    for pattern in _fitting(spec, left_out):
        names = tuple(dict.fromkeys(_named(pattern)))
        if blanks.keys() >= set(names):
            for chosen in product(*(blanks[name] for name in names)):
                yield _filled(pattern, dict(zip(names, chosen, strict=True)))


def _fitting(spec: FactSpec, left_out: LeftOut) -> Iterator[Pattern]:
    """First those with a code of the parameter in question; others only where the mutant does without it."""
    written = _patterns().get(spec.kind, ())
    if not left_out.about:
        yield from written
        return
    asked = {left_out.about, "about"}
    yield from (one for one in written if not asked.isdisjoint(_named(one)))
    if left_out.about not in left_out.changed.codes:
        yield from (one for one in written if asked.isdisjoint(_named(one)))


def _blanks(spec: FactSpec, mutant: Mutant, left_out: LeftOut) -> Blanks:
    blanks: dict[str, Sequence[Any]] = {name: left_out.codes(name) for name in spec.codes}
    blanks["about"] = blanks.get(left_out.about, ())
    blanks |= dict(_moments(spec, mutant))
    blanks |= {"side": ("left", "right"), "unit": (str(spec.parameters.get("unit", "1")),)}
    blanks["number"] = ("3", "40")  # a score, a blood pressure
    blanks["value"] = tuple(_numbers(spec, mutant))
    for name, value in spec.parameters.items():
        if isinstance(value, tuple):
            blanks[name] = tuple({"snomed": _routes()[one]} if name == "local" else one for one in value)
    return {name: choices for name, choices in blanks.items() if choices}


def _moments(spec: FactSpec, mutant: Mutant) -> Iterator[tuple[str, Sequence[str]]]:
    assert isinstance(mutant.changed, FactSpec)
    moved = [name for name, value in spec.parameters.items() if mutant.changed.parameters.get(name) != value]
    number = spec.parameters[moved[0]] if mutant.kind == "look-back" else None
    if not isinstance(number, float):
        yield "in_the_year", ("2025-06-01",)
        yield "day", ("today-1d",)
        yield "month", ("2026-09",)
        return
    about = [int(number) + step for step in (0, 1, -1) if number + step >= 0]
    in_hours = moved[0].endswith("_hours")
    yield "in_the_year", tuple((_YEAR + timedelta(days)).isoformat() for days in about)
    yield "day", ("today-1d",) if in_hours else tuple(f"today-{days}d" for days in about)
    if in_hours:
        yield "hours", tuple(f"now-{hours}h" for hours in about)


def _numbers(spec: FactSpec, mutant: Mutant) -> Iterator[str]:
    """At each limit that is written, and where a mutant has it."""
    assert isinstance(mutant.changed, FactSpec)
    found = [of.parameters[name] for name in _LIMITS for of in (spec, mutant.changed) if name in of.parameters]
    numbers = [one for one in found if isinstance(one, float)]
    yield from dict.fromkeys(f"{number + step:.10g}" for step in (0.0, 5.0) for number in numbers)


# Patterns


@cache
def _written() -> Mapping[str, Any]:
    return entries_of(_FILE, _FILE.name)


@cache
def _patterns() -> Mapping[str, tuple[Pattern, ...]]:
    """By kind of fact."""
    return {kind: tuple(_flat(of)) for kind, of in _written()["kinds"].items()}


def _routes() -> Mapping[str, str]:
    found: Mapping[str, str] = _written()["routes"]
    return found


def _flat(written: Iterable[Any]) -> Iterator[Pattern]:
    """A pattern is a list of lines of the record, or a mapping of all that a case gives."""
    for one in written:
        if isinstance(one, str):
            yield from _flat(_written()["kinds"][one])
        else:
            yield one if isinstance(one, dict) else {"record": one}


def _named(part: Any) -> Iterator[str]:
    """The blanks in it."""
    if isinstance(part, dict):
        for value in part.values():
            yield from _named(value)
    elif isinstance(part, list):
        for value in part:
            yield from _named(value)
    elif isinstance(part, str):
        yield from _BLANK.findall(part)


def _filled(part: Any, chosen: Mapping[str, Any]) -> Any:
    if isinstance(part, dict):
        return {key: _filled(value, chosen) for key, value in part.items()}
    if isinstance(part, list):
        return [_filled(value, chosen) for value in part]
    if not isinstance(part, str):
        return part
    if both := _PRODUCT.fullmatch(part):
        return {**chosen[both[1]], **chosen[both[2]]}
    whole = _BLANK.fullmatch(part)
    return chosen[whole[1]] if whole else _BLANK.sub(lambda found: str(chosen[found[1]]), part)
