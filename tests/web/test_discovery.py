"""What discovery answers."""

import pytest

from cds.hooks.library import HOOKS


def everything(value):
    """A value and all within it."""
    yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        yield from everything(each)


@pytest.mark.requirement("CH-001", "CH-011", "CH-012", "CH-014", "CH-027", "CH-003")
@pytest.mark.parametrize("path", ["/cds-services", "/cds-services/"])
@pytest.mark.parametrize("accept", [None, "application/json", "*/*", "text/html"])
def test_the_services_are_listed(client, path, accept):
    response = client.get(path, headers={"Accept": accept} if accept else {})

    assert (200, "application/json", ["services"]) == (response.status_code, response.content_type, list(response.json))


VERSIONS = {"version", "hookVersion"}


@pytest.mark.requirement("CH-013")
def test_the_list_is_the_same_each_time(client):
    assert client.get("/cds-services").data == client.get("/cds-services").data


@pytest.mark.requirement("CH-005", "CH-006", "CH-007", "CH-020")
def test_nothing_in_the_list_is_null_or_empty(client):
    assert [] == [value for value in everything(client.get("/cds-services").json) if value in (None, "", [], {})]


@pytest.mark.requirement("CH-016", "CH-017", "CH-018", "CH-019", "CH-028")
def test_a_service_says_what_it_is(client):
    for service in client.get("/cds-services").json["services"]:
        assert {"hook", "title", "description", "id", "prefetch"} <= service.keys()
        assert service.keys() <= {"hook", "title", "description", "id", "prefetch", "usageRequirements"} | VERSIONS
        assert service["hook"] in HOOKS
        assert service["id"].replace("-", "").isalnum() and service["id"] != "feedback"


@pytest.mark.requirement("CH-024", "CH-025")
def test_a_service_may_be_at_several_hooks_once_each(client):
    offered = [(service["id"], service["hook"]) for service in client.get("/cds-services").json["services"]]

    assert len(set(offered)) == len(offered)
    assert {"patient-view", "order-sign"} <= {hook for name, hook in offered if name == "pain"}


@pytest.mark.requirement("CH-204")
def test_hooks_that_are_replaced_are_not_offered(client):
    hooks = {service["hook"] for service in client.get("/cds-services").json["services"]}

    assert set() == hooks & {name for name, hook in HOOKS.items() if hook.deprecated}


@pytest.mark.requirement("CH-030", "CH-031")
def test_prefetch_tokens_reach_the_client_as_they_are(client):
    [service, *_] = client.get("/cds-services").json["services"]

    assert "Patient/{{context.patientId}}" == service["prefetch"]["patient"]


@pytest.mark.requirement("CH-037")
def test_the_patient_is_asked_for_first(client):
    assert b'"prefetch":{"patient":' in client.get("/cds-services").data


@pytest.mark.requirement("CH-015")
def test_without_services_the_list_is_empty():
    from cds.hooks.catalogue import Catalogue, discovery
    from cds.ruleset.model import Knowledge

    assert {"services": []} == discovery(Catalogue(Knowledge({}, {}, {}, (), ""), {}))
