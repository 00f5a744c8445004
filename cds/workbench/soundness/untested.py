"""Rules that no case lets fire."""

from __future__ import annotations

from collections.abc import Iterator

from cds.ruleset.model import Ruleset
from cds.workbench.soundness.finding import Finding
from cds.workbench.soundness.seen import Seen


def findings(ruleset: Ruleset, seen: Seen) -> Iterator[Finding]:
    for rule in ruleset.rules:
        if rule.id not in seen.tested:
            message = f'rule "{rule.id}": no case lets it fire' + (
                ", so that its card is never shown" if rule.card else ""
            )
            yield Finding("untested", ruleset.id, (rule.id,), rule.place, message)
        elif rule.card and rule.id not in seen.shown:
            message = f'rule "{rule.id}": it fires, but no case is of a hook at which its card shows'
            yield Finding("untested", ruleset.id, (rule.id, "card"), rule.place, message)
