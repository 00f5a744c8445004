"""What the rules of one ruleset speak of, wherever it is defined: its own names and those of what it uses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cds.monograph import places
from cds.monograph.logic import Reference
from cds.ruleset.asked import subjects_of, tests_of
from cds.ruleset.model import Count, FactSpec, Knowledge, Rule, Ruleset
from cds.ruleset.program import with_used
from cds.ruleset.questions import facts_named_by


@dataclass(frozen=True, slots=True)
class Subject:
    """A ruleset with all that its rules may ask about. ``drawers``: by conclusion, the rules that draw it."""

    ruleset: Ruleset
    knowledge: Knowledge
    specs: Mapping[str, FactSpec]
    counts: Mapping[str, Count]
    counted_in: Mapping[str, Ruleset]
    drawers: Mapping[str, tuple[Rule, ...]]

    def conclusion(self, name: str) -> Reference:
        drawers = self.drawers[name]
        own = any(rule.ruleset == self.ruleset.id for rule in drawers)
        page = "" if own else places.path(drawers[0].ruleset, drawers[0].version)
        return Reference(name=spoken(name), to=f"{page}#{places.anchor('conclusion', name)}")

    def fact(self, name: str) -> Reference:
        return Reference(name=self.specs[name].title, to=f"#{places.anchor('input', name)}")

    def count(self, name: str) -> Reference:
        owner = self.counted_in[name]
        page = "" if owner.id == self.ruleset.id else places.of_ruleset(owner)
        return Reference(name=spoken(name), to=f"{page}#{places.anchor('count', name)}")

    def rule(self, rule: Rule) -> Reference:
        return places.reference(rule, on=self.ruleset)

    def is_named(self, count: str) -> bool:
        """A count that stands in a condition by itself, ``at least 2 of``, is named after its rule and has a comma."""
        return "," not in count

    def facts_asked(self) -> tuple[FactSpec, ...]:
        """The facts that the ruleset defines, and those that its rules ask or show, with those that these are built
        upon: its own first, in the order of their definitions.
        """
        asked = (name for rule in self.ruleset.rules for name in self._named_by(rule))
        return self._with_built_on((*self.ruleset.facts, *asked))

    def facts_reached(self) -> tuple[FactSpec, ...]:
        """Also those asked by the rules of other rulesets that draw the conclusions it asks for."""
        rules = {rule.id: rule for rule in self.ruleset.rules}
        waiting = list(rules.values())
        for rule in waiting:
            drawers = [drawer for name in self._named_by(rule) for drawer in self.drawers.get(name, ())]
            waiting.extend(drawer for drawer in drawers if drawer.id not in rules)
            rules |= {drawer.id: drawer for drawer in drawers}
        asked = (name for rule in rules.values() for name in self._named_by(rule))
        return self._with_built_on((*self.ruleset.facts, *asked))

    def _named_by(self, rule: Rule) -> Iterator[str]:
        yield from subjects_of(rule, self.counts)
        yield from (test.anchor for test in tests_of(rule, self.counts))
        yield rule.each

    def _with_built_on(self, names: Iterable[str]) -> tuple[FactSpec, ...]:
        found = {name for name in names if name in self.specs}
        for name in tuple(found):
            found |= set(_built_on(name, self.specs))
        asked = [spec for name, spec in self.specs.items() if name in found]
        return tuple(sorted(asked, key=lambda spec: spec.ruleset != self.ruleset.id))


def subject_of(knowledge: Knowledge, ruleset: Ruleset) -> Subject:
    """Its own names first."""
    reached = with_used(knowledge.rulesets, [ruleset.id])
    drawers: dict[str, list[Rule]] = defaultdict(list)
    for one in reached:
        for rule in one.rules:
            if rule.conclude:
                drawers[rule.conclude].append(rule)
    return Subject(
        ruleset,
        knowledge,
        specs={name: spec for one in reversed(reached) for name, spec in one.facts.items()},
        counts={name: count for one in reversed(reached) for name, count in one.counts.items()},
        counted_in={name: one for one in reversed(reached) for name in one.counts},
        drawers={name: tuple(rules) for name, rules in drawers.items()},
    )


def spoken(name: str) -> str:
    """The name of a conclusion or count as words."""
    return name.replace("-", " ").replace("_", " ")


def _built_on(name: str, specs: Mapping[str, FactSpec]) -> Iterator[str]:
    waiting = [name]
    for one in waiting:
        named = [other for _, other in facts_named_by(specs[one]) if other not in waiting]
        waiting.extend(named)
        yield from named
