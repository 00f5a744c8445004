"""Forward chaining: what follows from the facts of one patient by the rules of one program.

``Engine.infer`` answers as ``cds.conditions.infer`` does, the plain reading of the language; tests hold the two
together. Here the rules are compiled once, and only those are touched that the patient's facts can reach.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

from cds.clinical import Fact, Inference
from cds.engine.blocks import Block, compiled
from cds.engine.clauses import Clauses
from cds.engine.patterns import Vocabulary, vocabulary
from cds.engine.projection import Projection, ground
from cds.engine.refusals import too_many_attributes
from cds.errors import RulesetError
from cds.ruleset.model import Program, Rule, Stages

__all__ = ["Engine"]


class Engine:
    """The compiled rules of a program; its memory is given back when it is dropped. Any thread may use it.

    Raises ``RulesetError`` when it is made of rules that the library underneath could not bear.
    """

    def __init__(self, program: Program) -> None:
        words = vocabulary(program)
        if problems := tuple(too_many_attributes(program, words)):
            raise RulesetError(problems)
        unnamed = itertools.count(len(words.subjects))
        self._ground = ground(program, words)
        self._blocks = _compiled(program.stages, words, unnamed)
        self._each = {name: _compiled(stages, words, unnamed) for name, stages in program.each.items()}

    def infer(self, facts: Mapping[str, Fact]) -> Inference:
        """Raises ``EngineFault`` when the library reports an error."""
        truths = dict(self._truths(facts))
        fired = frozenset(key for key, surely in truths.items() if surely)
        return Inference(fired, frozenset(truths) - fired)

    def _truths(self, facts: Mapping[str, Fact]) -> Iterator[tuple[tuple[str, str | None], bool]]:
        """The rules that may fire, for the patient and then for each item, and whether they surely do."""
        patient = Projection.of(self._ground, facts)
        for rule, surely in _run(self._blocks, patient):
            yield (rule.id, None), surely
        for name, item_blocks in self._each.items():
            for item in facts[name].items:
                for rule, surely in _run(item_blocks, patient.of_item(name, item)):
                    yield (rule.id, item.name), surely


def _compiled(stages: Stages, words: Vocabulary, unnamed: Iterator[int]) -> list[Block]:
    clauses = Clauses(words, unnamed)
    return [block for stage in stages for block in compiled([clause for rule in stage for clause in clauses.of(rule)])]


def _run(blocks: Sequence[Block], projection: Projection) -> Iterator[tuple[Rule, bool]]:
    for block in blocks:
        yield from block.run(projection)
