"""A case as a witness: what its patient's facts are, and whether it would notice that something else follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from cds.clinical import Facts, Inference
from cds.facts import derive
from cds.record import PatientRecord
from cds.ruleset.asked import facts_shown, subjects_of
from cds.ruleset.cases import Case
from cds.ruleset.model import Knowledge, Rule
from cds.ruleset.program import with_used
from cds.ruleset.questions import facts_named_by
from cds.ruleset.selection import rules_of
from cds.workbench.given import known, moment, recorded
from cds.workbench.golden import Looks, golden_of
from cds.workbench.traces import Material, Scene, Stage, played


class Troupe:
    """What all cases of one ruleset, under the same parameters of the site, have in common."""

    def __init__(self, material: Material, ruleset: str) -> None:
        self.material = material
        self.own = frozenset(rule.id for rule in material.knowledge.rulesets[ruleset].rules)
        self.rules: Mapping[str, Rule] = {rule.id: rule for rule in rules_of(material.program)}
        self._hanging: dict[str, tuple[str, ...]] = {}
        self.rulesets = frozenset(one.id for one in with_used(material.knowledge.rulesets, [ruleset]))

    def listens(self, conclusion: str, case: Case) -> bool:
        """Whether the case can hear of a conclusion: it is listed, or feeds a rule that has to be as it is."""
        drawing = frozenset().union(*(self.drawing[name] for name in case.conclusions))
        heard = self.own | case.cards | case.unanswered | case.system | drawing
        return conclusion in case.conclusions or not self._fed[conclusion].isdisjoint(heard)

    @cached_property
    def drawing(self) -> Mapping[str, tuple[str, ...]]:
        """By conclusion, the rules that draw it."""
        found: dict[str, tuple[str, ...]] = {}
        for rule in self.rules.values():
            if rule.conclude:
                found[rule.conclude] = (*found.get(rule.conclude, ()), rule.id)
        return found

    @cached_property
    def _fed(self) -> Mapping[str, frozenset[str]]:
        """By conclusion, the rules that ask for it and those that follow from these."""
        asking: dict[str, set[str]] = {name: set() for name in self.drawing}
        for rule in self.rules.values():
            for subject in subjects_of(rule, self.material.program.counts):
                if subject in asking:
                    asking[subject].add(rule.id)
        news = True
        while news:
            news = False
            for name, ids in asking.items():
                more = set[str]().union(*(asking.get(self.rules[id_].conclude, ()) for id_ in ids)) - ids
                if more:
                    asking[name] = ids | more
                    news = True
        return {name: frozenset(ids) for name, ids in asking.items()}

    @cached_property
    def heeded(self) -> frozenset[str]:
        """The facts that the rules of the ruleset rest on."""
        found: set[str] = set()
        waiting = [self.rules[name] for name in self.own]
        seen = set(self.own)
        while waiting:
            rule = waiting.pop()
            for subject in (rule.each, *subjects_of(rule, self.material.program.counts)):
                found.add(subject)
                more = [name for name in self.drawing.get(subject, ()) if name not in seen]
                seen.update(more)
                waiting.extend(self.rules[name] for name in more)
        return frozenset(found)

    def hanging_on(self, fact: str) -> tuple[str, ...]:
        """The fact and those that build upon it or are measured from it."""
        if fact not in self._hanging:
            names = [fact]
            for one in names:
                for other, spec in self.material.program.facts.items():
                    builds = one in spec.anchors or any(one == built_on for _, built_on in facts_named_by(spec))
                    if builds and other not in names:
                        names.append(other)
            self._hanging[fact] = tuple(names)
        return self._hanging[fact]


def name_of(case: Case) -> str:
    """Where it stands, and what it is called."""
    return f"{case.place.file}:{case.place.line} {case.name}"


@dataclass(frozen=True, slots=True)
class Witness:
    """``record`` None: the case gives bare facts. ``told``: facts and counts that the golden cards of the case tell."""

    case: Case
    troupe: Troupe
    scene: Scene
    record: PatientRecord | None
    told: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return name_of(self.case)

    def notices(self, inference: Inference, rules: Mapping[str, Rule] | None = None) -> bool:
        """Whether what followed is not exactly what the case says has to follow."""
        return any(expected != actual for expected, actual in self._lists(inference, rules or self.troupe.rules))

    def _lists(
        self, inference: Inference, rules: Mapping[str, Rule]
    ) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
        """As ``cds.workbench.testing`` compares them: exact of its own ruleset, of others what the case lists."""
        case, own = self.case, self.troupe.own
        fired = [rules[name] for name, _ in inference.fired]
        yield case.unanswered, frozenset(name for name, _ in inference.undecided) & (own | case.unanswered)
        shown = frozenset(rule.id for rule in fired if rule.card and self._shows(rule))
        yield case.cards, shown & (own | case.cards)
        acting = frozenset(rule.id for rule in fired if rule.system and self._shows(rule))
        yield case.system, acting & (own | case.system)
        drawn = {rule.conclude for rule in fired if rule.conclude and rule.id in own}
        listed = {rule.conclude for rule in fired if rule.conclude in case.conclusions}
        yield case.conclusions, frozenset(drawn | listed)

    def _shows(self, rule: Rule) -> bool:
        hook = self.case.hook or "patient-view"
        deceased = self.record is not None and self.record.patient.deceased
        return not deceased and (not rule.hooks or hook in rule.hooks)


class Theatre:
    """Makes witnesses of cases; remembers what cases have in common."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._troupes: dict[tuple[int, str], Troupe] = {}
        self._looks: dict[str, Looks] = {}

    @property
    def usual(self) -> Knowledge:
        return self._stage.usual

    def witness(self, case: Case) -> Witness:
        """Raises ``InputError`` when the case itself is wrong."""
        material = self._stage.material(case.ruleset, case.parameters)
        key = (id(material), case.ruleset)
        if key not in self._troupes:
            self._troupes[key] = Troupe(material, case.ruleset)
        found, record = self._known(case, material)
        troupe = self._troupes[key]
        return Witness(case, troupe, played(case, material, found), record, frozenset(self._told(case, troupe)))

    def _told(self, case: Case, troupe: Troupe) -> Iterator[str]:
        if case.ruleset not in self._looks:
            self._looks[case.ruleset] = golden_of(self._stage.folder, case.ruleset)
        for rule, look in self._looks[case.ruleset].items():
            if look.get("case") == case.name and rule in case.cards:
                yield from facts_shown(troupe.rules[rule])

    def _known(self, case: Case, material: Material) -> tuple[Facts, PatientRecord | None]:
        if case.facts is not None:
            return known(material.program, material.index, material.plan, case, self._stage.folder)[0], None
        record = recorded(case, material.index, self._stage.folder)
        return derive(material.plan, record, moment(case)), record
