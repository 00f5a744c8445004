"""One call with its outcome: all that the texts and resources of its cards are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from cds.clinical import Bounds, Fact, Number, State, about_one
from cds.conditions import Situation, of_item
from cds.hooks.contexts import Context
from cds.outcome import Firing, Outcome
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import Knowledge, Program, Ruleset
from cds.ruleset.placeholders import DAY
from cds.ruleset.spoken import amount

UNSAID = "not recorded"


@dataclass(frozen=True, slots=True)
class Call:
    """``new_id`` gives the ids of cards and suggestions, each time another: all else is repeatable.

    ``address``: where the service is reached, and with it the pages of its rulesets; "": nobody said.
    """

    knowledge: Knowledge
    program: Program
    context: Context
    outcome: Outcome
    new_id: Callable[[], str]
    address: str = ""

    def ruleset(self, firing: Firing) -> Ruleset:
        return self.knowledge.rulesets[firing.rule.ruleset]

    def fact(self, name: str, firing: Firing) -> Fact:
        """For a rule with ``each``, a fact of which there may be many speaks of the one item that it fired on."""
        fact = self.outcome.facts[name]
        return about_one({name: fact}, firing.item)[name] if firing.item and fact.items else fact

    def holds(self, subject: str, firing: Firing) -> bool:
        """Whether a fact is present, or a conclusion was drawn of the patient or of the order the card is about."""
        if subject in self.outcome.facts:
            return self.fact(subject, firing).state is State.PRESENT
        return not self.outcome.drawn.isdisjoint({(subject, None), (subject, firing.item)})

    def title(self, fact: Fact) -> str:
        """An item of many goes by its own label: the medicine ordered, not "Draft order"."""
        spec = self.program.facts.get(fact.name)
        return spec.title if spec else fact.evidence[0].label if fact.evidence else fact.name

    def words_for(self, placeholder: str, firing: Firing) -> str:
        """What ``{placeholder}`` in a text of the firing's rule reads."""
        if DAY.fullmatch(placeholder):
            day = self.day(placeholder, firing)
            return day.isoformat() if day else UNSAID
        if placeholder in self.program.counts:
            return amount(self.count(placeholder, firing), "1")
        name, _, attribute = placeholder.partition(".")
        fact = self.fact(name, firing)
        if fact.state is not State.PRESENT:
            return UNSAID
        if attribute or "value" in fact.attributes:
            return self._attribute(name, fact, attribute or "value")
        return self.title(fact)

    def day(self, placeholder: str, firing: Firing) -> date | None:
        """The date that a placeholder stands for; None when the event of the fact is on no known day."""
        written = DAY.fullmatch(placeholder)
        assert written is not None
        today = self.outcome.at.date()
        if written["fact"] is None:
            return today + timedelta(days=int(written[1] or 0))
        ago = self.fact(written["fact"], firing).attributes.get(f"{written['event']}_days")
        return today + timedelta(days=int(written["days"]) - int(ago)) if isinstance(ago, int | float) else None

    def count(self, name: str, firing: Firing) -> Number:
        conclusions: dict[str, bool | None] = {
            one.rule.conclude: None for one in self.outcome.unanswered if one.rule.conclude
        }
        conclusions.update({drawn: True for drawn, item in self.outcome.drawn if item in (None, firing.item)})
        situation = Situation(self.outcome.facts, self.program.counts, conclusions)
        if firing.item:
            situation = of_item(situation, firing.item)
        bounds = situation.count(name)
        return bounds.low if bounds.low == bounds.high else Bounds(*bounds)

    def _attribute(self, name: str, fact: Fact, attribute: str) -> str:
        value = fact.attributes.get(attribute)
        if value is None:
            return UNSAID
        spec = self.program.facts[name]
        unit = KINDS[spec.kind].attributes[attribute].unit
        return amount(value, str(spec.parameters.get("unit", "1")) if unit == "{unit}" else unit)
