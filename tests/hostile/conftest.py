"""The service with the shipped rulesets, in this process."""

import pytest

from cds.settings import Settings
from cds.web.app import create_app
from tests.serving import ROOT


@pytest.fixture(scope="session")
def client(tmp_path_factory):
    state = tmp_path_factory.mktemp("state")
    return create_app(Settings(rulesets=ROOT / "rulesets", state=state)).test_client()
