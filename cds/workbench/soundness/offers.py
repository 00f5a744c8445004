"""Services at a hook where none of their rules has anything to show."""

from __future__ import annotations

from collections.abc import Iterator

from cds.ruleset.leading import leading
from cds.ruleset.model import Knowledge
from cds.ruleset.program import with_used
from cds.workbench.soundness.finding import Finding


def findings(knowledge: Knowledge) -> Iterator[Finding]:
    for service in knowledge.services:
        rulesets = with_used(knowledge.rulesets, service.rulesets)
        counts = {name: count for ruleset in rulesets for name, count in ruleset.counts.items()}
        rules = [rule for ruleset in rulesets for rule in ruleset.rules if ruleset.status == "active"]
        if not leading(rules, counts, service.hook):
            message = f'service "{service.id}" has no card for the hook {service.hook}'
            yield Finding("no card", service.id, (service.hook,), service.place, message)
