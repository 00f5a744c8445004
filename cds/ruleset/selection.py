"""Some of the rules of a program: which they are, and the program without the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeAlias

from cds.ruleset.model import Program, Rule, Stages

Rules: TypeAlias = int
"""A bit for each rule, in the order of the program: 1 for those that are meant."""

EVERY_RULE: Rules = -1


def rules_of(program: Program) -> Iterator[Rule]:
    for stages in (program.stages, *program.each.values()):
        for stage in stages:
            yield from stage


def numbered(program: Program) -> dict[str, Rules]:
    """By its id, each rule alone."""
    return {rule.id: 1 << number for number, rule in enumerate(rules_of(program))}


def members(bits: int) -> list[int]:
    """The numbers of the bits that are 1, in order; of numbers from nought up."""
    digits = f"{bits:b}"[::-1]
    found = []
    number = digits.find("1")
    while number >= 0:
        found.append(number)
        number = digits.find("1", number + 1)
    return found


def only(program: Program, rules: Rules) -> Program:
    """The program without the other rules and without the stages that are empty then. All facts and counts stay."""
    if rules == EVERY_RULE:
        return program
    first = 0
    kept: dict[str, Stages] = {}
    for name, stages in {"": program.stages, **program.each}.items():
        of_name = []
        for stage in stages:
            meant = rules >> first & ~(-1 << len(stage))
            first += len(stage)
            if meant:
                of_name.append(tuple([stage[number] for number in members(meant)]))
        kept[name] = tuple(of_name)
    patient = kept.pop("")
    return replace(program, stages=patient, each={name: stages for name, stages in kept.items() if stages})
