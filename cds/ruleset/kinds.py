"""What a fact may ask for: every kind of look-up and derivation, by name.

This is the single list that the loader checks against, that the fact layer implements and that prefetch templates and
the language reference are derived from. Kinds with ``derivation=True`` compute something no single look-up answers;
each names its source.
"""

from __future__ import annotations

from cds.ruleset.care_kinds import CARE_KINDS
from cds.ruleset.dose_kinds import DOSE_KINDS
from cds.ruleset.event_kinds import EVENT_KINDS
from cds.ruleset.finding_kinds import FINDING_ATTRIBUTES, FINDING_KINDS
from cds.ruleset.happening_kinds import HAPPENING_KINDS
from cds.ruleset.headache_kinds import HEADACHE_KINDS
from cds.ruleset.kind import Attribute, Kind, Parameter, ParameterType
from cds.ruleset.measure_kinds import MEASURE_KINDS
from cds.ruleset.medicine_kinds import MEDICINE_KINDS
from cds.ruleset.prevention_kinds import PREVENTION_KINDS
from cds.ruleset.sign_kinds import SIGN_KINDS
from cds.ruleset.state_kinds import STATE_KINDS
from cds.ruleset.use_kinds import USE_KINDS

__all__ = ["FINDING_ATTRIBUTES", "KINDS", "Attribute", "Kind", "Parameter", "ParameterType"]

_ALL = (
    *FINDING_KINDS,
    *MEASURE_KINDS,
    *EVENT_KINDS,
    *HAPPENING_KINDS,
    *MEDICINE_KINDS,
    *USE_KINDS,
    *STATE_KINDS,
    *DOSE_KINDS,
    *SIGN_KINDS,
    *HEADACHE_KINDS,
    *PREVENTION_KINDS,
    *CARE_KINDS,
)

KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}
