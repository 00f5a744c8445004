"""What was seen of one fault: figures, and what was not as it has to be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bench.arrivals import Replies


class Size(NamedTuple):
    """How much is done. ``outage``: seconds that something is away; ``slow``: connections of each slow kind.

    ``patience``: what limits of time are multiplied by, on a machine that has other things to do.
    """

    seconds: float
    rate: float
    outage: float
    slow: int
    herd: int
    reloads: int
    soak: int
    patience: float


SMALL = Size(seconds=2, rate=20, outage=2, slow=100, herd=100, reloads=20, soak=4_000, patience=10)
FULL = Size(seconds=10, rate=50, outage=30, slow=1_000, herd=500, reloads=1_000, soak=100_000, patience=1)


class LeftOut(Exception):
    """This machine cannot do it; the message says why."""


@dataclass
class Observed:
    patience: float = 1
    figures: dict[str, object] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def tell(self, **figures: object) -> None:
        self.figures |= figures

    def expect(self, words: str, holds: bool) -> None:
        """``words``: what has to be so."""
        if not holds:
            self.wrong.append(words)

    def answered(self, replies: Replies, *statuses: int, p99: float | None = None, of: str = "") -> None:
        """Every call, with one of these statuses; ``p99``: in milliseconds, at most."""
        name = f"{of} " if of else ""
        if not replies:
            self.expect(f"there are {name}answers", False)
            return
        told = " ".join(f"{status}×{count}" for status, count in sorted(replies.statuses.items()))
        self.tell(**{f"{name}answers": told, f"{name}p99 ms": round(replies.share(99), 1)})
        if self.patience > 1 and 200 in statuses:
            statuses = (*statuses, 503)  # on a machine that has other things to do a call may find no turn in time
        listed = " or ".join(map(str, statuses))
        self.expect(f"{name}answers are all {listed}", set(replies.statuses) <= set(statuses))
        if p99 is not None:
            self.within(f"{name}p99", replies.share(99), p99)

    def within(self, words: str, milliseconds: float, limit: float) -> None:
        limit *= self.patience
        self.expect(f"{words} is at most {limit:.0f} ms, not {milliseconds:.0f}", milliseconds <= limit)


class Fault(NamedTuple):
    """``expected``: in words, what the service has to do; ``inject``: puts the fault in and writes down what it saw."""

    name: str
    title: str
    expected: str
    inject: Callable[[Observed, Size], None]


class Verdict(NamedTuple):
    fault: Fault
    word: str  # PASS, FAIL, LEFT OUT
    seconds: float
    figures: dict[str, object]
    wrong: Sequence[str]

    def line(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.figures.items())
        against = "".join(f"\n    not so: {words}" for words in self.wrong)
        return f"{self.fault.name:<4} {self.word:<8} {self.fault.title}: {told} ({self.seconds:.0f} s){against}"

    def row(self) -> tuple[str, ...]:
        """Of a table of Markdown."""
        told = "; ".join(f"{name} {value}" for name, value in self.figures.items()).replace("|", "/")
        against = "".join(f"; **not so: {words}**" for words in self.wrong)
        return self.fault.name, self.fault.title, self.fault.expected, self.word, f"{told}{against}"

    def written(self) -> dict[str, object]:
        return {
            "fault": self.fault.name,
            "title": self.fault.title,
            "expected": self.fault.expected,
            "verdict": self.word,
            "seconds": round(self.seconds, 1),
            "figures": self.figures,
            "wrong": list(self.wrong),
        }
