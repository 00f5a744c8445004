"""Where each thing is told: paths of the pages, and anchors on them."""

from __future__ import annotations

from cds.monograph.logic import Reference
from cds.ruleset.model import FactSpec, Rule, Ruleset

LIST = "/rulesets"


def path(ruleset: str, version: str) -> str:
    return f"{LIST}/{ruleset}/{version}"


def of_ruleset(ruleset: Ruleset) -> str:
    return path(ruleset.id, ruleset.version)


def of_rule(rule: Rule) -> str:
    """The page of the very version that has the rule, at the rule."""
    return f"{path(rule.ruleset, rule.version)}#{rule_anchor(rule.id)}"


def rule_anchor(rule_id: str) -> str:
    return f"rule-{rule_id}"


def input_anchor(fact: str) -> str:
    return f"input-{fact}"


def conclusion_anchor(name: str) -> str:
    return f"conclusion-{name}"


def count_anchor(name: str) -> str:
    return f"count-{name}"


def valueset_anchor(name: str) -> str:
    return f"valueset-{name}"


def source_anchor(key: str) -> str:
    return f"source-{key}"


def of_input(spec: FactSpec, owner: Ruleset) -> str:
    """On the page of the ruleset that defines it."""
    return f"{of_ruleset(owner)}#{input_anchor(spec.name)}"


def reference(rule: Rule, *, on: Ruleset) -> Reference:
    """A rule by its title, from the page of a ruleset."""
    to = f"#{rule_anchor(rule.id)}" if rule.ruleset == on.id else of_rule(rule)
    return Reference(name=rule.id, to=to)
