"""Where the public address says https, nothing that came in the clear is answered."""

from dataclasses import replace
from ipaddress import ip_network

import pytest

from tests.web.closed import CALL, DISCOVERY, FEEDBACK, JSON, PAIN, opened

PROXY = "10.1.2.3"


@pytest.fixture(scope="module")
def behind_a_proxy(settings):
    networks = (ip_network("10.1.0.0/16"), ip_network("fd00::/8"))
    return opened(replace(settings, public_url="https://cds.example.org", proxies=networks))


def asked(client, method, path, sender=PROXY, **headers):
    body = {"data": CALL, **JSON} if method == "POST" else {}
    return client.open(path, method=method, headers=headers, environ_base={"REMOTE_ADDR": sender}, **body)


@pytest.mark.requirement("CH-151")
@pytest.mark.parametrize(("method", "path"), [("POST", PAIN), ("POST", FEEDBACK), ("GET", DISCOVERY), ("GET", "/")])
def test_what_came_in_the_clear_is_refused(behind_a_proxy, method, path):
    response = asked(behind_a_proxy, method, path)

    assert (403, "forbidden") == (response.status_code, response.json["issue"][0]["code"])
    assert "https://cds.example.org" in response.json["issue"][0]["diagnostics"]
    assert "Location" not in response.headers


@pytest.mark.requirement("CH-151")
@pytest.mark.parametrize("sender", [PROXY, "10.1.255.255", "::ffff:10.1.2.3", "fd12::1"])
def test_a_proxy_of_ours_says_what_came_by_https(behind_a_proxy, sender):
    assert 200 == asked(behind_a_proxy, "POST", PAIN, sender, **{"X-Forwarded-Proto": "https"}).status_code


@pytest.mark.requirement("CH-151")
@pytest.mark.parametrize(
    ("sender", "headers"),
    [
        ("10.2.0.1", {"X-Forwarded-Proto": "https"}),
        ("127.0.0.1", {"X-Forwarded-Proto": "https"}),
        ("fe80::1", {"X-Forwarded-Proto": "https"}),
        ("", {"X-Forwarded-Proto": "https"}),
        (PROXY, {"X-Forwarded-Proto": "http"}),
        (PROXY, {"X-Forwarded-Proto": "https, http"}),
        (PROXY, {"X-Forwarded-Proto": "http,https"}),
        (PROXY, {"X-Forwarded-Proto": "HTTPS"}),
        (PROXY, {"X-Forwarded-Proto": ""}),
        (PROXY, {"Forwarded": "proto=https"}),
        (PROXY, {"X-Forwarded-Scheme": "https", "X-Forwarded-Ssl": "on", "X-Forwarded-Port": "443"}),
    ],
)
def test_nobody_else_does_and_nothing_else_counts(behind_a_proxy, sender, headers):
    assert 403 == asked(behind_a_proxy, "POST", PAIN, sender, **headers).status_code


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_who_watches_the_process_may_ask_in_the_clear(behind_a_proxy, path):
    assert 200 == asked(behind_a_proxy, "GET", path, "127.0.0.1").status_code


def test_what_came_by_tls_itself_needs_no_word(behind_a_proxy):
    response = behind_a_proxy.post(PAIN, base_url="https://cds.example.org", data=CALL, **JSON)

    assert 200 == response.status_code


@pytest.mark.parametrize("path", [PAIN, "/nope", "/healthz"])
def test_a_client_that_knows_https_is_told_to_stay_with_it(behind_a_proxy, client, path):
    """(L3)"""
    told = asked(behind_a_proxy, "GET", path, **{"X-Forwarded-Proto": "https"}).headers

    assert "max-age=31536000" == told["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in client.get(path).headers


def test_hosts_below_this_one_are_spoken_for_where_the_operator_wants_it(behind_a_proxy):
    """(V3.4.1)"""
    https = {"X-Forwarded-Proto": "https"}
    settings = replace(behind_a_proxy.application.extensions["cds.settings"], hsts_subdomains=True)

    told = asked(opened(settings), "GET", DISCOVERY, **https).headers

    assert "max-age=31536000; includeSubDomains" == told["Strict-Transport-Security"]
