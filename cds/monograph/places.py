"""Where each thing is told: paths of the pages, and anchors on them."""

from __future__ import annotations

from typing import Literal, TypeAlias

from cds.monograph.logic import Reference
from cds.ruleset.model import FactSpec, Rule, Ruleset

LIST = "/rulesets"

Told: TypeAlias = Literal["rule", "input", "conclusion", "count", "valueset", "source"]
"""What has a place of its own on a page."""


def path(ruleset: str, version: str) -> str:
    return f"{LIST}/{ruleset}/{version}"


def of_ruleset(ruleset: Ruleset) -> str:
    return path(ruleset.id, ruleset.version)


def of_rule(rule: Rule) -> str:
    """The page of the very version that has the rule, at the rule."""
    return f"{path(rule.ruleset, rule.version)}#{anchor('rule', rule.id)}"


def anchor(of: Told, name: str) -> str:
    return f"{of}-{name}"


def of_input(spec: FactSpec, owner: Ruleset) -> str:
    """On the page of the ruleset that defines it."""
    return f"{of_ruleset(owner)}#{anchor('input', spec.name)}"


def reference(rule: Rule, *, on: Ruleset) -> Reference:
    """A rule by its title, from the page of a ruleset."""
    to = f"#{anchor('rule', rule.id)}" if rule.ruleset == on.id else of_rule(rule)
    return Reference(name=rule.id, to=to)
