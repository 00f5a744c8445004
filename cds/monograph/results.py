"""What was measured of the rulesets when they were built: written by ``cds report``, read by the pages.

Results of a ruleset belong to the files that they were measured on. Of other files they say nothing, and are not told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from cds import __version__
from cds.errors import InputError
from cds.monograph.document import Measure, Validation
from cds.monograph.states import States
from cds.ruleset.model import Ruleset

NAME = "results.json"
"""In the folder of the rulesets."""


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """Of one ruleset. ``state``: of what its tests turn on. ``around``: of the rulesets that use it, where only their
    tests noticed some of the mistakes; else "".
    """

    state: str
    around: str = ""
    measured_on: str
    software: str
    cases: int
    failed: tuple[str, ...] = ()
    coverage: tuple[Measure, ...] = ()
    mutation: tuple[Measure, ...] = ()


class Results(msgspec.Struct, frozen=True, kw_only=True):
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


def write(folder: Path, results: Results) -> None:
    (folder / NAME).write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n")


def holds(measured: Measured, name: str, states: States) -> bool:
    """Whether all that was measured of a ruleset is of the files as they are now."""
    return measured.state == states.own(name) and measured.around in ("", states.around(name))


def validation(results: Results | None, ruleset: Ruleset, states: States) -> tuple[Validation | None, str]:
    """What was measured of these files; or None, and when an earlier state of them was, "" never."""
    found = results.rulesets.get(ruleset.id) if results else None
    if found is None:
        return None, ""
    if found.state != states.own(ruleset.id):
        return None, found.measured_on
    whole = found.around in ("", states.around(ruleset.id))
    told = Validation(
        measured_on=found.measured_on,
        software=found.software,
        cases=found.cases,
        failed=found.failed,
        coverage=found.coverage,
        mutation=found.mutation if whole else (),
        remark=" ".join(_remarks(found, ruleset, whole)),
    )
    return told, ""


def _remarks(found: Measured, ruleset: Ruleset, whole: bool) -> Iterator[str]:
    if found.software != __version__:
        yield f"Software {__version__} runs here; with it nothing was measured."
    changed = [one.name for one in ruleset.settings if one.value != one.default]
    if changed:
        yield f"Measured with the defaults of {', '.join(changed)}, which this site has set otherwise."
    if not whole:
        yield "A ruleset that uses this one has changed since, whose tests noticed some of the seeded faults."
