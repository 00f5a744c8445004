"""Clauses compiled in blocks of a size the network bears, and the run of one block on the answers of a patient."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import or_

from cds.engine.answers import Answers, Ground
from cds.engine.clauses import Clause, in_order
from cds.engine.network import Network, message
from cds.engine.questions import PRESENT, Question
from cds.engine.refusals import too_large_circles, too_many_conditions
from cds.errors import RulesetError
from cds.ruleset.model import Rule
from cds.ruleset.selection import Rules, members

BLOCK_QUESTIONS = 20
"""What a session costs grows with its block, and so does how many sessions there are with smaller blocks."""

_NOTHING: frozenset[int] = frozenset()


class Block:
    """Clauses compiled together.

    Most clauses cannot fire for most patients, and the bits of the ``Answers`` tell which: a clause is live when it
    would fire if the conclusions that it waits for in its block were drawn. Only what live clauses ask is told to the
    network.
    """

    def __init__(self, clauses: Sequence[Clause], ground: Ground, serves: Mapping[str, Rules]) -> None:
        concluded = [clause.concludes for clause in clauses]
        needs = [_needs(clause, concluded[place:], ground) for place, clause in enumerate(clauses)]
        gives = [_bits((Question(subject, PRESENT),), ground) for subject in concluded]
        places = _places(clauses)
        read = [frozenset(places[question] for question in clause.questions) for clause in clauses]
        served = [serves[clause.name] for clause in clauses]
        drawn = {place: places.get(Question(subject, PRESENT)) for place, subject in enumerate(concluded)}
        self.rules = reduce(or_, served)
        self._clauses = list(zip(clauses, served, strict=True))
        self._network = Network([sorted(each) for each in read])
        self._candidates = list(zip(needs, gives, read, served, strict=True))
        self._gate = _gate(needs)
        self._asked = [(ground.numbers[question], message(place)) for question, place in places.items()]
        self._counts = [name for name in ground.counts if any(question.subject == name for question in places)]
        self._consequences = {clause: message(place) for clause, place in drawn.items() if place is not None}

    def run(self, answers: Answers, rules: Rules) -> Iterator[tuple[Rule, bool]]:
        """Adds the conclusions that follow; answers with those of the rules that fire, and whether they surely do."""
        if self._counts and self._live(answers.possibly, rules):
            for count in self._counts:
                answers.settle(count)
        possibly, surely = self._fired(answers, rules)
        for place in sorted(possibly):
            clause, served = self._clauses[place]
            if served & rules:
                if clause.concludes:
                    answers.conclude(clause.concludes, surely=place in surely)
                if clause.rule is not None:
                    yield clause.rule, place in surely

    def _fired(self, answers: Answers, rules: Rules) -> tuple[frozenset[int], frozenset[int]]:
        """The clauses that fire when what is unknown is taken to hold, and when it is not."""
        live = self._live(answers.possibly, rules)
        if not live:
            return _NOTHING, _NOTHING
        asked = [self._asked[place] for place in frozenset().union(*live)]
        possible = [text for number, text in asked if answers.possibly >> number & 1]
        sure = [text for number, text in asked if answers.surely >> number & 1]
        consequences = self._consequences_of(rules)
        possibly = self._network.fired(possible, consequences)
        if sure == possible:
            return possibly, possibly
        if not possibly or not self._live(answers.surely, rules):
            return possibly, _NOTHING
        return possibly, self._network.fired(sure, consequences)

    def _consequences_of(self, rules: Rules) -> Mapping[int, str]:
        """What the other rules would conclude is not told: a clause of theirs may have all its questions in common."""
        if not self.rules & ~rules:
            return self._consequences
        return {place: text for place, text in self._consequences.items() if self._clauses[place][1] & rules}

    def _live(self, holding: int, rules: Rules) -> list[frozenset[int]]:
        """What each live clause asks."""
        live: list[frozenset[int]] = []
        if self._gate and not self._gate & holding:
            return live
        lacking = ~holding
        for needs, gives, read, served in self._candidates:
            if not needs & lacking and served & rules:
                lacking &= ~gives
                live.append(read)
        return live


class Blocks:
    """The blocks of some stages, in the order they are to run, found by the rules they serve."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self._rules = reduce(or_, (block.rules for block in blocks), 0)
        self._serving: dict[int, int] = defaultdict(int)  # by the number of a rule, a bit for each block
        for place, block in enumerate(blocks):
            for number in members(block.rules):
                self._serving[number] |= 1 << place

    def of(self, rules: Rules) -> list[Block]:
        """Those that serve some of these rules."""
        serving = [self._serving[number] for number in members(rules & self._rules)]
        return [self._blocks[place] for place in members(reduce(or_, serving, 0))]


def compiled(clauses: Sequence[Clause], ground: Ground, serves: Mapping[str, Rules]) -> Iterator[Block]:
    """In the order they are to run. Raises ``RulesetError`` for what the network could not bear."""
    groups = list(in_order(clauses))
    if problems := (*too_many_conditions(clauses), *too_large_circles(groups)):
        raise RulesetError(problems)
    block: list[Clause] = []
    for group in groups:
        if block and _size(block) + _size(group) > BLOCK_QUESTIONS:
            yield Block(block, ground, serves)
            block = []
        block += group
    if block:
        yield Block(block, ground, serves)


def _places(clauses: Iterable[Clause]) -> dict[Question, int]:
    """What the clauses ask, numbered."""
    questions = dict.fromkeys(question for clause in clauses for question in clause.questions)
    return {question: place for place, question in enumerate(questions)}


def _gate(needs: Sequence[int]) -> int:
    """One answer that each clause needs: when none of these is yes, no clause is live. Zero when one needs none.

    The highest is taken, because what is written later tends to be rarer.
    """
    return reduce(or_, (1 << need.bit_length() - 1 for need in needs)) if all(needs) else 0


def _size(clauses: Iterable[Clause]) -> int:
    return sum(max(1, len(clause.questions)) for clause in clauses)


def _needs(clause: Clause, drawn: Collection[str], ground: Ground) -> int:
    """The answers that have to be yes, but for those about the conclusions drawn by this clause or after it."""
    return _bits((question for question in clause.questions if question.subject not in drawn), ground)


def _bits(questions: Iterable[Question], ground: Ground) -> int:
    """Of those questions that are asked at all."""
    return sum(1 << ground.numbers[question] for question in questions if question in ground.numbers)
