"""Compares the engine with the plain evaluator: ``python -m tests.engine.compare FIRST LAST`` runs these seeds.

Each seed is a random program on a few random patients, by all rules and by some. Writes a line before each program, so
that the last line names the seed that crashed the process.
"""

from __future__ import annotations

import sys
from random import Random

from cds import conditions
from cds.engine import Engine
from cds.ruleset.selection import EVERY_RULE, numbered, only
from tests.engine import random_programs

PATIENTS = 20


def main(first: int, last: int) -> None:
    for seed in range(first, last):
        sys.stdout.write(f"seed {seed}\n")
        sys.stdout.flush()
        compare(seed)


def compare(seed: int) -> None:
    random = Random(seed)
    program = random_programs.program(random)
    engine = Engine(program)
    for _ in range(PATIENTS):
        facts = random_programs.patient(random, program)
        for rules in (EVERY_RULE, Random(seed).getrandbits(len(numbered(program)))):
            expected, actual = conditions.infer(only(program, rules), facts), engine.infer(facts, rules)
            if expected != actual:
                raise AssertionError(f"seed {seed}: {expected} is not {actual}, of the rules {rules:b}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
