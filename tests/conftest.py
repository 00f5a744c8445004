"""What all tests share: the flag that rewrites golden files, marks that name a requirement there is, one service."""

import re
from collections.abc import Iterator

import pytest

from tests.conformance.proofs import COLLECTED
from tests.postgres import postgres  # noqa: F401  # a fixture
from tests.serving import running

_REQUIREMENT = re.compile(r"CH-\d{3}")


def pytest_addoption(parser):
    parser.addoption("--golden", action="store_true", help="write the golden files anew; read the difference")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    config.stash[COLLECTED] = tuple(items)
    for item in items:
        for mark in item.iter_markers("requirement"):
            if not all(_REQUIREMENT.fullmatch(name) for name in mark.args):
                raise pytest.UsageError(f"{item.nodeid}: a requirement is named CH-nnn")


@pytest.fixture
def golden(request):
    """Whether golden files are to be written rather than compared."""
    return request.config.getoption("--golden")


@pytest.fixture(scope="session")
def shipped_service() -> Iterator[str]:
    """The address of the service as it is shipped, with the settings of ``running``; nobody tells it of its cards."""
    with running() as base:
        yield base
