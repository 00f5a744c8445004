"""Whose FHIR server is read, with which token, and when neither is used."""

import time

import pytest

from cds.fhir.remote.reads import Access, Reads
from cds.fhir.remote.servers import FhirServer
from cds.hooks.access import NotReadable, Remote, access
from tests.outbound.serving import outbound

BASE = "https://ehr.example.org/fhir"
TOKEN = {
    "access_token": "some.opaque-token/+=",
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "patient/*.read",
    "subject": "cds-service",
}


@pytest.fixture(scope="module")
def reads():
    with outbound() as opened:
        yield Reads(opened)


def judged(reads, *servers, began=1_000.0, base=BASE, patient="1", **members):
    """The access of a call with this server and token, or why there is none."""
    remote = Remote(servers or (FhirServer(BASE, "cds-service"),), reads, 1.0, began)
    try:
        return access({"fhirServer": base, **members}, patient, remote)
    except NotReadable as reason:
        return str(reason)


def without(name):
    return {key: value for key, value in TOKEN.items() if key != name}


@pytest.mark.requirement("CH-072", "CH-074", "CH-175")
def test_a_token_made_out_to_this_service_is_used_until_it_expires(reads):
    found = judged(reads, fhirAuthorization=TOKEN)

    assert Access(BASE, "some.opaque-token/+=", "patient/*.read", 1_300.0) == found


@pytest.mark.requirement("CH-074")
@pytest.mark.parametrize("kind", ["bearer", "BEARER"])
def test_the_kind_of_token_may_be_written_in_any_case(reads, kind):
    assert isinstance(judged(reads, fhirAuthorization={**TOKEN, "token_type": kind}), Access)


@pytest.mark.requirement("CH-074")
@pytest.mark.parametrize("name", ["access_token", "token_type", "scope", "subject"])
@pytest.mark.parametrize("value", [None, "", 7, {"x": "y"}])
def test_a_token_that_lacks_something_is_not_used(reads, name, value):
    expected = f"fhirAuthorization.{name} is missing or is not a text"

    assert expected == judged(reads, fhirAuthorization=without(name))
    assert expected == judged(reads, fhirAuthorization={**TOKEN, name: value})


@pytest.mark.requirement("CH-074", "CH-075", "CH-079", "CH-175")
@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"token_type": "MAC"}, "fhirAuthorization.token_type is not Bearer"),
        ({"expires_in": None}, "fhirAuthorization.expires_in is missing or is not a whole number"),
        ({"expires_in": "300"}, "fhirAuthorization.expires_in is missing or is not a whole number"),
        ({"expires_in": 1.5}, "fhirAuthorization.expires_in is missing or is not a whole number"),
        ({"expires_in": True}, "fhirAuthorization.expires_in is missing or is not a whole number"),
        ({"expires_in": 0}, "fhirAuthorization has expired"),
        ({"expires_in": -1}, "fhirAuthorization has expired"),
        (
            {"access_token": "a\r\nX-Other: b"},
            "fhirAuthorization.access_token contains characters that no token may have",
        ),
        ({"access_token": "a b"}, "fhirAuthorization.access_token contains characters that no token may have"),
        ({"access_token": "schlüssel"}, "fhirAuthorization.access_token contains characters that no token may have"),
        ({"subject": "another-service"}, "fhirAuthorization.subject is not the one this service is registered as"),
        ({"patient": "2"}, "fhirAuthorization.patient is not context.patientId"),
        ({"patient": "Patient/2"}, "fhirAuthorization.patient is not context.patientId"),
        ({"patient": 1}, "fhirAuthorization.patient is not context.patientId"),
    ],
)
def test_a_token_that_is_for_something_else_is_not_used(reads, members, reason):
    assert reason == judged(reads, fhirAuthorization={**TOKEN, **members})


@pytest.mark.requirement("CH-075")
@pytest.mark.parametrize("patient", ["1", "Patient/1", None, ""])
def test_a_token_for_the_patient_of_the_call_is_used(reads, patient):
    assert isinstance(judged(reads, fhirAuthorization={**TOKEN, "patient": patient}), Access)


def test_one_second_is_long_enough(reads):
    assert 1_001.0 == judged(reads, fhirAuthorization={**TOKEN, "expires_in": 1}).deadline


@pytest.mark.requirement("CH-175")
def test_where_no_client_id_is_registered_any_subject_will_do(reads):
    assert isinstance(judged(reads, FhirServer(BASE), fhirAuthorization=TOKEN), Access)


@pytest.mark.requirement("CH-081")
@pytest.mark.parametrize(
    ("anonymous", "expected"),
    [(True, Access(BASE)), (False, "there is no fhirAuthorization, and the server may not be read without it")],
)
def test_without_a_token_only_servers_are_read_that_are_open_to_all(reads, anonymous, expected):
    assert expected == judged(reads, FhirServer(BASE, anonymous=anonymous))


@pytest.mark.requirement("CH-081")
def test_a_token_that_cannot_be_used_is_not_left_away_either(reads):
    assert "fhirAuthorization has expired" == judged(
        reads, FhirServer(BASE, anonymous=True), fhirAuthorization={**TOKEN, "expires_in": 0}
    )


@pytest.mark.requirement("CH-048", "CH-080")
@pytest.mark.parametrize("base", [f"{BASE}/", "https://EHR.example.org/fhir", "HTTPS://ehr.example.org:443/fhir"])
def test_a_server_may_be_written_in_several_ways(reads, base):
    assert BASE == judged(reads, base=base, fhirAuthorization=TOKEN).base


@pytest.mark.requirement("CH-080")
@pytest.mark.parametrize(
    "base",
    [
        "http://ehr.example.org/fhir",
        "https://ehr.example.org",
        "https://ehr.example.org/fhir/other",
        "https://ehr.example.org/FHIR",
        "https://ehr.example.org:8443/fhir",
        "https://ehr.example.org.evil.example/fhir",
        "https://ehr.example.org@evil.example/fhir",
        "https://user:pass@ehr.example.org/fhir",
        "https://ehr.example.org/fhir?x=y",
        "https://ehr.example.org/fhir#x",
        "https://ehr.example.org/a/../fhir",
        "https://ehr.example.org/%66hir",
        "https://ehr.example.org\\@evil.example/fhir",
        "http://169.254.169.254/",
        "http://127.0.0.1/",
        "file:///etc/passwd",
        "gopher://ehr.example.org/fhir",
        "//ehr.example.org/fhir",
        "ehr.example.org/fhir",
        "https://",
        "x",
    ],
)
def test_no_other_server_is_read(reads, base):
    """(S3) for fhirServer."""
    assert "fhirServer is not registered for this caller" == judged(reads, base=base, fhirAuthorization=TOKEN)


def test_a_caller_without_servers_has_none_read(reads):
    remote = Remote((), reads, 1.0, time.monotonic())

    with pytest.raises(NotReadable, match=r"^fhirServer is not registered for this caller$"):
        access({"fhirServer": BASE, "fhirAuthorization": TOKEN}, "1", remote)


@pytest.mark.requirement("CH-080")
def test_without_tls_only_a_server_is_read_that_was_registered_without(reads):
    plain = "http://10.0.0.1:8080/fhir"

    assert plain == judged(reads, FhirServer(plain), base=plain, fhirAuthorization=TOKEN).base


@pytest.mark.requirement("CH-078")
def test_no_reason_and_no_text_of_it_repeats_the_token(reads):
    secret = "the-secret"
    found = [
        judged(reads, fhirAuthorization={**TOKEN, "access_token": secret, **members})
        for members in ({}, {"subject": secret}, {"expires_in": secret}, {"scope": None}, {"patient": secret})
    ]

    assert not any(secret in f"{one} {one!r}" for one in found)
