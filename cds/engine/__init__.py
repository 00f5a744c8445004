"""Forward chaining: what follows from the facts of one patient by the rules of one program.

``Engine.infer`` answers as ``cds.conditions.infer`` does, the plain reading of the language; tests hold the two
together. Here the rules are compiled once, and only those are touched that the patient's facts can reach.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cds.clinical import Fact, Inference, about_one
from cds.engine.answers import Answers, Ground
from cds.engine.blocks import Blocks, Chosen, compiled
from cds.engine.clauses import Clause, Clauses, served
from cds.ruleset.model import Program, Rule, Stages
from cds.ruleset.selection import EVERY_RULE, Rules, numbered

__all__ = ["Engine"]


class Engine:
    """The compiled rules of a program; its memory is given back when it is dropped. Any thread may use it.

    Raises ``RulesetError`` when it is made of rules that the library underneath could not bear.
    """

    def __init__(self, program: Program) -> None:
        write = Clauses()
        patient = _clauses(program.stages, write)
        items = {name: _clauses(stages, write) for name, stages in program.each.items()}
        written = [clause for stages in (patient, *items.values()) for stage in stages for clause in stage]
        self._ground = Ground.of(program, (question for clause in written for question in clause.questions))
        self._served = served(written, numbered(program))
        self._blocks = self._compiled(patient)
        self._each = {name: self._compiled(stages) for name, stages in items.items()}

    def infer(self, facts: Mapping[str, Fact], rules: Rules = EVERY_RULE) -> Inference:
        """What comes of these rules, when none of the others has a say in it. ``facts``: all that they ask for.

        Raises ``EngineFault`` when the library reports an error.
        """
        truths = dict(self._truths(facts, rules))
        fired = frozenset(key for key, surely in truths.items() if surely)
        return Inference(fired, frozenset(truths) - fired)

    def _compiled(self, stages: Sequence[Sequence[Clause]]) -> Blocks:
        return Blocks([block for stage in stages for block in compiled(stage, self._ground)], self._served)

    def _truths(self, facts: Mapping[str, Fact], rules: Rules) -> Iterator[tuple[tuple[str, str | None], bool]]:
        """The rules that may fire, for the patient and then for each item, and whether they surely do."""
        patient = Answers.of(self._ground, facts)
        for rule, surely in _run(self._blocks.of(rules), patient):
            yield (rule.id, None), surely
        for name, blocks in self._each.items():
            chosen = blocks.of(rules)
            for item in facts[name].items if chosen else ():
                for rule, surely in _run(chosen, patient.of_item(about_one(facts, item.name))):
                    yield (rule.id, item.name), surely


def _clauses(stages: Stages, write: Clauses) -> list[list[Clause]]:
    return [[clause for rule in stage for clause in write.of(rule)] for stage in stages]


def _run(chosen: Chosen, answers: Answers) -> Iterator[tuple[Rule, bool]]:
    for block, places in chosen:
        yield from block.run(answers, places)
