"""The rulesets as they are shipped, loaded and compiled once for all tests of a process."""

from functools import cache
from pathlib import Path

from cds.hooks.catalogue import Catalogue, catalogue
from cds.ruleset.load import load
from cds.ruleset.model import Knowledge

RULESETS = Path(__file__).parents[1] / "rulesets"


@cache
def knowledge() -> Knowledge:
    return load(RULESETS)


@cache
def served() -> Catalogue:
    return catalogue(knowledge())
