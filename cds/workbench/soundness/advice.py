"""Cards that contradict each other on one input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cds.ruleset.model import Knowledge, Rule
from cds.workbench.soundness.finding import Finding
from cds.workbench.soundness.solving import Prover


def findings(prover: Prover, own: Sequence[Rule], knowledge: Knowledge) -> Iterator[Finding]:
    return iter(())
