"""Clauses compiled in blocks of a size the network bears, and the run of one block on what is told of a patient."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import reduce
from operator import or_

from cds.engine.clauses import Clause, in_order
from cds.engine.network import Network
from cds.engine.patterns import FLAG
from cds.engine.projection import Projection, bits, message
from cds.engine.refusals import too_large_circles, too_many_conditions
from cds.errors import RulesetError
from cds.ruleset.model import Rule

BLOCK_PATTERNS = 20
"""What a session costs grows with its block, and so does how many sessions there are with smaller blocks."""

_NOTHING: frozenset[int] = frozenset()


class Block:
    """Clauses compiled together.

    Most clauses cannot fire for most patients, and the bits of the ``Projection`` tell which: a clause is live when it
    would fire if every comparison came out true. Only what live clauses read is told to the network.
    """

    def __init__(self, clauses: Sequence[Clause]) -> None:
        concluded = [clause.concludes for clause in clauses]
        read = [frozenset(pattern.subject for pattern in clause.patterns) for clause in clauses]
        needs = [_needs(clause, concluded[place:]) for place, clause in enumerate(clauses)]
        gives = [0 if subject is None else bits(subject, "p") for subject in concluded]
        self._clauses = clauses
        self._network = Network([clause.patterns for clause in clauses])
        self._candidates = list(zip(needs, gives, read, strict=True))
        self._gate = _gate(needs)
        self._inner = {subject: bits(subject, "p") for subject in frozenset().union(*read) & set(concluded)}
        self._consequences = {
            place: message(subject, FLAG["present"], {})
            for place, subject in enumerate(concluded)
            if subject in self._inner
        }

    def run(self, projection: Projection) -> Iterator[tuple[Rule, bool]]:
        """Adds the conclusions that follow; answers with the rules that fire, and whether they surely do."""
        possibly, surely = self._fired(projection)
        for place in sorted(possibly):
            clause = self._clauses[place]
            if clause.concludes is not None:
                projection.conclude(clause.concludes, surely=place in surely)
            if clause.rule is not None:
                yield clause.rule, place in surely

    def _fired(self, projection: Projection) -> tuple[frozenset[int], frozenset[int]]:
        """The clauses that fire when what is unknown is taken to hold, and when it is not."""
        live = self._live(projection.possibly)
        if not live:
            return _NOTHING, _NOTHING
        told = [projection.messages(subject) for subject in self._asked(live, projection.possibly)]
        possibly = self._infer(possible for _, possible in told)
        if all(sure == possible for sure, possible in told):
            return possibly, possibly
        if not possibly or not self._live(projection.surely):
            return possibly, _NOTHING
        return possibly, self._infer(sure for sure, _ in told)

    def _live(self, holding: int) -> list[frozenset[int]]:
        """What each live clause reads."""
        live: list[frozenset[int]] = []
        if self._gate and not self._gate & holding:
            return live
        lacking = ~holding
        for needs, gives, read in self._candidates:
            if not needs & lacking:
                lacking &= ~gives
                live.append(read)
        return live

    def _asked(self, live: Iterable[frozenset[int]], holding: int) -> list[int]:
        """The subjects read by these; a conclusion of this very block only if it was drawn before."""
        return sorted(one for one in frozenset().union(*live) if self._inner.get(one, -1) & holding)

    def _infer(self, messages: Iterable[str]) -> frozenset[int]:
        return self._network.fired(filter(None, messages), self._consequences)


def compiled(clauses: Sequence[Clause]) -> Iterator[Block]:
    """In the order they are to run. Raises ``RulesetError`` for what the network could not bear."""
    groups = list(in_order(clauses))
    if problems := (*too_many_conditions(clauses), *too_large_circles(groups)):
        raise RulesetError(problems)
    block: list[Clause] = []
    for group in groups:
        if block and _size(block) + _size(group) > BLOCK_PATTERNS:
            yield Block(block)
            block = []
        block += group
    if block:
        yield Block(block)


def _gate(needs: Sequence[int]) -> int:
    """One relation that each clause needs: when none of these holds, no clause is live. Zero when one needs none.

    The highest is taken, because what is written later tends to be rarer.
    """
    return reduce(or_, (1 << need.bit_length() - 1 for need in needs)) if all(needs) else 0


def _size(clauses: Iterable[Clause]) -> int:
    return sum(max(1, len(clause.patterns)) for clause in clauses)


def _needs(clause: Clause, given: Collection[int | None]) -> int:
    """The relations that have to hold, but for those of the subjects given."""
    needs = 0
    for pattern in clause.patterns:
        if pattern.subject not in given:
            needs |= bits(pattern.subject, pattern.flags)
    return needs
