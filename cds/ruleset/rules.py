"""The rules and counts of a ruleset, made of a file that has the right shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from cds.ruleset.about import About, Approval, Evidence, Source
from cds.ruleset.cards import Cards
from cds.ruleset.clauses import Clauses
from cds.ruleset.document import Entries, Items
from cds.ruleset.kinds import KINDS
from cds.ruleset.limits import MAX_CONDITIONS
from cds.ruleset.model import AnyOf, Condition, Count, Rule
from cds.ruleset.names import unknown
from cds.ruleset.scope import Scope
from cds.ruleset.valuesets import Note

RANK = 50
"""Of rules that say none, in rulesets that say none."""


def about_of(written: Entries) -> About:
    texts = {key: value for key, value in written.items() if key not in ("sources", "approved")}
    sources = {key: Source(key=key, **source) for key, source in written["sources"].items()}
    given = written.get("approved")
    approved = Approval(given["version"], date.fromisoformat(str(given["on"]))) if given else None
    return About(**texts, sources=sources, approved=approved, line=written.at("reviewer").line)


@dataclass(frozen=True, slots=True)
class Rules:
    """Reads the rules and counts of one ruleset."""

    root: Entries
    scope: Scope
    cards: Cards
    note: Note

    def all(self) -> tuple[tuple[Rule, ...], Mapping[str, Count]]:
        rules: list[Rule] = []
        counts: dict[str, Count] = {}
        for written in self.root.get("rules", ()):
            if "count" in written:
                found = self._count(written)
            else:
                rule, found = self._rule(written)
                rules.append(rule)
            counts.update({count.name: count for count in found})
        return tuple(rules), counts

    def _count(self, written: Entries) -> tuple[Count, ...]:
        clauses = Clauses(written["count"], "", self.scope, self.note)
        tests, points = clauses.worth(written["of"], written.at("of"))
        for test in tests:
            if test.subject in self.scope.counts:
                self.note(written.at("of"), f'"{test.words}": a count cannot count counts')
        return (Count(written["count"], tests, written.spot.place, points),)

    def _rule(self, written: Entries) -> tuple[Rule, tuple[Count, ...]]:
        each = written.get("each", "")
        self._check(written, each)
        clauses = Clauses(written["id"], each, self.scope, self.note)
        when = clauses.conditions(written["when"])
        self._check_breadth(written, when, clauses.counts)
        rule = Rule(
            id=written["id"],
            ruleset=self.root.get("ruleset", ""),  # where they are missing that is told already
            version=self.root.get("version", ""),
            title=written["title"],
            when=when,
            place=written.spot.place,
            topic=written["id"].partition(".")[0],
            conclude=written.get("conclude", ""),
            card=self.cards.card(written["card"], each, self.scope) if "card" in written else None,
            each=each,
            system=tuple(self.cards.system(one, each) for one in written.get("system", ())),
            hooks=frozenset(written.get("hooks", ())),
            evidence=tuple(self._evidence(written)),
            rank=written["rank"] if "rank" in written else self.root.get("rank", RANK),
            replaces=written.get("replaces", ""),
        )
        return rule, tuple(clauses.counts)

    def _check(self, written: Entries, each: str) -> None:
        told = [key for key in ("card", "system") if key in written]
        if "conclude" not in written and not told:
            self.note(written.spot, f'rule "{written["id"]}" neither concludes anything nor shows a card')
        if told and "evidence" not in written:
            says = "shows a card" if "card" in told else "acts on orders"
            self.note(written.at(told[0]), f'rule "{written["id"]}" {says}: it needs "evidence"')
        if "hooks" in written and not told:
            self.note(written.at("hooks"), '"hooks" is for cards, and this rule has no card')
        if each and (message := self._each(each)):
            self.note(written.at("each"), message)

    def _each(self, name: str) -> str:
        spec = self.scope.facts.get(name)
        if spec is None:
            return "" if self.scope.lets_pass(name) else unknown("fact", name, self.scope.facts)
        if KINDS[spec.kind].items:
            return ""
        return f'"each" needs a fact that can be present several times; "{name}" is of kind "{spec.kind}"'

    def _check_breadth(self, written: Entries, when: tuple[Condition, ...], counts: list[Count]) -> None:
        """The engine joins a limited number of patterns in one rule."""
        tests = [test for one in when for test in (one.tests if isinstance(one, AnyOf) else (one,))]
        asked = {test.subject for test in tests} - {count.name for count in counts}
        if len(when) > MAX_CONDITIONS:
            message = f"{len(when)} conditions, more than {MAX_CONDITIONS}; make some of them a conclusion"
            self.note(written.at("when"), message)
        for repeated in sorted(name for name in asked if self._repeats(name, when)):
            self.note(written.at("when"), f'"{repeated}" has the same condition twice')

    @staticmethod
    def _repeats(name: str, when: tuple[Condition, ...]) -> bool:
        plain = [
            (one.relation, one.attribute, one.operand)
            for one in when
            if not isinstance(one, AnyOf) and one.subject == name
        ]
        return len(plain) != len(set(plain))

    def _evidence(self, written: Entries) -> Iterator[Evidence]:
        listed = written.get("evidence", Items((), written.spot, ()))
        sources = self.root["about"]["sources"] if self._has_sources() else None
        for one in listed if isinstance(listed, Items) else [listed]:
            if sources is not None and one["source"] not in sources:
                self.note(one.at("source"), unknown("source", one["source"], sources))
            yield Evidence(one["source"], one.get("strength", ""), one.get("certainty", ""), one.get("note", ""))

    def _has_sources(self) -> bool:
        about = self.root.get("about")
        return isinstance(about, Entries) and isinstance(about.get("sources"), Entries)
