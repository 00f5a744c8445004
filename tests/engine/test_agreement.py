"""The engine answers as the plain evaluator does, on random programs and patients of every construct.

Each run of seeds has a process of its own: a crash of the library is a failure that names its seed. Others can be
tried with ``python -m tests.engine.compare FIRST LAST``.
"""

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from cds import conditions
from tests.engine import random_programs

ROOT = Path(__file__).parents[2]
SEEDS = 100  # of 20 patients each, so that the runs below make 10,000 comparisons


@pytest.mark.parametrize("first", range(0, 5 * SEEDS, SEEDS))
def test_engine_and_plain_evaluator_agree(first):
    command = [sys.executable, "-X", "faulthandler", "-m", "tests.engine.compare", str(first), str(first + SEEDS)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    last = run.stdout.splitlines()[-1:]
    assert (0, [f"seed {first + SEEDS - 1}"]) == (run.returncode, last), f"{last} {run.stderr}"


def test_the_random_programs_reach_what_they_are_to_compare():
    found = [inference(seed) for seed in range(200)]

    assert min(sum(len(one.fired) for one in found), sum(len(one.undecided) for one in found)) > 400
    assert sum(item is not None for one in found for _, item in one.fired) > 40
    assert sum(not one.fired for one in found) > 5


def inference(seed):
    random = Random(seed)
    program = random_programs.program(random)
    return conditions.infer(program, random_programs.patient(random, program))
