"""What can be done to a server with bytes alone, done to the one that is shipped (I1, I2, I5, I6, I15, I16)."""

import gzip
import json
import time
import zlib

import pytest

from cds.web.head import HEADERS_BYTES
from tests.hooks.messages import RULESETS, data, headache, nsaid_days
from tests.hooks.messages import request as message
from tests.hostile.wire import CHUNKED, CLOSE, chunked, length, request, say
from tests.serving import started

LIMIT = 50_000
SECONDS = 1  # for a body to arrive in
RIGHT = json.dumps(message(prefetch=data(headache(), nsaid_days()))).encode()
HIDDEN = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
SHORT = "the body is shorter than its Content-Length"


@pytest.fixture(scope="module")
def service():
    settings = {"CDS_MAX_BODY_BYTES": str(LIMIT), "CDS_BODY_SECONDS": str(SECONDS), "CDS_LOG_LEVEL": "info"}
    with started(CDS_RULESETS=str(RULESETS), **settings) as running:
        yield running


@pytest.fixture(scope="module")
def port(service):
    return service.port


def padded(size):
    return RIGHT + b" " * (size - len(RIGHT))


# Sizes and framing


@pytest.mark.requirement("CH-054")
@pytest.mark.parametrize(("size", "status"), [(LIMIT - 1, 200), (LIMIT, 200), (LIMIT + 1, 413), (4 * LIMIT, 413)])
@pytest.mark.parametrize("framed", [False, True], ids=["length", "chunked"])
def test_a_body_may_be_as_long_as_the_limit(port, size, status, framed):
    """(I1)"""
    body = padded(size)
    sent = request(CHUNKED, CLOSE, body=chunked(body)) if framed else request(length(body), CLOSE, body=body)

    heard = say(port, sent)

    assert (status,) == heard.statuses
    assert status == 200 or heard.outcome == f"the body may have at most {LIMIT} bytes"


@pytest.mark.parametrize("cut", [1, 100, len(RIGHT) // 2, len(RIGHT) - 1])
def test_part_of_a_body_is_no_body(port, cut):
    """(I1) Whether the client stops sending after part of what it announced, or of its chunks."""
    announced = say(port, request(length(RIGHT), body=RIGHT[:cut]), then_stop=True)
    in_chunks = say(port, request(CHUNKED, body=b"%x\r\n%s" % (len(RIGHT), RIGHT[:cut])), then_stop=True)
    between = say(port, request(CHUNKED, body=b"%x\r\n%s\r\n" % (cut, RIGHT[:cut])), then_stop=True)

    assert ((400,), SHORT) == (announced.statuses, announced.outcome)
    assert ((400,), (400,)) == (in_chunks.statuses, between.statuses)


def test_what_is_longer_than_announced_is_not_read_as_part_of_it(port):
    """(I1) The rest would be the next request, and is none."""
    heard = say(port, request(f"Content-Length: {len(RIGHT) - 5}", body=RIGHT))

    assert (400, 400) == heard.statuses
    assert heard.closed


def test_a_call_without_a_body_is_refused(port):
    """(I1) No length and no chunks: there is no body."""
    assert (400,) == say(port, request(CLOSE)).statuses


@pytest.mark.parametrize("value", ["+5", "-1", "5x", "0x5", "", "5, 6", "1" + "0" * 30, "५"])
def test_a_length_is_a_number(port, value):
    """(I1)"""
    heard = say(port, request(f"Content-Length: {value}", CLOSE, body=RIGHT))

    assert ((400,), True) == (heard.statuses, heard.closed)


def test_a_body_announced_as_too_large_is_not_waited_for(port):
    began = time.monotonic()

    assert (413,) == say(port, request(f"Content-Length: {LIMIT + 1}", CLOSE)).statuses
    assert time.monotonic() - began < SECONDS


@pytest.mark.parametrize("start", [b"", b"{", RIGHT[:-1]])
def test_a_body_that_does_not_come_is_not_waited_for(port, start):
    heard = say(port, request(length(RIGHT), body=start))

    assert ((408,), f"the body has to arrive within {SECONDS} seconds") == (heard.statuses, heard.outcome)


# Encodings and media types


def bomb():
    """Half a megabyte that would be half a gigabyte."""
    squeezed = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(squeezed.compress(bytes(1 << 20)) for _ in range(40)) + squeezed.flush()


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "compress", "gzip, identity", "x"])
@pytest.mark.parametrize("body", [RIGHT, gzip.compress(RIGHT), zlib.compress(RIGHT), bomb()], ids=range(4))
def test_a_compressed_body_is_not_unpacked(port, encoding, body):
    """(I2)"""
    began = time.monotonic()
    heard = say(port, request(length(body), f"Content-Encoding: {encoding}", CLOSE, body=body))

    assert ((415,), "compressed bodies are not accepted") == (heard.statuses, heard.outcome)
    assert time.monotonic() - began < SECONDS


def test_a_compressed_body_that_does_not_say_so_is_no_json(port):
    """(I2)"""
    body = gzip.compress(RIGHT)

    assert (400,) == say(port, request(length(body), CLOSE, body=body)).statuses


@pytest.mark.requirement("CH-003")
@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/json",
        "",
        "json",
        "*/*",
    ],
)
def test_what_a_page_of_a_browser_may_send_unasked_is_refused(port, kind):
    """(I15)"""
    sent = request(length(RIGHT), CLOSE, body=RIGHT).replace(b"Type: application/json", f"Type: {kind}".encode())

    assert ((415,), "Content-Type must be application/json") == (say(port, sent).statuses, say(port, sent).outcome)


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_header_does_not_change_the_method(port, name):
    """(I15)"""
    posted = say(port, request(length(RIGHT), f"{name}: DELETE", CLOSE, body=RIGHT))
    got = say(port, request(f"{name}: POST", CLOSE, method="GET"))
    asked = say(port, request(length(RIGHT), CLOSE, body=RIGHT, path="/cds-services/pain?_method=DELETE"))

    assert ((200,), (405,), (200,)) == (posted.statuses, got.statuses, asked.statuses)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "FOO"])
def test_other_methods_are_refused(port, method):
    """(I15)"""
    heard = say(port, request(length(RIGHT), CLOSE, body=RIGHT, method=method))

    assert ((405,), "this method is not allowed here; allowed: OPTIONS, POST") == (heard.statuses, heard.outcome)


# Requests that two servers could take in two ways


@pytest.mark.parametrize(
    "lines",
    [
        (length(RIGHT), "Content-Length: 5"),
        ("Content-Length: 5", length(RIGHT)),
        (f"{length(RIGHT)}, {len(RIGHT)}",),
        (length(RIGHT), "X-A: b\r\n folded"),
        (length(RIGHT), "Transfer-Encoding:\r\n chunked"),
        (length(RIGHT), "X-A : b"),
        ("Transfer-Encoding : chunked",),
        ("Transfer-Encoding: xchunked",),
        ("Transfer-Encoding: \x0bchunked",),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: gzip, chunked",),
        ("Transfer-Encoding: chunked, identity",),
        (length(RIGHT), "Host: b"),
        (length(RIGHT), "Host: a"),
        (length(RIGHT), "Content-Type: text/plain"),
        (length(RIGHT), "Content-Encoding: identity", "Content-Encoding: gzip"),
        (length(RIGHT), "Authorization: Bearer a", "Authorization: Bearer b"),
        (length(RIGHT), b"X-A: a\x00b"),
        (length(RIGHT), b"X-A: a\x01b"),
        (length(RIGHT), b"X-A: a\rX-B: b"),
        (length(RIGHT), b"\xc3\xa9: a"),
        (length(RIGHT), "no colon"),
        (length(RIGHT), ": a"),
        (length(RIGHT), "X A: a"),
    ],
    ids=lambda lines: ascii(b"|".join(line.encode() if isinstance(line, str) else line for line in lines))[2:60],
)
def test_a_head_that_can_be_taken_in_two_ways_is_refused(port, lines):
    """(I16)"""
    framing = b"|".join(line.encode() if isinstance(line, str) else line for line in lines)
    body = chunked(RIGHT) if b"hunked" in framing and b"\r\n" not in framing else RIGHT
    heard = say(port, request(*lines, CLOSE, body=body))

    assert ((400,), True) == (heard.statuses, heard.closed)


@pytest.mark.parametrize(
    "sent", [request(length(RIGHT), CLOSE, body=RIGHT, host=""), b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n"]
)
def test_a_request_names_its_host(port, sent):
    """(I16)"""
    assert (400,) == say(port, sent).statuses


@pytest.mark.parametrize("first", [0, 1], ids=["length first", "length last"])
@pytest.mark.parametrize("claimed", [5, len(chunked(RIGHT)), len(chunked(RIGHT)) + len(HIDDEN)])
def test_chunks_count_where_a_length_stands_beside_them_and_nothing_follows(port, first, claimed):
    """(I16) A request that another server might see behind them is not answered: the connection is closed."""
    framing = [f"Content-Length: {claimed}", CHUNKED]
    heard = say(port, request(*(framing if first == 0 else framing[::-1]), body=chunked(RIGHT) + HIDDEN))

    assert ((200,), True) == (heard.statuses, heard.closed)


@pytest.mark.parametrize(
    "frame", [b"zz\r\nabc\r\n", b"-1\r\n", b"\r\n", b"5;a\n", b"fffffffffffffffff\r\n", b" 5\r\nabcde\r\n"]
)
def test_chunks_that_are_none_end_the_connection(port, frame):
    """(I16)"""
    heard = say(port, request(CHUNKED, body=frame + b"0\r\n\r\n" + HIDDEN), then_stop=True)

    assert ((400,), True) == (heard.statuses, heard.closed)


def test_requests_one_after_another_on_a_connection_keep_apart(port):
    """(I16) Also where the first has a body that nobody reads, or is refused before its body."""
    body = request(path="/cds-services/pain", method="GET")
    unread = request(length(body), method="GET", path="/healthz", body=body)
    refused = request(length(body), body=body).replace(b"application/json", b"text/plain", 1)
    last = request(CLOSE, method="GET", path="/readyz")

    assert (200, 415, 200) == say(port, unread + refused + last).statuses


def test_an_upgrade_is_not_taken(port):
    websocket = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAA")
    cleartext = ("Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAMAAABkAAQAAP__")

    assert 101 not in say(port, request(*websocket, method="GET", path="/"), patience=0.5).statuses
    assert 101 not in say(port, request(*cleartext, method="GET", path="/"), patience=0.5).statuses
    assert () == say(port, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").statuses


# Heads that are too long


@pytest.mark.parametrize(
    ("size", "status"), [(HEADERS_BYTES - 200, 200), (HEADERS_BYTES, 431), (2 * HEADERS_BYTES, 431)]
)
def test_a_head_has_a_limit(port, size, status):
    heard = say(port, request(length(RIGHT), CLOSE, f"X-A: {'a' * size}", body=RIGHT))

    assert (status,) == heard.statuses
    assert status == 200 or heard.outcome == f"the headers may have at most {HEADERS_BYTES} bytes"


@pytest.mark.parametrize(
    ("sent", "statuses"),
    [
        (request(f"X-A: {'a' * 500_000}", CLOSE), (431,)),
        (request(*["X-A: a"] * 200, CLOSE), (431,)),
        (request(CLOSE, path="/" + "a" * 70_000), (414,)),
        (b"A" * 200_000, (431,)),
        (b"A" * 1_000, ()),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(300), (400,)),
        (b"GET /healthz\r\n\r\n", (400,)),
        (b"GET /healthz HTTP/9.9\r\nHost: a\r\n\r\n", (400,)),
        (b"GET  /healthz HTTP/1.1\r\nHost: a\r\n\r\n", (400,)),
        (b"GET /heal thz HTTP/1.1\r\nHost: a\r\n\r\n", (400,)),
        (b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n", (400,)),
    ],
    ids=["header", "headers", "address", "no end", "no line", "TLS", "0.9", "9.9", "blanks", "blank", "bytes"],
)
def test_what_the_server_refuses_itself_gets_no_words_at_all(port, sent, statuses):
    """No page and no version: a status and nothing else. Who still sends when it is refused may not even see that."""
    heard = say(port, sent, then_stop=True)

    assert (b"", True) == (heard.body, heard.closed)
    assert heard.statuses in (statuses, ())


@pytest.mark.parametrize(
    "path",
    [
        "/%00",
        "/%0d%0aX:%20y",
        "/%FF",
        "/%ED%A0%80",
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/nope?q=%",
        "//evil",
    ],
)
def test_an_address_of_any_characters_is_answered(port, path):
    """(I6)"""
    heard = say(port, request(CLOSE, method="GET", path=path))

    assert (404,) == heard.statuses
    assert "there is nothing at this address; GET /cds-services lists the services" == heard.outcome


def test_a_service_of_any_name_is_answered(port):
    """(I6)"""
    for name in ("%00", "%ED%A0%80", "%F0%9F%98%80", "..%2f..", "pain%00", "a" * 5_000, "%3Cscript%3E"):
        heard = say(port, request(length(RIGHT), CLOSE, body=RIGHT, path=f"/cds-services/{name}"))

        assert (404,) == heard.statuses
        assert "script" not in heard.outcome


def test_header_values_of_any_bytes_are_borne(port):
    """(I6)"""
    for name in ("X-Request-ID", "Origin", "Authorization", "User-Agent", "Accept", "Cookie", "X-Forwarded-Proto"):
        heard = say(port, request(length(RIGHT), name.encode() + b": \xff\xfe\xed\xa0\x80", CLOSE, body=RIGHT))

        assert (200,) == heard.statuses


@pytest.mark.parametrize("body", [b"[" * 49_000, b'{"a":' * 9_000, b'{"hook":"\xff"}', b"\xef\xbb\xbf{}", b"\x00"])
def test_what_is_no_json_is_refused_over_the_wire_too(port, body):
    """(I5, I6)"""
    began = time.monotonic()

    assert (400,) == say(port, request(length(body), CLOSE, body=body)).statuses
    assert time.monotonic() - began < SECONDS


# What every answer has


BARE = json.dumps(message()).encode()
ANSWERS = {
    "a page": (request(CLOSE, method="GET", path="/"), 200),
    "discovery": (request(CLOSE, method="GET", path="/cds-services"), 200),
    "a probe": (request(CLOSE, method="GET", path="/healthz"), 200),
    "what is served": (request(CLOSE, method="GET", path="/openapi.json"), 200),
    "cards": (request(length(RIGHT), CLOSE, body=RIGHT), 200),
    "no JSON": (request(length(b"{"), CLOSE, body=b"{"), 400),
    "no host": (request(CLOSE, method="GET", path="/", host=""), 400),
    "nothing there": (request(CLOSE, method="GET", path="/nope"), 404),
    "another method": (request(CLOSE, method="PUT", path="/cds-services"), 405),
    "too slow": (request(length(RIGHT), CLOSE, body=b"{"), 408),
    "no data": (request(length(BARE), CLOSE, body=BARE), 412),
    "too long": (request(f"Content-Length: {LIMIT + 1}", CLOSE), 413),
    "another type": (request(length(RIGHT), "Content-Encoding: br", CLOSE, body=RIGHT), 415),
    "too long a head": (request(f"X-A: {'a' * HEADERS_BYTES}", CLOSE), 431),
}


@pytest.mark.parametrize(("sent", "status"), ANSWERS.values(), ids=ANSWERS.keys())
def test_every_answer_has_the_security_headers_and_says_little_of_the_server(port, sent, status):
    """(L3)"""
    heard = say(port, sent)

    assert (status,) == heard.statuses
    assert "no-store" == heard.headers["cache-control"]
    assert "nosniff" == heard.headers["x-content-type-options"]
    assert "no-referrer" == heard.headers["referrer-policy"]
    assert {"default-src 'none'", "frame-ancestors 'none'"} <= set(heard.headers["content-security-policy"].split("; "))
    assert "script-src" not in heard.headers["content-security-policy"]
    assert {"x-powered-by", "set-cookie", "access-control-allow-origin"}.isdisjoint(heard.headers)
    assert heard.headers.get("server", "granian") == "granian"


@pytest.mark.requirement("CH-002", "CH-088", "CH-089")
@pytest.mark.parametrize("sent", [sent for sent, status in ANSWERS.values() if status >= 400])
def test_every_error_is_an_operation_outcome_and_tells_nothing_of_the_request(port, sent):
    """(L3)"""
    heard = say(port, sent)

    assert heard.outcome
    assert {"severity", "code", "diagnostics"} == json.loads(heard.body)["issue"][0].keys()
    assert b"headache" not in heard.body.lower()
    assert b"File " not in heard.body


def test_nothing_of_all_this_was_a_fault(service):
    """Runs last of this file: no request before it, however broken, left a trace of a failure in the log."""
    written = service.log.read_text()
    lines = [json.loads(line) for line in written.splitlines() if line.startswith("{")]

    assert "Traceback" not in written
    assert [] == [line for line in lines if line.get("event") == "fault" or line.get("status", 0) >= 500]
    assert service.process.poll() is None
