"""The service with the shipped rulesets, in this process."""

import pytest

from tests import shipped


@pytest.fixture(scope="session")
def client(tmp_path_factory):
    return shipped.client(tmp_path_factory.mktemp("state"))
