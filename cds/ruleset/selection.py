"""Some of the rules of a program: which they are, and the program without the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import compress
from typing import TypeAlias

from cds.ruleset.model import Program, Rule, Stages

Rules: TypeAlias = int
"""A byte for each rule, in the order of the program: 1 for those that are meant."""

EVERY_RULE: Rules = -1


def rules_of(program: Program) -> Iterator[Rule]:
    for stages in (program.stages, *program.each.values()):
        for stage in stages:
            yield from stage


def numbered(program: Program) -> dict[str, Rules]:
    """By its id, each rule alone."""
    return {rule.id: 1 << 8 * number for number, rule in enumerate(rules_of(program))}


def only(program: Program, rules: Rules) -> Program:
    """The program without the other rules. Its order stays, and so do its facts and counts."""
    if rules == EVERY_RULE:
        return program
    meant = iter(rules.to_bytes(rules.bit_length() // 8 + 1, "little"))
    return replace(
        program,
        stages=_only(program.stages, meant),
        each={name: _only(stages, meant) for name, stages in program.each.items()},
    )


def _only(stages: Stages, meant: Iterator[int]) -> Stages:
    """Takes as many bytes as the stages have rules; those that are missing mean none."""
    return tuple(tuple(compress(stage, meant)) for stage in stages)
