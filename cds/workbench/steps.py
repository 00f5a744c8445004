"""One step of a limit: how far the nearest value on its other side lies."""

from __future__ import annotations

import re

from cds.ruleset.model import Test

_NUMBER = re.compile(r"(?<![\w{.])[-+]?\d+(?:\.(\d+))?")
_HOW_MANY = re.compile(r"at least \d+ of:")


def limits(test: Test) -> tuple[float, ...]:
    """The numbers that a test compares with, in the attribute's own unit: none, one, or the ends of `between`."""
    if isinstance(test.operand, float):
        return (test.operand,)
    return tuple(one for one in test.operand if isinstance(one, float)) if isinstance(test.operand, tuple) else ()


def step(test: Test) -> float:
    """A day or an hour of a date, one of so many; else one unit of the last decimal as written.

    It is in the attribute's own unit: `above 7.5 mg/dL` moves by 0.1 mg/dL, converted as the limit was.
    """
    if test.anchor or test.attribute.endswith(("_days", "_hours")) or _HOW_MANY.match(test.words):
        return 1.0
    written = list(_NUMBER.finditer(test.words.partition(":")[2]))[: len(limits(test))]
    decimals = max((len(number[1] or "") for number in written), default=0)
    return 10.0**-decimals * _converted_by([float(number[0]) for number in written], limits(test))


def _converted_by(written: list[float], limits_: tuple[float, ...]) -> float:
    """What one written unit is in the attribute's own; 1 where only zeros are written."""
    return next((limit / number for number, limit in zip(written, limits_, strict=False) if number), 1.0)
