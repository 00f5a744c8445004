"""What was measured of the rulesets when they were built: written by ``cds report``, read by the pages.

Results belong to the very files that they were measured on. Of other files they say nothing, and are not told.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from cds.errors import InputError
from cds.monograph.document import Measure, Validation
from cds.ruleset.model import Knowledge, Ruleset

NAME = "results.json"
"""In the folder of the rulesets."""


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """Of one ruleset."""

    cases: int
    failed: tuple[str, ...] = ()
    coverage: tuple[Measure, ...] = ()
    mutation: tuple[Measure, ...] = ()


class Results(msgspec.Struct, frozen=True, kw_only=True):
    measured_on: str
    software: str
    files: str  # ``Knowledge.files``
    rulesets: Mapping[str, Measured]


_DECODER = msgspec.json.Decoder(Results)


def read(folder: Path) -> Results | None:
    """None: nothing was recorded. Raises ``InputError`` for a file that says something else."""
    path = folder / NAME
    if not path.exists():
        return None
    try:
        return _DECODER.decode(path.read_bytes())
    except msgspec.DecodeError as error:
        raise InputError(f"{path.name} is not what `cds report` writes: {error}") from error


def validation(results: Results | None, knowledge: Knowledge, ruleset: Ruleset) -> Validation | None:
    """None: nothing was measured of these files."""
    if results is None or results.files != knowledge.files or ruleset.id not in results.rulesets:
        return None
    found = results.rulesets[ruleset.id]
    changed = [one.name for one in ruleset.settings if one.value != one.default]
    return Validation(
        measured_on=results.measured_on,
        software=results.software,
        cases=found.cases,
        failed=found.failed,
        coverage=found.coverage,
        mutation=found.mutation,
        remark=f"Measured with the defaults of {', '.join(changed)}, which this site has set otherwise."
        if changed
        else "",
    )
