"""Requests to other servers, over real sockets."""

import logging
import ssl
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from cds.errors import SettingsError
from cds.outbound import Outbound, Policy, Reply, Unreachable
from cds.outbound.connecting import system_resolver
from tests.outbound import serving as a_server_that
from tests.outbound.hostile import HOSTILE
from tests.outbound.serving import GZIP, Names, bomb, outbound, says, serving
from tests.serving import free_port

SECRET = "secret-token-4711"
HANG_SECONDS = 5  # within which everything else has happened, on however slow a machine


def got(out: Outbound, url: str, *, seconds: float = 5, limit: int = 1_000_000, **headers: str) -> Reply:
    return out.run(out.get(url, headers=headers, limit=limit), seconds=seconds)


def refusal(out: Outbound, url: str, *, seconds: float = 5, limit: int = 1_000_000, **headers: str) -> str:
    with pytest.raises(Unreachable) as refused:
        got(out, url, seconds=seconds, limit=limit, **headers)
    return refused.value.reason


def url_of(server: a_server_that.Server, path: str = "/", host: str = "127.0.0.1") -> str:
    return f"http://{host}:{server.server_port}{path}"


# -- what comes back


def test_a_reply_has_status_headers_and_body():
    with serving(says("gone", 410, X_Word="Yes")) as server, outbound() as out:
        reply = got(out, url_of(server, "/a?b=c|d"), accept="text/plain")

        assert (reply.status, reply.headers["x-word"], reply.body) == (410, "Yes", b"gone")
        ((path, headers),) = server.asked
        assert (path, headers["accept"], headers["host"]) == ("/a?b=c%7Cd", "text/plain", url_of(server)[7:-1])


def test_a_body_may_be_compressed():
    with serving(says(bomb(1_000) + bomb(24), 200, **GZIP)) as server, outbound() as out:
        assert got(out, url_of(server)).body == bytes(1_024)


@pytest.mark.parametrize("size", [1_000, 1_001])
@pytest.mark.parametrize("headers", [{}, GZIP], ids=["as it is", "compressed"])
def test_a_body_may_be_as_large_as_the_limit_and_no_larger(size, headers):
    body = bomb(size) if headers else bytes(size)
    with serving(says(body, 200, **headers)) as server, outbound() as out:
        if size == 1_000:
            assert len(got(out, url_of(server), limit=1_000).body) == 1_000
        else:
            assert refusal(out, url_of(server), limit=1_000) == "too-large"


def test_a_compressed_bomb_is_stopped_at_the_limit():
    """I2 for what is fetched: 200 kB that would be 200 MB."""
    with serving(says(bomb(200_000_000), 200, **GZIP)) as server, outbound() as out:
        began = time.process_time()

        assert refusal(out, url_of(server), limit=1_000_000) == "too-large"
        assert time.process_time() - began < 1


def test_a_reply_does_not_show_its_body():
    assert repr(Reply(200, {"x": SECRET}, SECRET.encode())) == "Reply(status=200, 17 bytes)"


def test_no_cookie_is_kept():
    with serving(says("", 200, Set_Cookie="session=1; Path=/")) as server, outbound() as out:
        got(out, url_of(server))
        got(out, url_of(server))

        assert [headers.get("cookie") for _, headers in server.asked] == [None, None]


# -- what does not


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
def test_a_redirect_is_not_followed(status):
    """S4"""
    with serving(says("")) as elsewhere, outbound() as out:
        with serving(says("", status, Location=url_of(elsewhere))) as server:
            assert refusal(out, url_of(server), authorization=f"Bearer {SECRET}") == "redirect"

        assert elsewhere.connections == 0


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (a_server_that.hangs, "timeout"),
        (a_server_that.drips, "timeout"),
        (a_server_that.drips_headers, "timeout"),
        (a_server_that.hangs_up, "reset"),
        (a_server_that.goes_away, "reset"),
        (a_server_that.breaks_off, "protocol"),
        (a_server_that.babbles, "protocol"),
        (a_server_that.endless, "too-large"),
        (says("x", 200, Content_Encoding="br"), "protocol"),
        (says("no gzip", 200, **GZIP), "protocol"),
        (says(bomb(5_000)[:-9], 200, **GZIP), "protocol"),
        (says("", 200, **GZIP), None),
        (says("", 200, X_Large="x" * 200_000), "protocol"),
    ],
)
def test_every_fault_of_a_server_has_a_name(answer, reason):
    """F2, F5"""
    with serving(answer) as server, outbound() as out:
        if reason:
            assert refusal(out, url_of(server), seconds=0.4 if reason == "timeout" else 5) == reason
        else:
            assert got(out, url_of(server)).body == b""


def test_a_server_that_is_not_there_refuses():
    """F1"""
    with outbound() as out:
        assert refusal(out, f"http://127.0.0.1:{free_port()}/") == "refused"


@pytest.mark.parametrize("answer", [a_server_that.hangs, a_server_that.drips, a_server_that.drips_headers])
def test_nothing_outlasts_the_deadline(answer):
    """F2"""
    with serving(answer) as server, outbound() as out:
        began = time.monotonic()
        refusal(out, url_of(server), seconds=0.3)

        assert 0.29 < time.monotonic() - began < HANG_SECONDS


def test_the_deadline_holds_for_a_whole_piece_of_work():
    async def much(out: Outbound, url: str) -> None:
        while True:
            await out.get(url, limit=1_000)

    with serving(says("")) as server, outbound() as out:
        with pytest.raises(Unreachable) as late:
            out.run(much(out, url_of(server)), seconds=0.2)
        asked = len(server.asked)
        time.sleep(0.1)

        assert late.value.reason == "timeout"
        assert len(server.asked) - asked <= 1  # one was on its way


def test_a_hundred_requests_cut_off_leave_room_for_the_next():
    """F2: the pool has sixty-four connections."""
    answer = a_server_that.by_path({"/slow": a_server_that.hangs, "/quick": says("here")})
    with serving(answer) as server, outbound() as out, ThreadPoolExecutor(25) as callers:
        reasons = callers.map(lambda _: refusal(out, url_of(server, "/slow"), seconds=0.2), range(100))

        assert set(reasons) == {"timeout"}
        assert got(out, url_of(server, "/quick")).body == b"here"


def test_a_connection_is_used_again():
    with serving(says("here")) as server, outbound() as out:
        for _ in range(5):
            got(out, url_of(server))

        assert (len(server.asked), server.connections) == (5, 1)


# -- names and addresses


def test_the_checked_address_is_the_one_connected_to():
    """S4: the second look-up, that would give another address, is never made."""
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    with serving(says("here")) as server, outbound(resolve=lambda _: next(answers)) as out:
        assert got(out, url_of(server, host="ehr.test")).body == b"here"
        assert server.asked[0][1]["host"] == f"ehr.test:{server.server_port}"
        assert next(answers) == ["10.0.0.1"]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "169.254.169.254",
        "10.1.2.3",
        "::1",
        "fc00::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_a_name_of_an_address_that_is_not_public_is_refused(address):
    """S4"""
    names = Names({"ehr.test": [address]})
    with serving(says("")) as server, outbound(private=(), resolve=names) as out:
        assert refusal(out, f"https://ehr.test:{server.server_port}/") == "address"
        assert (server.connections, names.asked) == (0, ["ehr.test"])


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:7f00:1]", "[::ffff:127.0.0.1]"])
def test_an_address_that_is_not_public_is_refused_without_asking_anyone(host, scheme):
    """S4"""
    names = Names({})
    with serving(says("")) as server, outbound(private=(), resolve=names) as out:
        assert refusal(out, f"{scheme}://{host}:{server.server_port}/") == "address"
        assert (server.connections, names.asked) == (0, [])


def test_without_tls_a_public_address_is_refused():
    with outbound(resolve=Names({"ehr.test": ["8.8.8.8"]})) as out:
        assert refusal(out, "http://ehr.test/") == "address"


def test_of_several_addresses_those_that_are_permitted_are_tried_in_order():
    names = Names({"ehr.test": ["10.0.0.1", "169.254.169.254", "127.0.0.9", "127.0.0.1"]})
    with serving(says("here")) as server, outbound(resolve=names) as out:  # nobody listens at 127.0.0.9
        assert got(out, url_of(server, host="ehr.test")).body == b"here"


def test_a_name_without_an_address_is_none():
    """F26"""
    with outbound(resolve=Names({"empty.test": []})) as out:
        assert [refusal(out, f"https://{name}/") for name in ("ehr.test", "empty.test")] == ["name", "name"]


def test_the_system_knows_this_machine():
    assert {"127.0.0.1", "::1"} & set(system_resolver("localhost"))


def test_a_resolver_that_hangs_holds_nobody_beyond_the_deadline():
    """F26"""

    over = threading.Event()

    def slow(_: str) -> list[str]:
        over.wait(4 * HANG_SECONDS)
        return []

    with outbound(resolve=slow) as out:
        began = time.monotonic()

        assert refusal(out, "https://ehr.test/", seconds=0.2) == "timeout"
        assert time.monotonic() - began < HANG_SECONDS
        over.set()


def test_what_two_readers_could_understand_differently_is_asked_of_nobody():
    """S3: no connection and no look-up, whatever the address behind it."""
    names = Names({name: ["127.0.0.1"] for name in ("ehr.test", "evil.test", "localhost")})
    with serving(says("")) as server, outbound(resolve=names) as out:
        urls = [each.format(port=server.server_port, other=server.server_port + 1) for each in HOSTILE]

        assert [] == [url for url in urls if refusal(out, url) != "address"]
        assert (server.connections, names.asked) == (0, [])


def test_proxies_of_the_environment_are_not_asked(monkeypatch):
    with serving(says("proxy")) as proxy, serving(says("server")) as server:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, url_of(proxy))
        with outbound() as out:
            assert got(out, url_of(server)).body == b"server"
        assert proxy.connections == 0


# -- TLS


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A certificate authority, and the file that says it is trusted."""
    made = trustme.CA()
    file = tmp_path_factory.mktemp("ca") / "ca.pem"
    made.cert_pem.write_to_path(str(file))
    return made, file


def context(certificate):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(made)
    return made


def test_a_certificate_of_a_further_authority_is_trusted_for_its_name(authority):
    ca, file = authority
    names = Names({"ehr.test": ["127.0.0.1"], "other.test": ["127.0.0.1"]})
    with (
        serving(says("here"), tls=context(ca.issue_cert("ehr.test"))) as server,
        outbound(ca_file=file, resolve=names) as out,
    ):
        assert got(out, f"https://ehr.test:{server.server_port}/").body == b"here"
        assert refusal(out, f"https://other.test:{server.server_port}/", authorization=SECRET) == "tls"
        assert len(server.asked) == 1


def test_a_connection_for_one_name_is_not_used_for_another_at_the_same_address(authority):
    ca, file = authority
    names = Names({"ehr.test": ["127.0.0.1"], "other.test": ["127.0.0.1"]})
    with (
        serving(says("here"), tls=context(ca.issue_cert("ehr.test", "other.test"))) as server,
        outbound(ca_file=file, resolve=names) as out,
    ):
        for name in ("ehr.test", "other.test"):
            got(out, f"https://{name}:{server.server_port}/")

        assert server.connections == 2


def test_a_certificate_that_has_expired_is_refused(authority):
    """F26"""
    ca, file = authority
    yesterday = datetime.now(UTC) - timedelta(days=1)
    expired = ca.issue_cert("ehr.test", not_before=yesterday - timedelta(days=9), not_after=yesterday)
    with (
        serving(says(""), tls=context(expired)) as server,
        outbound(ca_file=file, resolve=Names({"ehr.test": ["127.0.0.1"]})) as out,
    ):
        assert refusal(out, f"https://ehr.test:{server.server_port}/") == "tls"


def test_a_certificate_of_an_unknown_authority_is_refused(authority):
    """F26"""
    _, file = authority
    with (
        serving(says(""), tls=context(trustme.CA().issue_cert("ehr.test"))) as server,
        outbound(ca_file=file, resolve=Names({"ehr.test": ["127.0.0.1"]})) as out,
    ):
        assert refusal(out, f"https://ehr.test:{server.server_port}/") == "tls"


def test_a_server_that_does_not_speak_tls_is_refused():
    with serving(says("")) as server, outbound() as out:
        assert refusal(out, f"https://127.0.0.1:{server.server_port}/", seconds=2) == "tls"


@pytest.mark.parametrize("content", ["", "no certificate"])
def test_a_file_without_certificates_is_told_at_once(tmp_path, content):
    file = tmp_path / "ca.pem"
    file.write_text(content)

    with pytest.raises(SettingsError, match="CDS_CA_FILE"):
        Outbound(Policy(ca_file=file))


# -- secrets


def test_no_exception_and_no_log_tells_a_token_or_an_address(caplog):
    """CH-078"""
    caplog.set_level(logging.DEBUG)
    faults = [
        a_server_that.hangs,
        a_server_that.hangs_up,
        a_server_that.babbles,
        says("", 302),
        says("{}"),
        says("no", 401),
    ]
    told = []
    for answer in faults:
        with serving(answer) as server, outbound() as out:
            try:
                told.append(repr(got(out, url_of(server, "/Patient/p-0815"), seconds=0.2, authorization=SECRET)))
            except Unreachable as error:
                told += [str(error), repr(error), repr(error.__cause__), repr(error.__context__)]
    with outbound() as out:
        told.append(refusal(out, "https://ehr.test/", authorization="two\r\nlines: of " + SECRET))

    assert not any(secret in text for text in (*told, caplog.text) for secret in (SECRET, "p-0815"))


# -- its thread


def test_work_in_the_background_goes_on_by_itself():
    done = []

    async def work(out: Outbound, url: str) -> None:
        done.append((await out.get(url, limit=10)).body)

    with serving(says("here")) as server, outbound() as out:
        out.spawn(work(out, url_of(server)))
        until = time.monotonic() + 5
        while not done and time.monotonic() < until:
            time.sleep(0.01)

    assert done == [b"here"]


def test_closing_ends_what_is_under_way():
    with serving(a_server_that.hangs) as server, outbound() as out, ThreadPoolExecutor(1) as callers:
        waiting = callers.submit(refusal, out, url_of(server), seconds=20)
        while not server.asked:
            time.sleep(0.01)
        began = time.monotonic()
        out.close()

        assert waiting.result(timeout=5) == "reset"
        assert time.monotonic() - began < 2


def test_after_a_fork_the_loop_is_a_new_one():
    """Workers are forked from a process that may have asked something already."""
    with serving(says("here")) as server:
        script = FORKED.format(url=url_of(server))
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, timeout=30, check=False
        )

        assert (done.returncode, done.stdout.split()) == (0, ["parent", "child", "parent"])
        assert server.connections == 2


FORKED = """
import os, sys
from ipaddress import ip_network
from cds.outbound import Outbound, Policy
out = Outbound(Policy((ip_network("127.0.0.0/8"),)))
def ask(who):
    assert out.run(out.get("{url}", limit=10), seconds=5).body == b"here"
    print(who, flush=True)
ask("parent")
if child := os.fork():
    assert os.waitpid(child, 0)[1] == 0
    ask("parent")
    out.close()
else:
    ask("child")
    os._exit(0)
"""
