"""The shape of survivors.yaml."""

from __future__ import annotations

from cds.ruleset.schema.fields import Shape, key, several, shaped, text
from cds.ruleset.schema.rulesets import is_name


class UncoveredShape(Shape):
    what = "a goal that no case meets"
    rule = text()  # its id, or the name of a count
    goal = text()
    reason = text()


class SurvivingShape(Shape):
    what = "a mutant that survives"
    mutant = text()
    reason = text()


class SurvivorsShape(Shape):
    what = "survivors.yaml"
    ruleset = key(is_name)
    uncovered = key(several(shaped(UncoveredShape)), required=False)
    mutants = key(several(shaped(SurvivingShape)), required=False)
