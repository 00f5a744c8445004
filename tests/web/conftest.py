"""The application with the small ruleset, in this process; the real server is started by test_server."""

import pytest

from cds.settings import Settings
from cds.web.app import create_app
from tests.hooks.messages import RULESETS


@pytest.fixture(scope="session")
def settings(tmp_path_factory):
    return Settings(rulesets=RULESETS, max_body_bytes=100_000, state=tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="session")
def client(settings):
    return create_app(settings).test_client()
