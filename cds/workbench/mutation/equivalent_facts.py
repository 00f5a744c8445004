"""Mutants of facts that no record can tell from the fact as it is."""

from __future__ import annotations

from cds.ruleset.model import FactSpec, Knowledge
from cds.workbench.mutation.left_out import LeftOut
from cds.workbench.single import Reader, alone, specs_of


def same_fact(spec: FactSpec, changed: FactSpec, knowledge: Knowledge) -> bool:
    """Of each by what the fact layer makes of the parameter; false where that is not certain."""
    return _is_cut_off(spec, changed) or _asks_for_the_same(spec, changed, knowledge)


def _asks_for_the_same(spec: FactSpec, changed: FactSpec, knowledge: Knowledge) -> bool:
    if spec.codes == changed.codes:
        return False
    specs = specs_of(spec.ruleset, knowledge)
    before, after = (Reader.of(alone(spec.name, {**specs, spec.name: one}), knowledge) for one in (spec, changed))
    return LeftOut(spec, changed, before.index, after.index, knowledge.valuesets).is_nothing()


def _is_cut_off(spec: FactSpec, changed: FactSpec) -> bool:
    """A ``current`` that nothing looks at: of a finding at any time, or one that ``within`` falls short of anyway.

    By ``near`` it would decide as well what is present beside; of what is reassuring it asks for the earliest day.
    """
    other = {name for name, value in spec.parameters.items() if changed.parameters.get(name) != value}
    if spec.kind != "finding" or other != {"current"} or "near" in spec.codes or spec.parameters["reassuring"]:
        return False
    within = spec.parameters.get("within")
    least = min(one for of in (spec, changed) if isinstance(one := of.parameters["current"], float))
    return spec.parameters["status"] == "ever" or (isinstance(within, float) and within <= least)
