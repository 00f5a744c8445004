"""What could take the process down, run in a process of its own: ``python -m tests.engine.endurance NAME``."""

from __future__ import annotations

import os
import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from cds import conditions
from cds.clinical import Inference
from cds.engine import Engine
from cds.engine.network import Network, message
from cds.errors import EngineFault
from cds.ruleset.model import Test
from tests.engine import random_programs
from tests.engine.small import patient, present, program, rule

EVALUATIONS = 8_000  # the soak of `make faults` is of a hundred thousand calls
ENGINES = 250
THREADS = 8
TURNS = 400  # where two threads had one session, a dozen would show it
GROWTH = 1_000_000  # bytes that count as none: less than 150 for each evaluation, and 7,000 for each engine


def soak() -> None:
    """Thousands of evaluations, each right, in the memory of the first thousand."""
    engine, cases = _cases(seed=4, patients=50)
    for number in range(EVALUATIONS):
        facts, expected = cases[number % len(cases)]
        assert engine.infer(facts) == expected
        if number == 1_000:
            before = _memory()
    assert _memory() - before < GROWTH, f"grew by {_memory() - before} bytes"


def reload() -> None:
    """An engine that is dropped gives its memory back."""
    for number in range(ENGINES):
        _cases(seed=number % 20, patients=1)
        if number == 100:
            before = _memory()
    assert _memory() - before < GROWTH, f"grew by {_memory() - before} bytes"


def threads() -> None:
    """Several threads, each with its own patients, on one engine and on engines of their own."""
    shared = _cases(seed=54, patients=40)
    wrong: list[str] = []

    def work(number: int) -> None:
        own = _cases(seed=100 + number, patients=10)
        for turn in range(TURNS):
            for engine, cases in (shared, own):
                facts, expected = cases[(number + turn) % len(cases)]
                if engine.infer(facts) != expected:
                    wrong.append(f"thread {number}, turn {turn}")

    sys.setswitchinterval(1e-5)
    _together(work, range(THREADS))
    assert not wrong, wrong[:3]


def interleaved() -> None:
    """One patient's allergy is of the class that the other patient's order is of: the rule is for neither."""
    clash = [Test(name, "is", "class", "nsaid") for name in ("allergy", "draft")]
    asked = program([rule("clash", *clash)])
    engine = Engine(asked)
    patients = [
        patient(asked, present("allergy", **{"class": one}), present("draft", **{"class": other}))
        for one, other in (("nsaid", "opioid"), ("opioid", "nsaid"))
    ]
    fired: list[Inference] = []

    def work(turn: int) -> None:
        for number in range(10_000):
            found = engine.infer(patients[(turn + number) % 2])
            if found.fired:
                fired.append(found)

    work(0)
    sys.setswitchinterval(1e-5)
    _together(work, range(4))
    assert not fired
    assert engine.infer({**patients[0], "draft": patients[1]["draft"]}).fired, "nothing was compared"


def unmatched() -> None:
    """Sessions in which no fact matches, in new and in used networks, are closed without harm."""
    for _ in range(300):
        network = Network([[0, 3]])
        assert not network.fired([[message(1), message(2), message(3)]], {})[-1]
        assert network.fired([[message(0), message(3)]], {})[-1] == {0}
        assert not network.fired([[]], {})[-1]


def faults() -> None:
    """More faults than the library has room for sessions: each is reported, and none leaves its session behind."""
    network = Network([[0]])
    for _ in range(3_000):
        try:
            network.fired([[message(0), '"q1":1e-9}']], {})
        except EngineFault:
            continue
        raise AssertionError("a number with an exponent was taken")
    assert network.fired([[message(0)]], {})[-1] == {0}


def forked() -> None:
    """A child made while threads infer can go on with the engines of its parent, and make its own."""
    warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)  # it is meant to be
    engine, cases = _cases(seed=11, patients=20)
    stop = threading.Event()

    def work(_: int) -> None:
        while not stop.is_set():
            engine.infer(cases[0][0])

    workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    statuses = [_in_child(lambda: _check(engine, cases)) for _ in range(15)]
    statuses.append(_in_child(lambda: _check(*_cases(seed=12, patients=20))))
    stop.set()
    assert set(statuses) == {0}, statuses


def _in_child(work: Callable[[], None]) -> int:
    child = os.fork()
    if not child:
        work()
        os._exit(0)
    return os.waitpid(child, 0)[1]


def _check(engine: Engine, cases: Sequence[tuple[dict, Inference]]) -> None:
    for facts, expected in cases:
        if engine.infer(facts) != expected:
            os._exit(1)


def _cases(seed: int, patients: int) -> tuple[Engine, list[tuple[dict, Inference]]]:
    random = Random(seed)
    asked = random_programs.program(random)
    made = [random_programs.patient(random, asked) for _ in range(patients)]
    return Engine(asked), [(facts, conditions.infer(asked, facts)) for facts in made]


def _together(work: Callable, arguments: Sequence) -> None:
    workers = [threading.Thread(target=work, args=(argument,)) for argument in arguments]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def _memory() -> int:
    """Bytes resident; only Linux says so here."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


TRIALS = {trial.__name__: trial for trial in (soak, reload, threads, interleaved, unmatched, faults, forked)}

if __name__ == "__main__":
    TRIALS[sys.argv[1]]()
