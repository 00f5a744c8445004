"""Whether the rulesets load and every service compiles, and how much there is."""

from __future__ import annotations

from pathlib import Path

from cds.evaluate import prepare
from cds.ruleset.load import load


def check(folder: Path) -> dict[str, int]:
    """Counts of what was loaded. Raises ``RulesetError`` with every problem."""
    knowledge = load(folder)
    for rulesets in {service.rulesets for service in knowledge.services}:
        prepare(knowledge, rulesets)
    return {
        "services": len(knowledge.services),
        "rulesets": len(knowledge.rulesets),
        "facts": sum(len(ruleset.facts) for ruleset in knowledge.rulesets.values()),
        "rules": sum(len(ruleset.rules) for ruleset in knowledge.rulesets.values()),
        "value sets": len(knowledge.valuesets),
    }
