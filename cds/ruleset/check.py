"""What can only be judged across rules: names used twice, merge groups, circles, services."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from cds.errors import Problem
from cds.ruleset.asked import tests_of
from cds.ruleset.limits import MAX_RULES_PER_STAGE
from cds.ruleset.model import FactSpec, Place, Rule, Ruleset, Service
from cds.ruleset.names import suggestion, unknown
from cds.ruleset.program import CircleError, program, requirements, with_used


def problems(rulesets: Mapping[str, Ruleset], services: Sequence[Service]) -> Iterator[Problem]:
    """Everything that is wrong between the rules of all rulesets, and between them and the services."""
    rules = [rule for ruleset in rulesets.values() for rule in ruleset.rules]
    yield from _repeated_ids(rules)
    yield from _lonely_merges(rules)
    yield from _opposing_nothing(rules)
    yield from _retired_but_used(rulesets)
    yield from _of_programs(_run_together(rulesets, services))
    for service in services:
        for name in service.rulesets:
            if rulesets[name].status == "retired":
                yield _problem(service.place, f'service "{service.id}" runs ruleset "{name}", which is retired')
        yield from _never_read(service, rulesets)


def _never_read(service: Service, rulesets: Mapping[str, Ruleset]) -> Iterator[Problem]:
    """What a service cannot do without has to be something that one of its facts asks for."""
    if not service.indispensable:
        return
    try:
        read = {"Patient", *requirements(program(with_used(rulesets, service.rulesets)))}
    except CircleError:
        return  # which is told already
    for name in service.indispensable:
        if name not in read:
            message = f'service "{service.id}" lists "{name}" as indispensable, but none of its rulesets reads it'
            yield _problem(service.place, f"{message}{suggestion(name, read)}")


def _problem(place: Place, message: str) -> Problem:
    return Problem(place.file, place.line, message)


def _seen(place: Place) -> str:
    return f"{place.file}:{place.line}"


def _repeated_ids(rules: Iterable[Rule]) -> Iterator[Problem]:
    first: dict[str, Rule] = {}
    for rule in rules:
        if rule.id in first:
            yield _problem(rule.place, f'the rule id "{rule.id}" is already defined in {_seen(first[rule.id].place)}')
        first.setdefault(rule.id, rule)
    for rule in rules:
        if rule.replaces in first:
            place = _seen(first[rule.replaces].place)
            yield _problem(rule.place, f'rule "{rule.id}" replaces "{rule.replaces}", which still exists, in {place}')


def _lonely_merges(rules: Iterable[Rule]) -> Iterator[Problem]:
    groups: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        if rule.card and rule.card.merge:
            groups[rule.card.merge].append(rule)
    for name, members in groups.items():
        if len(members) == 1:
            others = [other for other in groups if other != name]
            message = f'the merge group "{name}" has only this card{suggestion(name, others)}'
            yield _problem(members[0].place, message)


def _opposing_nothing(rules: Iterable[Rule]) -> Iterator[Problem]:
    cards = [rule for rule in rules if rule.card]
    known = {name for rule in cards for name in (rule.id, rule.topic)}
    for rule in cards:
        for name in rule.card.opposes if rule.card else ():
            if name not in known:
                yield _problem(rule.place, f'rule "{rule.id}" opposes {unknown("rule with a card", name, known)}')


def _retired_but_used(rulesets: Mapping[str, Ruleset]) -> Iterator[Problem]:
    for ruleset in rulesets.values():
        for name in ruleset.uses:
            if rulesets[name].status == "retired" and ruleset.status != "retired":
                yield _problem(ruleset.place, f'ruleset "{ruleset.id}" uses "{name}", which is retired')


def _run_together(rulesets: Mapping[str, Ruleset], services: Iterable[Service]) -> list[tuple[Ruleset, ...]]:
    """The rulesets of each service, and each ruleset by itself, which is how it is tested; the most at once first."""
    sets = dict.fromkeys([*(service.rulesets for service in services), *((name,) for name in rulesets)])
    return sorted((with_used(rulesets, ids) for ids in sets), key=len, reverse=True)


def fit_together(rulesets: Sequence[Ruleset]) -> bool:
    """Whether they could run together: nothing in them is said in two ways, and all of it can be decided."""
    return not any(True for _ in _of_program(rulesets))


def _of_programs(together: Iterable[tuple[Ruleset, ...]]) -> Iterator[Problem]:
    """What is wrong with some of the rulesets is wrong with all: nothing is where nothing was with more of them."""
    sound: list[frozenset[str]] = []
    for rulesets in together:
        names = frozenset(ruleset.id for ruleset in rulesets)
        if not any(names <= more for more in sound):
            found = tuple(_of_program(rulesets))
            yield from found
            if not found:
                sound.append(names)


def _of_program(rulesets: Sequence[Ruleset]) -> Iterator[Problem]:
    by_id = {ruleset.id: ruleset for ruleset in sorted(rulesets, key=lambda ruleset: ruleset.id)}
    used = {name: {ruleset.id for ruleset in with_used(by_id, [name])} for name in by_id}
    for first, second in combinations(by_id.values(), 2):
        one, other = (second, first) if second.id in used[first.id] else (first, second)
        yield from _clashes(one, other)
        if one.id not in used[other.id]:
            yield from _shared_conclusions(one, other)
    yield from _drawn_two_ways(rulesets)
    yield from _about_nothing_selected(rulesets)
    try:
        built = program(rulesets)
    except CircleError as error:
        yield _problem(error.rule.place, str(error))
        return
    for stage in (stage for stages in (built.stages, *built.each.values()) for stage in stages):
        if len(stage) > MAX_RULES_PER_STAGE:
            message = f"{len(stage)} rules depend on each other in a cycle; at most {MAX_RULES_PER_STAGE} may"
            yield _problem(stage[0].place, message)


def _clashes(one: Ruleset, other: Ruleset) -> Iterator[Problem]:
    """Rulesets that run together may both define a fact, but not differently."""
    for name, spec in other.facts.items():
        if name in one.facts and _meaning(spec) != _meaning(one.facts[name]):
            place = _seen(one.facts[name].place)
            yield _problem(
                spec.place, f'fact "{name}" is defined differently in {place}, and both rulesets run together'
            )
    for name, count in other.counts.items():
        if name in one.counts:
            place = _seen(one.counts[name].place)
            yield _problem(count.place, f'count "{name}" is already defined in {place}, and both rulesets run together')


def _meaning(spec: FactSpec) -> object:
    return spec.kind, dict(spec.codes), dict(spec.parameters), spec.title


def _shared_conclusions(one: Ruleset, other: Ruleset) -> Iterator[Problem]:
    """Adding to the conclusions of another ruleset takes saying that it is used."""
    drawn = {rule.conclude: rule for rule in reversed(one.rules) if rule.conclude}
    for rule in other.rules:
        if rule.conclude in drawn:
            place = _seen(drawn[rule.conclude].place)
            message = (
                f'"{rule.conclude}" is also concluded in {place}; rename it, or let ruleset "{other.id}" use "{one.id}"'
            )
            yield _problem(rule.place, message)


def _about_nothing_selected(rulesets: Sequence[Ruleset]) -> Iterator[Problem]:
    """Orders that are not selected may only be asked about beside one that is, which a rule with ``each`` has."""
    counts = {name: count for ruleset in rulesets for name, count in ruleset.counts.items()}
    facts = [spec for ruleset in rulesets for spec in ruleset.facts.values()]
    background = {spec.name for spec in facts if spec.parameters.get("background")}
    for rule in (rule for ruleset in rulesets for rule in ruleset.rules if not rule.each):
        for name in sorted({test.subject for test in tests_of(rule, counts)} & background):
            yield _problem(rule.place, f'"{name}" counts unselected orders: only a rule with `each` may ask about it')


def _drawn_two_ways(rulesets: Iterable[Ruleset]) -> Iterator[Problem]:
    """A conclusion is about the patient or about each item of one fact."""
    first: dict[str, Rule] = {}
    for rule in (rule for ruleset in rulesets for rule in ruleset.rules if rule.conclude):
        earlier = first.setdefault(rule.conclude, rule)
        if earlier.each != rule.each:
            about = [f"for each {one.each}" if one.each else "for the patient" for one in (rule, earlier)]
            place = _seen(earlier.place)
            yield _problem(rule.place, f'"{rule.conclude}" is concluded {about[0]} here and {about[1]} in {place}')
