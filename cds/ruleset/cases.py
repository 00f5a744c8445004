"""The cases of a tests.yaml: what is known of a patient, and exactly what has to follow."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from cds.clinical import Fact
from cds.errors import Problem, RulesetError
from cds.ruleset import schema
from cds.ruleset.case_facts import Written
from cds.ruleset.document import Entries, Items, Spot, Unreadable, entries_of
from cds.ruleset.model import Knowledge, Place, Ruleset
from cds.ruleset.names import listed, unknown
from cds.ruleset.program import with_used

_GIVEN = ("facts", "record", "bundle")

FILES = ("tests.yaml", "pins.yaml", "mutant-pins.yaml", "fact-pins.yaml")
"""Files of cases beside a ruleset, first the one that is written by hand."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A card as a clinician sees it. ``rules``: the leading one first, then those merged into it, without versions."""

    rules: tuple[str, ...]
    indicator: str
    summary: str

    def __str__(self) -> str:
        return f"{self.indicator} {' '.join(self.rules)}: {self.summary}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One patient at one moment. ``facts`` that are not mentioned are absent; None: they come from the record.

    ``record``, ``drafts`` and ``background`` are lines as ``cds.workbench.stories`` reads them. The lists are exact:
    rule ids for ``cards``, ``unanswered`` and ``system``, names for ``conclusions``. A case with a ``request`` has none
    of these: it says with which cards, as they are sent, the ruleset answers that request. One about a single ``fact``
    says what that ``comes_to``, in its state and the attributes that are listed; no rule is run.
    """

    name: str
    ruleset: str
    today: date
    place: Place
    now: datetime | None = None  # without a zone: in that of the deployment
    facts: Mapping[str, Fact] | None = None
    patient: Mapping[str, Any] = field(default_factory=dict)
    record: tuple[Entries, ...] = ()
    bundle: str = ""
    request: str = ""  # file with the body of a call
    answer: tuple[Shown, ...] = ()
    unsupplied: tuple[str, ...] = ()  # resource types the record says nothing about
    hook: str = ""
    drafts: tuple[Entries, ...] = ()
    background: tuple[Entries, ...] = ()  # orders of the session that are not under review
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # of the site, by ruleset
    conclusions: frozenset[str] = frozenset()
    cards: frozenset[str] = frozenset()
    unanswered: frozenset[str] = frozenset()
    system: frozenset[str] = frozenset()
    fact: str = ""
    comes_to: Fact | None = None

    @property
    def is_pin(self) -> bool:
        """Found by search: it holds fast what the rules do, and says nothing of what they ought to do."""
        return Path(self.place.file).name != FILES[0]


def cases_of(path: Path, file: str, knowledge: Knowledge) -> tuple[Case, ...]:
    """The cases of a file that messages call ``file``. Raises ``RulesetError`` with every problem."""
    try:
        root = entries_of(path, file)
    except Unreadable as error:
        raise RulesetError(error.problems) from error
    wrong = [one.problem for one in schema.of_tests(root)]
    if not wrong and root["ruleset"] not in knowledge.rulesets:
        wrong = [root.at("ruleset").problem(unknown("ruleset", root["ruleset"], knowledge.rulesets))]
    if wrong:
        raise RulesetError(tuple(sorted(wrong)))
    reader = _Reader(root, with_used(knowledge.rulesets, [root["ruleset"]]))
    found = tuple(reader.case(written) for written in root["cases"])
    if reader.problems:
        raise RulesetError(tuple(sorted(set(reader.problems))))
    return found


class _Reader:
    """Reads the cases of one file; collects its problems."""

    def __init__(self, root: Entries, rulesets: Collection[Ruleset]) -> None:
        rules = [rule for ruleset in rulesets for rule in ruleset.rules]
        self.root = root
        specs = {name: spec for ruleset in rulesets for name, spec in ruleset.facts.items()}
        self.facts = Written(specs, self.note)
        self.conclusions = {rule.conclude for rule in rules if rule.conclude}
        self.cards = {rule.id for rule in rules if rule.card}
        self.system = {rule.id for rule in rules if rule.system}
        self.rules = {rule.id for rule in rules}
        self.problems: list[Problem] = []

    def note(self, spot: Spot, message: str) -> None:
        self.problems.append(spot.problem(message))

    def case(self, written: Entries) -> Case:
        self._check_given(written)
        now = datetime.fromisoformat(written["now"]) if "now" in written else None
        today = date.fromisoformat((written if "today" in written else self.root)["today"])
        if now and "today" in written and now.date() != today:
            self.note(written.at("now"), '"now" is on another day than "today"')
        return Case(
            name=written["name"],
            ruleset=self.root["ruleset"],
            today=now.date() if now else today,
            place=written.spot.place,
            now=now,
            facts=self.facts.facts(written["facts"]) if "facts" in written else None,
            patient=written.get("patient", {}),
            record=tuple(written.get("record", ())),
            bundle=written.get("bundle", ""),
            request=written.get("request", ""),
            answer=tuple(self._shown(card) for card in written.get("answer", ())),
            unsupplied=tuple(written.get("unsupplied", ())),
            hook=written.get("hook", ""),
            drafts=tuple(written.get("drafts", ())),
            background=tuple(written.get("background", ())),
            parameters=written.get("parameters", {}),
            conclusions=self._listed(written, "conclusions", "conclusion", self.conclusions),
            cards=self._listed(written, "cards", "rule with a card", self.cards),
            unanswered=self._listed(written, "unanswered", "rule", self.rules),
            system=self._listed(written, "system", "rule with a system action", self.system),
            fact=written.get("fact", ""),
            comes_to=self._comes_to(written) if "fact" in written else None,
        )

    def _comes_to(self, written: Entries) -> Fact | None:
        if written["fact"] not in self.facts.specs:
            self.note(written.at("fact"), unknown("fact", written["fact"], self.facts.specs))
            return None
        return self.facts.fact(written["fact"], written["comes_to"], written.at("comes_to"))

    def _check_given(self, written: Entries) -> None:
        first = next(other for other in self.root["cases"] if other["name"] == written["name"])
        if first is not written:
            self.note(written.at("name"), f'the case "{written["name"]}" is already defined in line {first.spot.line}')
        given = [key for key in _GIVEN if key in written]
        if not given and written.keys().isdisjoint(("drafts", "request", "fact")):
            self.note(written.spot, f"a case needs {listed(_GIVEN)}")
        if "facts" in written:
            for key in ("patient", "record", "bundle", "unsupplied", "drafts", "background"):
                if key in written:
                    self.note(written.at(key), f'"{key}" next to "facts": a case has only one of them')

    def _listed(self, written: Entries, key: str, what: str, names: Collection[str]) -> frozenset[str]:
        items = written.get(key, Items((), written.spot, ()))
        for name, spot in items.placed():
            if name not in names:
                self.note(spot, unknown(what, name, names))
        return frozenset(items)

    def _shown(self, card: Entries) -> Shown:
        for name, spot in card["rules"].placed():
            if name not in self.cards:
                self.note(spot, unknown("rule with a card", name, self.cards))
        return Shown(tuple(card["rules"]), card["indicator"], card["summary"])
