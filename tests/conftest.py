"""What all tests share: the flag that rewrites golden files, and marks that name a requirement there is."""

import re

import pytest

from tests.postgres import postgres  # noqa: F401  # a fixture

_REQUIREMENT = re.compile(r"CH-\d{3}")


def pytest_addoption(parser):
    parser.addoption("--golden", action="store_true", help="write the golden files anew; read the difference")


def pytest_collection_modifyitems(items):
    for item in items:
        for mark in item.iter_markers("requirement"):
            if not all(_REQUIREMENT.fullmatch(name) for name in mark.args):
                raise pytest.UsageError(f"{item.nodeid}: a requirement is named CH-nnn")


@pytest.fixture
def golden(request):
    """Whether golden files are to be written rather than compared."""
    return request.config.getoption("--golden")
