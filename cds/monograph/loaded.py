"""The monograph of a ruleset that is loaded, with the tests and the results that lie beside it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from cds.monograph import results
from cds.monograph.document import Monograph
from cds.monograph.monograph import monograph
from cds.monograph.states import States
from cds.ruleset.cases import FILES, cases_of
from cds.ruleset.model import Knowledge


def of_loaded(knowledge: Knowledge, folder: Path, name: str) -> Monograph:
    """``folder``: where the knowledge is from. Raises ``RulesetError`` and ``InputError`` for what lies there."""
    ruleset = knowledge.rulesets[name]
    measured, before = results.validation(results.read(folder), ruleset, States(knowledge, folder))
    files = [path for kind in FILES for path in folder.glob(f"*/{name}/{kind}")]
    cases = tuple(case for path in files for case in cases_of(path, f"{name}/{path.name}", knowledge))
    of_rules = tuple(case for case in cases if not case.fact)  # the pins of facts run no rule
    return msgspec.structs.replace(monograph(knowledge, ruleset, of_rules, measured), earlier_results=before)
