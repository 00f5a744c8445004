"""The checks that need the solver."""

from __future__ import annotations

from collections.abc import Iterator

from cds.workbench.soundness import advice, bands, covering, offered, reaching
from cds.workbench.soundness.checking import Together
from cds.workbench.soundness.finding import Finding
from cds.workbench.soundness.orders import apart
from cds.workbench.soundness.seen import Seen
from cds.workbench.soundness.solving import Prover


def findings(together: Together, seen: Seen) -> Iterator[Finding]:
    """Of the rulesets of ``together`` that are looked at with it, among all that run with them."""
    unlike = apart(together.specs.values(), together.knowledge.valuesets)
    prover = Prover(together.rules, together.counts, together.specs, unlike)
    for rule in together.own_rules:
        yield from reaching.findings(prover, rule, seen)
    yield from covering.findings(prover, together.own_rules, seen)
    yield from bands.findings(prover, together.own_rules)
    yield from advice.findings(prover, together.own_rules)
    yield from offered.findings(prover, together.own_rules, together.knowledge)
