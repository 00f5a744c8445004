"""Which rules lead to something that is told at a hook: the others need not run there, nor need their data be read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from cds.ruleset.asked import subjects_of
from cds.ruleset.model import Count, Rule


def leading(rules: Sequence[Rule], counts: Mapping[str, Count], hook: str) -> list[Rule]:
    """Those with a card or system actions for the hook, and all whose conclusions have a say in them."""
    drawing: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        drawing[rule.conclude].append(rule)
    wanted = {rule.id: rule for rule in rules if _told_at(rule, hook)}
    waiting = list(wanted.values())
    while waiting:
        subjects = subjects_of(waiting.pop(), counts)
        news = [drawer for subject in subjects for drawer in drawing.get(subject, ()) if drawer.id not in wanted]
        wanted |= {drawer.id: drawer for drawer in news}
        waiting.extend(news)
    return [rule for rule in rules if rule.id in wanted]


def _told_at(rule: Rule, hook: str) -> bool:
    return bool(rule.card or rule.system) and (not rule.hooks or hook in rule.hooks)
