"""The monograph of a ruleset that is loaded, with the tests and the results that lie beside it."""

from __future__ import annotations

from pathlib import Path

from cds.monograph import results
from cds.monograph.document import Monograph
from cds.monograph.monograph import PINS, monograph
from cds.ruleset.cases import cases_of
from cds.ruleset.model import Knowledge

_TESTS = ("tests.yaml", PINS)


def of_loaded(knowledge: Knowledge, folder: Path, name: str) -> Monograph:
    """``folder``: where the knowledge is from. Raises ``RulesetError`` and ``InputError`` for what lies there."""
    ruleset = knowledge.rulesets[name]
    measured = results.validation(results.read(folder), knowledge, ruleset)
    files = [path for kind in _TESTS for path in folder.glob(f"*/{name}/{kind}")]
    cases = tuple(case for path in files for case in cases_of(path, f"{name}/{path.name}", knowledge))
    return monograph(knowledge, ruleset, cases, measured)
