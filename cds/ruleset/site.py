"""What a site runs: the values of its parameters, and the fingerprint of the files with them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cds.errors import RulesetError
from cds.ruleset.document import Entries, Unreadable, entries_of

Overrides = Mapping[str, Mapping[str, Any]]
"""By ruleset and parameter: the values a site has set."""


def parameters_of(path: Path) -> Overrides:
    """The values of a deployment: a file with a mapping of parameters for each ruleset. Raises ``RulesetError``."""
    try:
        found = entries_of(path, path.name)
    except Unreadable as error:
        raise RulesetError(error.problems) from error
    wrong = [
        found.at(name).problem(f'"{name}" must be a mapping')
        for name, one in found.items()
        if not isinstance(one, Entries)
    ]
    if wrong:
        raise RulesetError(tuple(wrong))
    return found


ABOUT_THEM = (
    "tests.yaml",
    "pins.yaml",
    "mutant-pins.yaml",
    "fact-pins.yaml",
    "cards.yaml",
    "survivors.yaml",
    "sound.yaml",
    "results.json",
)
"""Files beside the rulesets that hold or tell of their tests: no part of what is run."""


def fingerprint(folder: Path, parameters: Overrides) -> str:
    """SHA-256 over the names and bytes of the files, and over the parameters a site has set."""
    digest = hashlib.sha256()
    for path in sorted(
        path for path in folder.rglob("*") if path.suffix in (".yaml", ".json") and path.name not in ABOUT_THEM
    ):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    if parameters:
        digest.update(json.dumps(parameters, sort_keys=True).encode())
    return digest.hexdigest()
