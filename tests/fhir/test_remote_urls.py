import pytest

from cds.fhir.remote.urls import is_under, joined, normalised
from tests.fhir.remote import bundle, condition, ids, remote
from tests.outbound.hostile import ELSEWHERE, HOSTILE
from tests.outbound.serving import says

BASE = "https://ehr.example.org/fhir/r4"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (BASE, BASE),
        ("HTTPS://EHR.example.org:443/fhir/r4/", BASE),
        ("https://ehr.example.org", "https://ehr.example.org"),
        ("https://ehr.example.org/", "https://ehr.example.org"),
        ("https://ehr.example.org/FHIR", "https://ehr.example.org/FHIR"),
        ("https://ehr.example.org:8443/fhir", "https://ehr.example.org:8443/fhir"),
        ("http://[0::1]:80/fhir", "http://[::1]/fhir"),
        ("https://ehr.example.org/fhir?tenant=1", None),
        ("https://ehr.example.org/fhir#x", None),
        ("https://user@ehr.example.org/fhir", None),
        ("https://ehr.example.org/fhir/../x", None),
        ("https://ehr.example.org/%66hir", None),
        ("ehr.example.org/fhir", None),
        ("", None),
    ],
)
def test_a_base_is_compared_in_one_form(text, expected):
    """CH-080"""
    assert normalised(text) == expected


@pytest.mark.parametrize(
    "address",
    [
        BASE,
        f"{BASE}?_getpages=1-2&_getpagesoffset=20",
        f"{BASE}/Condition?patient=1&-pageContext=a%2Fb%3D",
        f"{BASE}/Condition/?_page_token=Cjj3",
        f"{BASE}/Condition/_search",
        "HTTPS://EHR.EXAMPLE.ORG:443/fhir/r4/Condition?x=//../%2e%2e/@",
    ],
)
def test_pages_of_the_servers_in_use_are_under_their_base(address):
    assert is_under(BASE, address) is True


@pytest.mark.parametrize("address", [*HOSTILE, *ELSEWHERE])
def test_what_is_somewhere_else_is_not_under_the_base(address):
    """S3"""
    assert is_under("http://ehr.test:9/fhir", address.format(port=9, other=8)) is False


@pytest.mark.parametrize("address", [*HOSTILE, *ELSEWHERE])
def test_nobody_but_the_base_can_be_registered_as_the_base(address):
    """S3 on fhirServer: what is not equal once normalised is not used."""
    assert normalised(address.format(port=9, other=8)) != "http://ehr.test:9/fhir"


@pytest.mark.parametrize(
    "relative",
    ["../admin", "/../admin", "Patient/..", "Patient/../../admin", "/evil.test/x", "Patient/1#x", "Patient/%2e"],
)
def test_a_query_that_leaves_the_base_has_no_address(relative):
    assert joined(BASE, relative) is None


def test_a_query_has_its_address_below_the_base():
    assert joined(BASE, "Condition?code=http://x|1") == f"{BASE}/Condition?code=http://x|1"


@pytest.mark.requirement("CH-080")
def test_a_next_link_that_leads_elsewhere_is_not_followed():
    """S3, F6: no connection, no look-up; the set counts as incomplete."""
    onward = iter([*filter(None, HOSTILE), *ELSEWHERE])

    def answer(asked):
        port = asked.server.server_port
        says(bundle(condition("c1"), next=next(onward).format(port=port, other=port + 1)))(asked)

    nowhere = {name: ["127.0.0.1"] for name in ("evil.test", "localhost", "ehr.test.evil.test", "evilehr.test")}
    with remote(answer, names=nowhere) as far:
        expected = len([*filter(None, HOSTILE), *ELSEWHERE])
        found = [far.partly() for _ in range(expected)]

        assert {(*ids(one), one.gap) for one in found} == {("c1", "its server keeps the rest somewhere else")}
        assert far.server.paths == ["/fhir/Condition?patient=p1"] * expected
        assert (far.server.connections, far.names.asked) == (1, ["ehr.test"])
