"""The fact layer: each fact of the rulesets as one answer from the patient's record."""

from cds.facts.derive import Plan, derive, plan

__all__ = ["Plan", "derive", "plan"]
