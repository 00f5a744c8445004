"""The program of some rulesets: the facts they ask for, and their rules in the order in which they can be decided.

A rule that asks for a conclusion runs in the same stage as the rules that draw it, or later. One that asks for its
absence, or counts it, runs in a later stage: by then it is settled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from cds.ruleset.asked import facts_shown, tests_of
from cds.ruleset.kinds import KINDS
from cds.ruleset.leading import leading
from cds.ruleset.limits import MAX_RULES_PER_STAGE
from cds.ruleset.model import AnyOf, Codes, Count, FactSpec, Knowledge, Program, Rule, Ruleset, Stages, Test
from cds.ruleset.questions import facts_named_by
from cds.ruleset.strata import circles, way

_SETTLED = ("without", "unless")


class Need(NamedTuple):
    """A rule asks for a conclusion. ``settled``: it must be known for good before the rule is looked at."""

    conclusion: str
    settled: bool
    words: str


class CircleError(Exception):
    """Rules wait for each other through an absence or a count, so that none of them can be decided first."""

    def __init__(self, rule: Rule, message: str) -> None:
        super().__init__(message)
        self.rule = rule


def with_used(rulesets: Mapping[str, Ruleset], ids: Iterable[str]) -> tuple[Ruleset, ...]:
    """The rulesets of these ids and those they use, directly or not, each once."""
    names = list(dict.fromkeys(ids))
    for name in names:
        names.extend(used for used in rulesets[name].uses if used not in names)
    return tuple(rulesets[name] for name in names)


def program_of(knowledge: Knowledge, ids: Iterable[str], hook: str = "") -> Program:
    """The program of the rulesets of a service, with those they use; for one hook, only what leads to its cards."""
    return program(with_used(knowledge.rulesets, ids), hook)


def program(rulesets: Sequence[Ruleset], hook: str = "") -> Program:
    """The program of rulesets that use none but each other. Raises ``CircleError``."""
    counts = {name: count for ruleset in rulesets for name, count in ruleset.counts.items()}
    specs = {name: spec for ruleset in rulesets for name, spec in ruleset.facts.items()}
    rules = [rule for ruleset in rulesets for rule in ruleset.rules]
    if hook:
        rules = leading(rules, counts, hook)
    eaches = dict.fromkeys(rule.each for rule in rules if rule.each)
    tests = [test for rule in rules for test in tests_of(rule, counts)]
    shown = {name for rule in rules for name in facts_shown(rule)}
    asked = shown.union(test.subject for test in tests)
    return Program(
        facts=_facts(asked.union(eaches), tests, specs),
        counts={name: count for name, count in counts.items() if name in asked},
        stages=stages([rule for rule in rules if not rule.each], counts),
        each={name: stages([rule for rule in rules if rule.each == name], counts) for name in eaches},
    )


# Facts


def _facts(asked: set[str], tests: Iterable[Test], specs: Mapping[str, FactSpec]) -> dict[str, FactSpec]:
    """The facts that some rule or card asks for, and those they build upon, with their anchors."""
    anchors: dict[str, dict[str, None]] = defaultdict(dict)
    for test in tests:
        if test.anchor:
            anchors[test.subject][test.anchor] = None
    needed: set[str] = set()
    waiting = [name for name in asked.union(*anchors.values()) if name in specs]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting.extend(built_on for _, built_on in facts_named_by(specs[name]))
    found = {name: spec for name, spec in specs.items() if name in needed}
    return found | {
        name: replace(found[name], anchors=tuple(names)) for name, names in anchors.items() if name in found
    }


# Stages


def stages(rules: Sequence[Rule], counts: Mapping[str, Count]) -> Stages:
    """The rules in stages of at most ``MAX_RULES_PER_STAGE``. Raises ``CircleError``."""
    by_id = {rule.id: rule for rule in rules}
    drawn_by: dict[str, list[str]] = defaultdict(list)
    for rule in rules:
        drawn_by[rule.conclude].append(rule.id)
    needs = {rule.id: tuple(_needs(rule, counts)) for rule in rules}
    before = {name: [drawer for need in asked for drawer in drawn_by[need.conclusion]] for name, asked in needs.items()}
    groups = circles(before)
    levels: dict[str, int] = {}
    for group in groups:
        for name in group:
            _refuse_circle(by_id[name], needs[name], group, before, by_id)
        asked = [need for name in group for need in needs[name]]
        levels |= dict.fromkeys(group, _level(asked, drawn_by, levels))
    return _filled(groups, levels, by_id)


def _level(asked: Iterable[Need], drawn_by: Mapping[str, Sequence[str]], levels: Mapping[str, int]) -> int:
    """The first stage after all that must be settled, and not before anything that is asked for."""
    earlier = ((need, drawer) for need in asked for drawer in drawn_by[need.conclusion] if drawer in levels)
    return max((levels[drawer] + need.settled for need, drawer in earlier), default=0)


def _needs(rule: Rule, counts: Mapping[str, Count]) -> Iterator[Need]:
    for condition in rule.when:
        for test in condition.tests if isinstance(condition, AnyOf) else (condition,):
            if test.subject in counts:
                yield from (Need(part.subject, True, test.words) for part in counts[test.subject].tests)
            else:
                yield Need(test.subject, test.relation in _SETTLED, test.words)


def _refuse_circle(
    rule: Rule,
    needs: Sequence[Need],
    group: Sequence[str],
    before: Mapping[str, Sequence[str]],
    rules: Mapping[str, Rule],
) -> None:
    """A rule must not wait for something to be settled that waits for the rule."""
    for need in needs:
        drawers = [name for name in group if rules[name].conclude == need.conclusion] if need.settled else []
        if drawers:
            raise CircleError(rule, _circle(rule, need, way(drawers[0], rule.id, before), rules))


def _circle(rule: Rule, need: Need, steps: Sequence[str], rules: Mapping[str, Rule]) -> str:
    if len(steps) == 1:
        return f'a cycle: rule "{rule.id}" asks `{need.words}`, which is its own conclusion'
    shown = ", which needs ".join(f'"{rules[name].conclude}" of rule "{name}"' for name in steps)
    return f'a cycle through an absence or a count: rule "{rule.id}" asks `{need.words}`, but that is {shown}'


def _filled(groups: Sequence[Sequence[str]], levels: Mapping[str, int], rules: Mapping[str, Rule]) -> Stages:
    """One stage a level, or several when the engine could not hold the level in one."""
    filled: list[tuple[Rule, ...]] = []
    for level in sorted(set(levels.values())):
        stage: tuple[Rule, ...] = ()
        for group in (group for group in groups if levels[group[0]] == level):
            if len(stage) + len(group) > MAX_RULES_PER_STAGE and stage:
                filled.append(stage)
                stage = ()
            stage = (*stage, *(rules[name] for name in group))
        filled.append(stage)
    return tuple(filled)


# What has to be read

_BY_CODE = frozenset(
    {
        "Condition",
        "FamilyMemberHistory",
        "Observation",
        "Procedure",
        "ServiceRequest",
    }
)


def requirements(program: Program) -> dict[str, tuple[Codes, ...] | None]:
    """The resource types to read, with the codes asked for; None when codes cannot narrow the reading down.

    Medicines are not asked for by code: the record names products, the facts ingredients. Nor are allergies, which are
    few; nor reports, and Observations that show a finding: what is asked for may stand in their conclusion or value.
    """
    found: dict[str, tuple[Codes, ...] | None] = {}
    for spec in program.facts.values():
        kind = KINDS[spec.kind]
        for resource in (*kind.reads, *kind.also):
            before = found.get(resource, ())
            by_code = resource in _BY_CODE and (resource != "Observation" or "value" in kind.attributes)
            narrowed = by_code and spec.codes and before is not None
            found[resource] = (*(before or ()), *spec.codes.values()) if narrowed else None
    return found
