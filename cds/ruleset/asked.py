"""What a rule asks about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cds.ruleset.model import AnyOf, Count, Rule, Test


def tests_of(rule: Rule, counts: Mapping[str, Count]) -> Iterator[Test]:
    """Every test of a rule, and those of the counts it asks for."""
    for condition in rule.when:
        for test in condition.tests if isinstance(condition, AnyOf) else (condition,):
            yield test
            if test.subject in counts:
                yield from counts[test.subject].tests


def facts_shown(rule: Rule) -> tuple[str, ...]:
    """The facts and counts that the card of a rule names, in its texts or in what it suggests."""
    return rule.card.shown if rule.card else ()


def subjects_of(rule: Rule, counts: Mapping[str, Count]) -> list[str]:
    """What a rule asks about and its card shows, with what counts count."""
    subjects = [*(test.subject for test in tests_of(rule, counts)), *facts_shown(rule)]
    for name in subjects:
        if name in counts:
            subjects.extend(test.subject for test in counts[name].tests)
    return subjects
