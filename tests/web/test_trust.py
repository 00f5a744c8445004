"""A closed service: who calls is known before anything else, and a refusal tells nothing."""

import json
from ipaddress import ip_network

import pytest

from cds.errors import ClientsError
from tests.security.tokens import LEFT_OUT, PUBLIC_URL, Issuer, packed
from tests.web.closed import (
    BY_TLS,
    CALL,
    DISCOVERY,
    FEEDBACK,
    HOSPITAL,
    JSON,
    PAIN,
    PRACTICE,
    clients_file,
    closed,
    journal,
    token,
)

NOTHING = json.dumps({"feedback": []}).encode()


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    return closed(tmp_path_factory.mktemp("closed"))


@pytest.mark.requirement("CH-155", "CH-158", "CH-161")
@pytest.mark.parametrize("issuer", [HOSPITAL, PRACTICE], ids=["ES384", "RS384"])
def test_a_right_token_lets_a_call_in(service, issuer):
    response = service.post(token=token(issuer=issuer))

    assert (200, 1) == (response.status_code, len(response.json["cards"]))


def test_the_scheme_may_be_written_in_small_letters(service):
    assert 200 == service.post(Authorization=f"bearer {token()}").status_code


def test_a_client_that_calls_too_often_is_told_when_to_come_again(tmp_path):
    """(L4) Nobody else is, and what it asks in vain fills no record."""
    service = closed(tmp_path, practice={"per_minute": 6})
    first, second = (service.post(token=token(issuer=PRACTICE)) for _ in range(2))

    assert (200, 429, "throttled") == (first.status_code, second.status_code, second.json["issue"][0]["code"])
    assert 1 <= int(second.headers["Retry-After"]) <= 10
    assert 200 == service.post(token=token(issuer=HOSPITAL)).status_code
    assert [200, 200] == [entry.status for entry in journal(service.state)]


@pytest.mark.requirement("CH-154", "CH-173")
@pytest.mark.parametrize("given", [None, "x", token(aud=f"{PUBLIC_URL}/cds-services/other")], ids=["none", "x", "aud"])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        (PAIN, CALL),
        (PAIN, b"{bad"),
        (PAIN, b" " * 6_000_000),
        ("/cds-services/nope", CALL),
        ("/cds-services/nope/feedback", NOTHING),
        ("/cds-services/a/b/c", CALL),
        (DISCOVERY, CALL),
        (FEEDBACK, NOTHING),
        (FEEDBACK, b"{bad"),
    ],
    ids=[
        "call",
        "no JSON",
        "too large",
        "no service",
        "no service to tell",
        "no page",
        "no POST",
        "feedback",
        "bad feedback",
    ],
)
def test_the_token_comes_before_everything_else(service, path, body, given):
    """(S18)"""
    response = service.post(path, given, body)

    assert (401, "Bearer") == (response.status_code, response.headers["WWW-Authenticate"])


def test_the_token_comes_before_the_media_type_and_the_method(service):
    refused = service.http.post(PAIN, data=CALL, content_type="text/plain", headers=BY_TLS)

    assert (401, 401) == (refused.status_code, service.get(PAIN).status_code)


@pytest.mark.requirement("CH-173", "CH-087")
@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (PAIN, b"{bad", 400),
        ("/cds-services/nope", CALL, 404),
        ("/cds-services/nope/feedback", NOTHING, 404),
        (FEEDBACK, NOTHING, 200),
        (FEEDBACK, b"{bad", 400),
    ],
)
def test_with_a_right_token_one_is_told_what_is_wrong(service, path, body, status):
    assert status == service.post(path, token(path), body).status_code


def test_with_a_right_token_the_method_is_told(service):
    response = service.get(PAIN, token())

    assert (405, "OPTIONS, POST") == (response.status_code, response.headers["Allow"])


REFUSED = {
    "none": None,
    "no token": "x",
    "no signature": f"{packed({'alg': 'none', 'typ': 'JWT'})}.{packed({'iss': HOSPITAL.url})}.",
    "a stranger's": token(issuer=Issuer("https://stranger.example.org")),
    "another's key": token(issuer=Issuer(which="stolen"), header={"kid": "ES384"}),
    "unknown kid": token(header={"kid": "other"}),
    "wrong type": token(header={"typ": "at+jwt"}),
    "wrong audience": token(audience=PUBLIC_URL),
    "expired": token(now=1_700_000_000),
    "in the future": token(now=4_000_000_000),
    "for ever": token(exp=4_000_000_000),
    "without jti": token(jti=LEFT_OUT),
    "too long": token(more="x" * 20_000),
}


@pytest.mark.requirement("CH-154", "CH-171")
@pytest.mark.parametrize("path", [PAIN, FEEDBACK])
def test_a_refusal_is_the_same_whatever_was_wrong(service, path):
    """(S17)"""
    answers = {}
    for name, refused in REFUSED.items():
        response = service.post(path, refused, **{"X-Request-ID": "the-same-one"})
        answers[name] = (response.status_code, response.data, sorted(response.headers.items()))

    assert {401} == {status for status, *_ in answers.values()}
    assert 1 == len({body for _, body, _ in answers.values()})
    assert 1 == len({repr(headers) for *_, headers in answers.values()})


def test_the_log_says_why_in_a_word_and_who_it_was(service, capsys):
    service.post(token=token(now=1_700_000_000))
    service.post(token=token())
    said = capsys.readouterr().out

    assert "refused=expired" in said
    assert "client=hospital" in said
    assert "eyJ" not in said


@pytest.mark.requirement("CH-155")
@pytest.mark.parametrize("parameter", ["token", "access_token", "jwt"])
def test_a_token_elsewhere_than_in_its_header_is_none(service, parameter):
    given = token()
    body = json.dumps(json.loads(CALL) | {parameter: given}).encode()

    assert 401 == service.post(f"{PAIN}?{parameter}={given}", body=body).status_code


@pytest.mark.requirement("CH-163")
def test_a_token_is_good_for_one_call(service):
    given = token()

    assert [200, 401] == [service.post(token=given).status_code for _ in range(2)]


def test_a_token_that_was_refused_for_something_else_is_not_used_up(service):
    given = token(issuer=PRACTICE, jti="same")
    wrong = token("/cds-services/nope", issuer=PRACTICE, jti="same")

    assert [401, 200] == [service.post(token=each).status_code for each in (wrong, given)]


@pytest.mark.requirement("CH-161")
@pytest.mark.parametrize(
    ("audience", "status"),
    [
        (PUBLIC_URL + PAIN, 200),
        ([PUBLIC_URL + PAIN], 200),
        ([PUBLIC_URL + PAIN, "https://other.example.org"], 200),
        (PUBLIC_URL, 401),
        (PUBLIC_URL + DISCOVERY, 401),
        (f"{PUBLIC_URL}{PAIN}/", 401),
        (f"{PUBLIC_URL}/cds-services/other", 401),
        (PUBLIC_URL.replace("https", "http") + PAIN, 401),
        ((PUBLIC_URL + PAIN).upper(), 401),
        (PUBLIC_URL + FEEDBACK, 401),
        ([], 401),
    ],
)
def test_a_token_is_made_out_to_the_address_that_is_called(service, audience, status):
    """(S10)"""
    assert status == service.post(token=token(audience=audience)).status_code


@pytest.mark.requirement("CH-161")
@pytest.mark.parametrize(
    "forged",
    [
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example"},
        {"Forwarded": "host=evil.example;proto=https"},
        {"X-Forwarded-Prefix": "/evil", "X-Forwarded-Port": "8443"},
        {"X-Original-URL": "/cds-services/other", "X-Rewrite-URL": "/cds-services/other"},
    ],
)
def test_what_a_request_says_of_its_address_changes_nothing(service, forged):
    """(S10)"""
    elsewhere = token(audience=f"https://evil.example{PAIN}")

    assert 200 == service.post(token=token(), **forged).status_code
    assert 401 == service.post(token=elsewhere, **forged).status_code


@pytest.mark.requirement("CH-148")
@pytest.mark.parametrize(
    ("audience", "status"),
    [(FEEDBACK, 200), (PAIN, 200), (DISCOVERY, 401), ("/cds-services/other", 401), ("/feedback", 401)],
)
def test_a_token_for_feedback_is_made_out_to_it_or_to_its_service(service, audience, status):
    assert status == service.post(FEEDBACK, token(audience), NOTHING).status_code


@pytest.mark.requirement("CH-029", "CH-011")
def test_discovery_is_open_unless_it_is_protected(service, tmp_path):
    """(S18)"""
    protected = closed(tmp_path, protect_discovery=True)

    assert 200 == service.get(DISCOVERY).status_code
    assert 401 == protected.get(DISCOVERY).status_code
    assert 401 == protected.get(DISCOVERY, token(PAIN)).status_code
    assert 200 == protected.get(DISCOVERY, token(DISCOVERY)).status_code
    assert 200 == protected.get(f"{DISCOVERY}/", token(DISCOVERY)).status_code


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/openapi.json", "/"])
def test_pages_about_the_service_need_no_token(service, path):
    assert 200 == service.get(path).status_code


@pytest.mark.parametrize(
    "path", [f"/{PAIN}", PAIN.replace("/pain", "//pain"), f"{PAIN}%2Ffeedback", "/CDS-services/pain"]
)
def test_there_is_no_way_around_the_check(service, path):
    assert service.post(path).status_code in (401, 404)


@pytest.mark.requirement("CH-087")
def test_a_client_may_be_for_some_services_only(tmp_path):
    service = closed(tmp_path, {"services": ["order-only"]})

    statuses = {
        path: service.post(path, token(path, PRACTICE), NOTHING).status_code
        for path in (PAIN, FEEDBACK, "/cds-services/order-only/feedback")
    }

    assert {PAIN: 403, FEEDBACK: 403, "/cds-services/order-only/feedback": 200} == statuses
    assert 200 == service.post(PAIN, token()).status_code


def test_a_service_that_is_mistyped_in_the_clients_file_is_told_with_its_line(tmp_path):
    with pytest.raises(ClientsError) as caught:
        closed(tmp_path, {"services": ["pian"]})

    [line] = [
        at
        for at, text in enumerate(clients_file(tmp_path, services=["pian"]).read_text().splitlines(), 1)
        if "pian" in text
    ]
    assert f'clients.yaml:{line}: there is no service "pian"; did you mean "pain"?' == str(caught.value)


@pytest.mark.requirement("CH-172", "CH-176")
def test_the_caller_is_recorded_and_its_token_is_not(tmp_path):
    service = closed(tmp_path)
    given = token(tenant="ward-7", jti="one-of-its-kind")
    service.post(token=given)
    [decision] = journal(service.state)

    assert ("hospital", HOSPITAL.url, "ward-7", "one-of-its-kind") == (
        decision.caller.client,
        decision.caller.issuer,
        decision.caller.tenant,
        decision.caller.jti,
    )
    written = b"".join(file.read_bytes() for file in service.state.rglob("*") if file.is_file())
    assert given.encode() not in written
    assert given.split(".")[2].encode() not in written


def test_what_a_client_asks_in_vain_is_recorded_and_what_a_stranger_asks_is_not(tmp_path):
    service = closed(tmp_path, {"services": ["order-only"]})
    given = token(jti="once")
    asked = (
        (PAIN, given, CALL),
        (PAIN, given, CALL),  # used before
        (PAIN, None, CALL),
        (PAIN, token(PAIN, PRACTICE), CALL),  # not its service
        (PAIN, token(), b"{bad"),
    )
    statuses = [service.post(*each).status_code for each in asked]

    assert [200, 401, 401, 403, 400] == statuses
    assert [(200, "hospital"), (403, "practice"), (400, "hospital")] == [
        (each.status, each.caller.client) for each in journal(service.state)
    ]


def test_a_proxy_that_is_not_ours_is_not_believed(tmp_path):
    service = closed(tmp_path, proxies=(ip_network("10.0.0.0/8"),))

    assert 403 == service.post(token=token()).status_code
    assert (
        200
        == service.http.post(
            PAIN,
            data=CALL,
            headers={**BY_TLS, "Authorization": f"Bearer {token()}"},
            environ_base={"REMOTE_ADDR": "10.1.2.3"},
            **JSON,
        ).status_code
    )
