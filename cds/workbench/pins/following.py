"""What follows from facts in one ruleset, as a case lists it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from cds.clinical import Fact, Inference, State
from cds.ruleset.cases import Case
from cds.ruleset.model import Program, Rule, Ruleset

USUAL_HOOK = "patient-view"
"""Of a case that names none."""


@dataclass(frozen=True, slots=True)
class Follows:
    conclusions: frozenset[str]
    cards: frozenset[str]
    unanswered: frozenset[str]
    system: frozenset[str]


def follows(ruleset: Ruleset, inference: Inference, hook: str = USUAL_HOOK) -> Follows:
    """The lists are exact, of the ruleset's own rules."""
    own = {rule.id: rule for rule in ruleset.rules}
    fired = [own[name] for name, _ in inference.fired if name in own]
    seen = [rule for rule in fired if _shows(rule, ruleset, hook)]
    return Follows(
        conclusions=frozenset(rule.conclude for rule in fired if rule.conclude),
        cards=frozenset(rule.id for rule in seen if rule.card),
        unanswered=frozenset(name for name, _ in inference.undecided if name in own),
        system=frozenset(rule.id for rule in seen if rule.system),
    )


def _shows(rule: Rule, ruleset: Ruleset, hook: str) -> bool:
    return ruleset.status != "draft" and (not rule.hooks or hook in rule.hooks)


def hook_of(rule: Rule) -> str:
    """Where its card can show."""
    return USUAL_HOOK if not rule.hooks or USUAL_HOOK in rule.hooks else min(rule.hooks)


def whole(program: Program, facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """Every fact of the program: those that are not told are absent."""
    return {**{name: Fact(name, State.ABSENT) for name in program.facts}, **facts}


def case_of(ruleset: Ruleset, facts: Mapping[str, Fact]) -> Case:
    """Without its lists."""
    today = date.fromisoformat(ruleset.about.revised)
    return Case(name="", ruleset=ruleset.id, today=today, place=ruleset.place, facts=facts)
