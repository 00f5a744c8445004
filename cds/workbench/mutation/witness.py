"""A case as a witness: what its patient's facts are, and whether it would notice that something else follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from cds.clinical import Facts, Inference
from cds.facts import derive
from cds.record import PatientRecord
from cds.ruleset.cases import Case
from cds.ruleset.model import Knowledge, Rule
from cds.ruleset.program import with_used
from cds.ruleset.selection import rules_of
from cds.workbench.given import known, moment, recorded
from cds.workbench.traces import Material, Scene, Stage, played


class Troupe:
    """What all cases of one ruleset, under the same parameters of the site, have in common."""

    def __init__(self, material: Material, ruleset: str) -> None:
        self.material = material
        self.own = frozenset(rule.id for rule in material.knowledge.rulesets[ruleset].rules)
        self.rules: Mapping[str, Rule] = {rule.id: rule for rule in rules_of(material.program)}
        self.rulesets = frozenset(one.id for one in with_used(material.knowledge.rulesets, [ruleset]))

    @cached_property
    def shadow(self) -> frozenset[str]:
        return frozenset(one.id for one in self.material.knowledge.rulesets.values() if one.status == "draft")


@dataclass(frozen=True, slots=True)
class Witness:
    """``record`` None: the case gives bare facts."""

    case: Case
    troupe: Troupe
    scene: Scene
    record: PatientRecord | None

    @property
    def name(self) -> str:
        return f"{self.case.place.file}:{self.case.place.line} {self.case.name}"

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
        return not deceased and rule.ruleset not in self.troupe.shadow and (not rule.hooks or hook in rule.hooks)


class Theatre:
    """Makes witnesses of cases; remembers what cases have in common."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._troupes: dict[tuple[int, str], Troupe] = {}

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
        return Witness(case, self._troupes[key], played(case, material, found), record)

    def _known(self, case: Case, material: Material) -> tuple[Facts, PatientRecord | None]:
        if case.facts is not None:
            return known(material.program, material.index, material.plan, case, self._stage.folder)[0], None
        record = recorded(case, material.index, self._stage.folder)
        return derive(material.plan, record, moment(case)), record
