"""A caller's trace is continued where it is one, and nothing else of it is handed on."""

import pytest

from cds.web.trace import continued

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.mark.parametrize(
    ("given", "sampled"),
    [
        (PARENT, True),
        (PARENT[:-2] + "00", False),
        (PARENT[:-2] + "ff", True),
        (PARENT[:-2] + "fe", False),
        (f"cc{PARENT[2:]}", True),
        (f"cc{PARENT[2:]}-what-comes-later", True),
    ],
)
def test_a_trace_is_continued_by_a_span_of_ours(given, sampled):
    trace = continued(given)

    assert trace
    assert (TRACE, sampled, 16) == (trace.id, trace.sampled, len(trace.span))
    assert trace.span != "00f067aa0ba902b7"
    assert f"00-{TRACE}-{trace.span}-{'01' if sampled else '00'}" == trace.header


@pytest.mark.parametrize(
    "given",
    [
        "",
        "Unverwechselbar",
        f"ff{PARENT[2:]}",
        PARENT.upper(),
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"{PARENT}-more",
        f"{PARENT}.",
        f"{PARENT},{PARENT}",
        PARENT[:-1],
        f" {PARENT}",
        f"{PARENT}\n",
        PARENT.replace("4", "٤"),
    ],
)
def test_what_is_no_trace_is_not_continued(given):
    assert continued(given) is None


def test_an_answer_names_the_trace_and_the_span(client):
    told = client.get("/healthz", headers={"traceparent": PARENT}).headers["traceparent"]

    assert (f"00-{TRACE}-", "-01", len(PARENT)) == (told[:36], told[-3:], len(told))
    assert "traceparent" not in client.get("/healthz").headers
    assert "traceparent" not in client.get("/healthz", headers={"traceparent": "Unverwechselbar"}).headers
