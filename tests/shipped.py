"""The rulesets as they are shipped, loaded and compiled once for all tests of a process."""

from functools import cache
from pathlib import Path

from flask.testing import FlaskClient

from cds.hooks.catalogue import Catalogue, catalogue
from cds.ruleset.load import load
from cds.ruleset.model import Knowledge
from cds.settings import Settings
from cds.web.app import application, connections

RULESETS = Path(__file__).parents[1] / "rulesets"


@cache
def knowledge() -> Knowledge:
    return load(RULESETS)


@cache
def served() -> Catalogue:
    return catalogue(knowledge())


def client(state: Path) -> FlaskClient:
    """Of the application as ``create_app`` makes it. ``state``: its folder."""
    settings = Settings(rulesets=RULESETS, state=state)
    return application(settings, served(), connections(settings, served())).test_client()
