"""What discovery tells of the services: versions, and what a client has to bring."""

import re
from pathlib import Path

import pytest

from cds.hooks.catalogue import catalogue, discovery
from cds.hooks.library import HOOKS
from cds.ruleset.load import load
from tests import shipped
from tests.hooks.messages import served

HOOK_VERSIONS = {
    "patient-view": "1.0",
    "order-sign": "1.0",
    "order-select": "1.0",
    "order-dispatch": "1.1",
    "appointment-book": "1.0",
    "encounter-start": "1.0",
    "encounter-discharge": "1.0",
    "medication-refill": "0.1.0",
    "allergyintolerance-create": "0.1.0",
    "problem-list-item-create": "0.1.0",
    "medication-verify": "0.1.0",
    "medication-prescribe": "1.0",
    "order-review": "1.0",
}
"""As the pages of the hook library state them (HL7/cds-hooks-library at 5d04c4de)."""


@pytest.fixture(scope="module")
def all_services():
    """Of the project."""
    return discovery(shipped.served())["services"]


@pytest.fixture(scope="module")
def of_orders():
    return discovery(catalogue(load(Path(__file__).with_name("orders"))))["services"]


@pytest.mark.requirement("CH-022")
def test_the_version_is_that_of_the_specification(all_services):
    assert {"2.0.1"} == {service["version"] for service in all_services}
    assert re.fullmatch(r"\d+\.\d+\.\d+", all_services[0]["version"])


@pytest.mark.requirement("CH-023")
def test_every_hook_has_the_version_of_its_page():
    assert HOOK_VERSIONS == {name: hook.version for name, hook in HOOKS.items()}


@pytest.mark.requirement("CH-023", "CH-024", "CH-190")
def test_a_service_is_there_once_at_a_hook_in_its_version():
    services = discovery(served())["services"]

    assert len(services) == len({(service["id"], service["hook"]) for service in services})
    assert [HOOK_VERSIONS[service["hook"]] for service in services] == [one["hookVersion"] for one in services]


@pytest.mark.requirement("CH-204")
def test_deprecated_hooks_are_not_advertised_unless_somebody_wants_them(all_services, of_orders):
    deprecated = {name for name, hook in HOOKS.items() if hook.deprecated}

    assert {"medication-prescribe", "order-review"} == deprecated
    assert set() == deprecated & {service["hook"] for service in all_services}
    assert deprecated == deprecated & {service["hook"] for service in of_orders}


@pytest.mark.requirement("CH-021")
@pytest.mark.parametrize(
    ("hook", "without"), [("order-sign", "without MedicationRequest"), ("order-review", "without any of it")]
)
def test_a_service_says_what_it_cannot_do_without(of_orders, hook, without):
    [told] = [one["usageRequirements"] for one in of_orders if (one["id"], one["hook"]) == ("orders", hook)]

    assert f"The answer is 412 {without}; other gaps are told on a card." in told
    assert "Supply the prefetch; what is left out is read from fhirServer with fhirAuthorization" in told


@pytest.mark.requirement("CH-021")
def test_what_a_service_says_itself_goes_before_and_that_nobody_reviewed_it_after():
    unreviewed = "No clinician has reviewed this content: a site has to review and approve it before clinical use."

    assert {f"Supply every prefetch key. {unreviewed}"} == {
        service["usageRequirements"] for service in discovery(served())["services"] if service["id"] == "pain"
    }
