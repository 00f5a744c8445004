"""Some rules of a larger program, run on the engine that was compiled for all of it: nothing is compiled twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_

from cds.clinical import Fact, Inference
from cds.engine import Engine
from cds.ruleset.model import Program
from cds.ruleset.selection import EVERY_RULE, Rules, members, numbered, rules_of


@dataclass(frozen=True, slots=True)
class Whole:
    """A program with its engine."""

    program: Program
    engine: Engine

    @classmethod
    def of(cls, program: Program) -> Whole:
        """Costly. Raises as ``Engine`` does."""
        return cls(program, Engine(program))

    def part(self, program: Program) -> Part:
        """What answers for a smaller program, all rules of which are rules of this one."""
        return Part(self, program)


class Part:
    """Answers as an engine of the smaller program would, which numbers its rules in its own way."""

    def __init__(self, whole: Whole, program: Program) -> None:
        bits = numbered(whole.program)
        self._engine = whole.engine
        self._bits = [bits[rule.id] for rule in rules_of(program)]
        self._every = reduce(or_, self._bits, 0)

    def infer(self, facts: Mapping[str, Fact], rules: Rules = EVERY_RULE) -> Inference:
        """As ``Engine.infer``."""
        meant = self._every if rules == EVERY_RULE else reduce(or_, (self._bits[at] for at in members(rules)), 0)
        return self._engine.infer(facts, meant)
