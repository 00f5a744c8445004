"""When the dose of a medicine was last raised (spine.md SPM-06)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from itertools import pairwise

from cds.facts.medicines import validity
from cds.facts.medicines.doses import daily_dose
from cds.facts.medicines.exposure import Exposure


def last_raise(shown: Iterable[Exposure], unit: str) -> date | None:
    """The day on which a drug was last begun at a greater daily dose than before; None when it never was.

    What states no date or no dose that can be computed is passed over.
    """
    doses: dict[object, dict[date, float]] = defaultdict(dict)
    for each in shown:
        dose = None if each.start is None else daily_dose(each.entry.dosages, each.start, unit)
        if each.start is not None and dose is not None:
            known = doses[validity.drug(each.entry)]
            known[each.start] = max(dose, known.get(each.start, dose))
    raised = [
        day
        for known in doses.values()
        for (_, before), (day, after) in pairwise(sorted(known.items()))
        if after > before
    ]
    return max(raised, default=None)
