"""How long the stages of one call took: for the metrics, and for its trace."""

from __future__ import annotations

from time import perf_counter_ns
from typing import NamedTuple


class Stage(NamedTuple):
    """Moments are nanoseconds of ``perf_counter_ns``."""

    name: str
    began: int
    ended: int


class Laps:
    """Of one call. The first stage begins when this is made."""

    def __init__(self) -> None:
        self.stages: list[Stage] = []
        self._since = perf_counter_ns()

    def lap(self, stage: str) -> None:
        """It has ended, and the next one begins."""
        now = perf_counter_ns()
        self.stages.append(Stage(stage, self._since, now))
        self._since = now
