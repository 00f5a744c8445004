"""The page of what a site may set: every parameter of every ruleset, with the rules that turn on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cds.ruleset import amounts
from cds.ruleset.asked import subjects_of
from cds.ruleset.document import Entries, Items, entries_of
from cds.ruleset.model import Count, FactSpec, Knowledge, Rule, Ruleset
from cds.ruleset.questions import facts_named_by

MARK = "<!-- parameters: written by `cds parameters`, do not edit below -->"
"""The line of docs/configuration.md below which everything is generated."""

_FOR_EACH = "for each"


class Parameter(NamedTuple):
    """``topics``: what the rules are called in the clinical specification that turn on it."""

    ruleset: str
    name: str
    default: Any
    about: str
    topics: tuple[str, ...]


def with_parameters(page: str, parameters: Iterable[Parameter]) -> str:
    """The page with its list of parameters written anew."""
    return f"{page.partition(MARK)[0]}{MARK}\n\n" + "\n".join(_lines(tuple(parameters)))


def parameters(folder: Path, knowledge: Knowledge) -> Iterator[Parameter]:
    """Of all rulesets, in the order of their folders."""
    counts = {name: count for one in knowledge.rulesets.values() for name, count in one.counts.items()}
    for path in sorted(folder.glob("*/*/ruleset.yaml")):
        root = entries_of(path, path.name)
        for name, written in root.get("parameters", {}).items():
            ruleset = knowledge.rulesets[root["ruleset"]]
            topics = _topics(_lines_with(root, f"<{name}>"), ruleset, knowledge, counts)
            yield Parameter(ruleset.id, name, written["default"], written["about"], topics)


def _topics(lines: set[int], own: Ruleset, knowledge: Knowledge, counts: Mapping[str, Count]) -> tuple[str, ...]:
    """The rules written on these lines, and those that ask for the facts and counts written there."""
    facts = {spec.name: spec for one in knowledge.rulesets.values() for spec in one.facts.values()}
    asked = {name for name, spec in own.facts.items() if spec.place.line in lines}
    asked |= {name for name, count in own.counts.items() if count.place.line in lines}
    asked |= {name for name, spec in facts.items() if not asked.isdisjoint(_built_on(spec, facts))}
    rules = [rule for ruleset in knowledge.rulesets.values() for rule in ruleset.rules]
    return tuple(
        dict.fromkeys(
            rule.topic
            for rule in sorted(rules, key=lambda rule: rule.id)
            if (rule.ruleset == own.id and rule.place.line in lines) or _asks(rule, asked, counts)
        )
    )


def _asks(rule: Rule, asked: set[str], counts: Mapping[str, Count]) -> bool:
    return not asked.isdisjoint(subjects_of(rule, counts))


def _built_on(spec: FactSpec, facts: Mapping[str, FactSpec]) -> set[str]:
    found = {name for _, name in facts_named_by(spec) if name in facts}
    return found.union(*(_built_on(facts[name], facts) for name in found))


# Where a placeholder is written


def _lines_with(root: Entries, placeholder: str) -> set[int]:
    """Of the facts, counts and rules that hold it, by themselves or in the table they are written out from."""
    tables = {name for name, rows in root.get("tables", {}).items() if placeholder in str(rows)}
    found: set[int] = set()
    for key, one in root.get("facts", {}).items():
        several = key.startswith(_FOR_EACH)
        for name, fact in one.items() if several else ((key, one),):
            if placeholder in str(fact) or (several and key.removeprefix(f"{_FOR_EACH} ") in tables):
                found |= {fact.spot.line, (one if several else root["facts"]).lines[name]}
    return found | set(_lines_of_rules(root.get("rules", ()), placeholder, tables))


def _lines_of_rules(rules: Items, placeholder: str, tables: set[str]) -> Iterator[int]:
    for rule in rules:
        if _FOR_EACH in rule:
            everything = rule[_FOR_EACH] in tables
            yield from _lines_of_rules(rule["rules"], "" if everything else placeholder, tables)
        elif placeholder in str(rule):
            yield rule.spot.line


# The page


def _lines(found: tuple[Parameter, ...]) -> Iterator[str]:
    yield from ("| ruleset | parameter | default | is | means | rules |", "|---|---|---|---|---|---|")
    for one in found:
        cells = (f"`{one.ruleset}`", f"`{one.name}`", f"`{_written(one.default)}`", _kind(one), one.about)
        yield f"| {' | '.join(cells)} | {', '.join(one.topics)} |"
    yield ""


def _written(default: Any) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)


def _kind(one: Parameter) -> str:
    match one.default:
        case bool():
            return "`true` or `false`"
        case int() | float():
            return "number"
    if amounts.duration(one.default):
        return "duration"
    amount = amounts.quantity(one.default)
    return f"amount in `{amount.unit}`" if amount and amount.unit else "text"
