"""Numbers that are easily taken for one in another unit."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from cds.ruleset import amounts
from cds.ruleset.asked import tests_of
from cds.ruleset.model import Codes, Count, FactSpec, Rule, Test
from cds.ruleset.questions import unit_of
from cds.ruleset.ranges import MEASURED_FROM, range_of
from cds.ruleset.spans import Span, span_of
from cds.workbench.soundness.finding import Finding

_WORDS = ("above ", "at least ", "below ", "at most ", "between ", "is not ", "is ")
_SPEAKS_FOR_ITSELF = ("", "1", "a", "{score}")


def findings(rules: Iterable[Rule], counts: Mapping[str, Count], specs: Mapping[str, FactSpec]) -> Iterator[Finding]:
    for rule in rules:
        for test in dict.fromkeys(tests_of(rule, counts)):
            if test.subject in specs and span_of(test) and MEASURED_FROM not in test.attribute:
                yield from _of_test(rule, test, specs[test.subject])
    yield from _of_two_units(specs.values())


def _of_test(rule: Rule, test: Test, spec: FactSpec) -> Iterator[Finding]:
    unit, (low, high, _) = unit_of(spec, test.attribute), range_of(spec, test.attribute)
    possible, wanted = Span(low, high, math.isinf(low), math.isinf(high)), span_of(test)
    assert wanted is not None
    if unit not in _SPEAKS_FOR_ITSELF and _has_no_unit(test):
        yield _finding(rule, test, f"`{test.words}` says no unit: it is read in {unit}")
    if wanted.common(possible) == possible:
        yield _finding(rule, test, f"`{test.words}` holds of every number that is possible, {possible} {unit}".rstrip())


def _has_no_unit(test: Test) -> bool:
    phrase = test.words.partition(": ")[2]
    operand = next((phrase.removeprefix(words) for words in _WORDS if phrase.startswith(words)), "")
    quantities = [amounts.quantity(one) for one in operand.split(" and ")]
    return bool(operand) and all(one is not None and not one.unit for one in quantities)


def _of_two_units(specs: Iterable[FactSpec]) -> Iterator[Finding]:
    """The same codes, asked for in two units: who reads both rules takes the number of one for that of the other."""
    by_codes: dict[Codes, list[FactSpec]] = defaultdict(list)
    for spec in specs:
        if "unit" in spec.parameters and "in" in spec.codes and spec.kind == "observation":
            by_codes[spec.codes["in"]].append(spec)
    for alike in by_codes.values():
        for spec in alike[1:]:
            units = [str(one.parameters["unit"]) for one in (alike[0], spec)]
            if units[0] != units[1]:
                message = f'fact "{spec.name}" is in {units[1]}, "{alike[0].name}", of the same codes, in {units[0]}'
                yield Finding("unit", spec.ruleset, (spec.name,), spec.place, message)


def _finding(rule: Rule, test: Test, message: str) -> Finding:
    return Finding("unit", rule.ruleset, (rule.id, test.words), rule.place, f'rule "{rule.id}": {message}')
