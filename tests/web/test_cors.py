"""Calls from pages in a browser: the origins that are listed, and no others."""

from dataclasses import replace

import pytest

from cds.errors import EngineFault
from cds.loading import load_catalogue
from cds.web.app import application, connections
from tests.web.closed import BY_TLS, CALL, DISCOVERY, FEEDBACK, JSON, PAIN, closed, token

ORIGIN = "https://sandbox.example.org"
OTHERS = (
    "https://evil.example",
    f"{ORIGIN}.evil.example",
    "https://evil-sandbox.example.org",
    f"{ORIGIN}:8443",
    ORIGIN.replace("https", "http"),
    ORIGIN.upper(),
    f"{ORIGIN}/",
    "null",
    "*",
    "",
)
PREFLIGHT = {
    **BY_TLS,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type",
}


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cors")
    return closed(folder, origins=(ORIGIN, "http://localhost:8000"), protect_discovery=True)


def allowed(response):
    return {name: value for name, value in response.headers.items() if name.startswith("Access-Control-")}


@pytest.mark.requirement("CH-177")
@pytest.mark.parametrize("path", [DISCOVERY, PAIN, FEEDBACK])
@pytest.mark.parametrize("origin", [ORIGIN, "http://localhost:8000"])
def test_a_browser_may_ask_without_a_token_whether_it_may_send_one(service, path, origin):
    """(L2)"""
    response = service.http.options(path, headers=PREFLIGHT | {"Origin": origin})

    assert (204, b"") == (response.status_code, response.data)
    assert origin == response.headers["Access-Control-Allow-Origin"]
    assert {"GET", "POST", "OPTIONS"} <= set(response.headers["Access-Control-Allow-Methods"].split(", "))
    assert {"Authorization", "Content-Type"} <= set(response.headers["Access-Control-Allow-Headers"].split(", "))
    assert "Origin" == response.headers["Vary"]


@pytest.mark.requirement("CH-179")
@pytest.mark.parametrize("origin", OTHERS)
@pytest.mark.parametrize("path", [DISCOVERY, PAIN, FEEDBACK])
def test_no_other_origin_is_allowed_anything(service, path, origin):
    """(L2)"""
    preflight = service.http.options(path, headers=PREFLIGHT | {"Origin": origin})
    called = service.post(path, token(path), Origin=origin)

    assert ({}, {}) == (allowed(preflight), allowed(called))
    assert ("Origin", "Origin") == (preflight.headers["Vary"], called.headers["Vary"])


@pytest.mark.requirement("CH-178")
@pytest.mark.parametrize(
    ("path", "signed", "body", "status"),
    [
        (PAIN, True, CALL, 200),
        (PAIN, True, b"{bad", 400),
        (PAIN, False, CALL, 401),
        ("/cds-services/nope", True, CALL, 404),
        (DISCOVERY, True, CALL, 405),
        (PAIN, True, CALL.replace(b'"prefetch"', b'"nothing"'), 412),
        (FEEDBACK, True, b'{"feedback": []}', 200),
        (FEEDBACK, True, b"{}", 400),
    ],
)
def test_every_answer_may_be_read_by_the_page(service, path, signed, body, status):
    response = service.post(path, token(path) if signed else None, body, Origin=ORIGIN)

    assert status == response.status_code
    assert (ORIGIN, "Origin") == (response.headers["Access-Control-Allow-Origin"], response.headers["Vary"])
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert "WWW-Authenticate" in response.headers["Access-Control-Expose-Headers"]


@pytest.mark.requirement("CH-178")
def test_a_fault_may_be_read_by_the_page(settings):
    settings = replace(settings, origins=(ORIGIN,))
    served = load_catalogue(settings)
    faulty = application(settings, served, connections(settings, served))

    @faulty.before_request
    def fail():
        raise EngineFault("the engine failed")

    response = faulty.test_client().post(PAIN, data=CALL, headers={"Origin": ORIGIN}, **JSON)

    assert (500, ORIGIN) == (response.status_code, response.headers["Access-Control-Allow-Origin"])


@pytest.mark.requirement("CH-179")
def test_without_a_list_no_page_may_call(client):
    response = client.post(PAIN, data=CALL, headers={"Origin": ORIGIN}, **JSON)

    assert (200, {}) == (response.status_code, allowed(response))


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/openapi.json"])
def test_other_pages_are_not_for_other_origins(service, path):
    assert {} == allowed(service.http.get(path, headers=BY_TLS | {"Origin": ORIGIN}))
