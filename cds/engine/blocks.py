"""Clauses compiled in blocks of a size the network bears, and the run of one block on the answers of a patient."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

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

    def __init__(self, clauses: Sequence[Clause], ground: Ground) -> None:
        concluded = [clause.concludes for clause in clauses]
        needs = [_needs(clause, concluded[place:], ground) for place, clause in enumerate(clauses)]
        gives = [_bits((Question(subject, PRESENT),), ground) for subject in concluded]
        places = _places(clauses)
        read = [frozenset(places[question] for question in clause.questions) for clause in clauses]
        drawn = {place: places.get(Question(subject, PRESENT)) for place, subject in enumerate(concluded)}
        self.clauses = clauses
        self._network = Network([sorted(each) for each in read])
        self._candidates = list(zip(needs, gives, read, strict=True))
        self._asked = [(1 << ground.numbers[question], message(place)) for question, place in places.items()]
        self._counts = [
            name for name in dict.fromkeys(question.subject for question in places) if name in ground.counts
        ]
        self._consequences = {clause: message(place) for clause, place in drawn.items() if place is not None}

    def run(self, answers: Answers, chosen: Sequence[int]) -> Iterator[tuple[Rule, bool]]:
        """Adds the conclusions that follow by the chosen clauses, given by their places, in order.

        Answers with those of their rules that fire, and whether they surely do.
        """
        if self._counts and self._live(answers.possibly, chosen):
            for count in self._counts:
                answers.settle(count)
        surely, possibly = self._fired(answers, chosen)
        for place in chosen if possibly else ():
            if place in possibly:
                clause = self.clauses[place]
                if clause.concludes:
                    answers.conclude(clause.concludes, surely=place in surely)
                if clause.rule is not None:
                    yield clause.rule, place in surely

    def _fired(self, answers: Answers, chosen: Sequence[int]) -> Sequence[frozenset[int]]:
        """The clauses that fire when what is unknown is not taken to hold, and when it is."""
        live = self._live(answers.possibly, chosen)
        if not live:
            return _NOTHING, _NOTHING
        asked = [self._asked[place] for place in frozenset().union(*live)]
        possible = [text for bit, text in asked if answers.possibly & bit]
        sure = [text for bit, text in asked if answers.surely & bit]
        # What the other clauses would conclude is not told: they may have all their questions in common with these.
        consequences = {place: self._consequences[place] for place in chosen if place in self._consequences}
        return self._network.fired((sure, possible), consequences)

    def _live(self, holding: int, chosen: Sequence[int]) -> list[frozenset[int]]:
        """What each live clause asks."""
        live: list[frozenset[int]] = []
        for place in chosen:
            needs, gives, read = self._candidates[place]
            if needs & holding == needs:
                holding |= gives
                live.append(read)
        return live


Chosen: TypeAlias = Sequence[tuple[Block, Sequence[int]]]
"""Blocks in the order they are to run, each with the places of those of its clauses that count."""


class Blocks:
    """The blocks of some stages, and which of their clauses serve which rules."""

    def __init__(self, blocks: Sequence[Block], serves: Mapping[str, Rules]) -> None:
        self._clauses = [(block, place) for block in blocks for place in range(len(block.clauses))]
        self._serving: dict[int, list[int]] = defaultdict(list)  # by the number of a rule, clauses
        for number, (block, place) in enumerate(self._clauses):
            for rule in members(serves[block.clauses[place].name]):
                self._serving[rule].append(number)
        self._rules = sum(1 << rule for rule in self._serving)

    def of(self, rules: Rules) -> Chosen:
        """The clauses that serve some of these rules."""
        serving = [self._serving[rule] for rule in members(rules & self._rules)]
        chosen: dict[Block, list[int]] = {}
        for number in sorted(set().union(*serving)):
            block, place = self._clauses[number]
            chosen.setdefault(block, []).append(place)
        return list(chosen.items())


def compiled(clauses: Sequence[Clause], ground: Ground) -> Iterator[Block]:
    """In the order they are to run. Raises ``RulesetError`` for what the network could not bear."""
    groups = list(in_order(clauses))
    if problems := (*too_many_conditions(clauses), *too_large_circles(groups)):
        raise RulesetError(problems)
    block: list[Clause] = []
    for group in groups:
        if block and _size(block) + _size(group) > BLOCK_QUESTIONS:
            yield Block(block, ground)
            block = []
        block += group
    if block:
        yield Block(block, ground)


def _places(clauses: Iterable[Clause]) -> dict[Question, int]:
    """What the clauses ask, numbered."""
    questions = dict.fromkeys(question for clause in clauses for question in clause.questions)
    return {question: place for place, question in enumerate(questions)}


def _size(clauses: Iterable[Clause]) -> int:
    return sum(max(1, len(clause.questions)) for clause in clauses)


def _needs(clause: Clause, drawn: Collection[str], ground: Ground) -> int:
    """The answers that have to be yes, but for those about the conclusions drawn by this clause or after it."""
    return _bits((question for question in clause.questions if question.subject not in drawn), ground)


def _bits(questions: Iterable[Question], ground: Ground) -> int:
    """Of those questions that are asked at all."""
    return sum(1 << ground.numbers[question] for question in questions if question in ground.numbers)
