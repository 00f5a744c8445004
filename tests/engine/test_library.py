"""Each fault of the library that docs/decisions/0002-engine.md lists, and that it cannot touch us.

What might end the process runs in one of its own (``tests.engine.endurance``).
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from cds import conditions
from cds.engine import Engine
from cds.engine.network import Network, message
from cds.errors import EngineFault
from cds.ruleset.limits import MAX_BRANCHES
from cds.ruleset.model import AnyOf, Test
from tests.engine import endurance
from tests.engine.small import patient, present, program, rule

ROOT = Path(__file__).parents[2]
NUMBERS = [float(number) for number in range(MAX_BRANCHES)]


@pytest.mark.parametrize("trial", endurance.TRIALS)
def test_the_engine_withstands(trial):
    command = [sys.executable, "-X", "faulthandler", "-m", "tests.engine.endurance", trial]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert (0, "") == (run.returncode, run.stderr)


@pytest.mark.parametrize("text", ['"id":"3","q1":1e-9}', '"id":"3","q1":}', ' "id":"1","q1":1}'])
def test_an_error_of_the_library_is_an_engine_fault_and_passes(text):
    network = Network([[1]])

    with pytest.raises(EngineFault):
        network.fired([[message(2), message(1), text]], {})
    assert {0} == network.fired([[message(1)]], {})[-1]


def test_a_fact_that_matches_nothing_hides_no_other():
    network = Network([[place, 9] for place in range(5)])

    assert {0, 2} == network.fired([[message(question) for question in (7, 0, 8, 2, 9, 6)]], {})[-1]


@pytest.mark.parametrize("length", [255, 256, 257, 512, 513, 1_000])
def test_any_number_of_rules_that_begin_alike_is_compiled(length):
    asked = program(
        [rule(str(number), Test("age", "at least", "value", float(number)), conclude="old") for number in range(length)]
    )
    facts = patient(asked, present("age", value=300.0))

    started = time.monotonic()
    inference = Engine(asked).infer(facts)

    assert conditions.infer(asked, facts) == inference
    assert time.monotonic() - started < 10


def test_as_many_comparisons_of_one_fact_as_may_share_a_block_are_searched():
    links = [f"found-{place}" for place in range(MAX_BRANCHES)]
    asked = program(
        [
            rule(one, Test("age", "at least", "value", number), Test(other, "present"), conclude=one)
            for number, one, other in zip(NUMBERS, links, [*links[1:], links[0]], strict=True)
        ]
        + [rule("start", Test("fever", "present"), conclude=links[0])]
    )
    facts = patient(asked, present("age", value=100.0), present("fever"))

    assert {(name, None) for name in (*links, "start")} == Engine(asked).infer(facts).fired


def test_two_rules_may_draw_one_conclusion():
    asked = program(
        [
            rule("one", Test("pain", "present"), conclude="found"),
            rule("other", Test("fever", "present"), conclude="found"),
            rule("next", Test("found", "present")),
        ]
    )

    found = Engine(asked).infer(patient(asked, present("pain"), present("fever")))

    assert {("one", None), ("other", None), ("next", None)} == found.fired


def test_two_conditions_on_one_fact_are_met_by_one_fact():
    asked = program([rule("both", Test("pain", "above", "value", 3.0), Test("pain", "is", "side", "left"))])
    engine = Engine(asked)

    assert engine.infer(patient(asked, present("pain", value=4.0, side="left"))).fired
    assert not engine.infer(patient(asked, present("pain", value=3.0, side="left"))).fired


def fnv_1a(text: str) -> int:
    """The hash by which alone the library tells properties apart."""
    code = 2166136261
    for byte in text.encode():
        code = (code ^ byte) * 16777619 % 2**32
    return code


def test_no_two_properties_share_the_hash_by_which_they_are_told_apart():
    names = ["sid", "id", "$s", "$forward", "open", *(f"q{place}" for place in range(10_000))]

    assert len(names) == len(set(map(fnv_1a, names)))


def test_the_engine_starts_no_thread():
    before = threading.active_count()
    asked = program([rule("one", AnyOf((Test("pain", "present"), Test("fever", "present"))))])
    Engine(asked).infer(patient(asked, present("pain")))

    assert before == threading.active_count()


def test_a_library_built_without_the_flag_says_what_to_do(tmp_path):
    broken = "raise ImportError('undefined symbol: PyEval_CallObject')"
    (tmp_path / "durable_rules_engine.py").write_text(broken)
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import cds.engine"
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)

    assert "CPPFLAGS=-DPyEval_CallObject=PyObject_CallObject: install with scripts/install" in run.stderr
