"""What is worked out and never asked for: conclusions, facts, counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from cds.ruleset.asked import subjects_of, tests_of
from cds.ruleset.model import FactSpec, Knowledge, Place, Rule
from cds.ruleset.questions import facts_named_by
from cds.workbench.soundness.finding import Finding


def findings(knowledge: Knowledge) -> Iterator[Finding]:
    rulesets = knowledge.rulesets.values()
    counts = {name: count for ruleset in rulesets for name, count in ruleset.counts.items()}
    specs = {name: spec for ruleset in rulesets for name, spec in ruleset.facts.items()}
    rules = [rule for ruleset in rulesets for rule in ruleset.rules]
    asked = {name for rule in rules for name in subjects_of(rule, counts)}
    asked |= {test.anchor for rule in rules for test in tests_of(rule, counts)} | {rule.each for rule in rules}
    yield from _conclusions(rules, asked)
    for ruleset in rulesets:
        for name, count in ruleset.counts.items():
            if name not in asked:
                yield _finding(ruleset.id, name, count.place, f'count "{name}" is asked for by no rule')
        yield from _facts(ruleset.id, ruleset.facts, asked | _built_on(asked, specs))


def _conclusions(rules: Iterable[Rule], asked: set[str]) -> Iterator[Finding]:
    first: dict[tuple[str, str], Rule] = {}
    for rule in rules:
        if rule.conclude and rule.conclude not in asked:
            first.setdefault((rule.ruleset, rule.conclude), rule)
    for (ruleset, name), rule in first.items():
        yield _finding(
            ruleset, name, rule.place, f'conclusion "{name}" is asked for by no rule, and no card depends on it'
        )


def _facts(ruleset: str, specs: Mapping[str, FactSpec], asked: set[str]) -> Iterator[Finding]:
    """Of facts that a table writes out from one line it is enough that one of them is asked for."""
    by_place: dict[Place, list[str]] = defaultdict(list)
    for name, spec in specs.items():
        by_place[spec.place].append(name)
    for place, names in by_place.items():
        if asked.isdisjoint(names):
            yield _finding(ruleset, names[0], place, f'fact "{names[0]}" is asked for by no rule')


def _built_on(names: Iterable[str], specs: Mapping[str, FactSpec]) -> set[str]:
    found = [name for name in names if name in specs]
    for name in found:
        found.extend(other for _, other in facts_named_by(specs[name]) if other in specs and other not in found)
    return set(found)


def _finding(ruleset: str, name: str, place: Place, message: str) -> Finding:
    return Finding("never read", ruleset, (name,), place, message)
