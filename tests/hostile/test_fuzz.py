"""Messages changed by chance: each is answered by the protocol or refused by it, and none is a fault of ours.

A few hundred a run, the same every time; `FUZZ_EXAMPLES=100000 make test ARGS=tests/hostile/test_fuzz.py` for others.
"""

import json
from time import process_time
from uuid import uuid4

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cds.fhir.write import problems
from cds.hooks.schema import check_response
from cds.hooks.wording import plain
from tests.hostile.markup import shown
from tests.hostile.mutations import HOOKS, REAL, bodies, fuzzing, messages
from tests.hostile.stories import JSON, SERVICE

CALLS = messages([*HOOKS, *REAL])
CARD = str(uuid4())
FEEDBACK = [
    {
        "feedback": [
            {
                "card": CARD,
                "outcome": "overridden",
                "overrideReason": {
                    "reason": {"code": "d7ecf885", "system": "https://a.example/reasons", "display": "Not now"},
                    "userComment": "The patient declines",
                },
                "outcomeTimestamp": "2026-11-21T10:05:31Z",
            },
            {
                "card": CARD,
                "outcome": "accepted",
                "acceptedSuggestions": [{"id": str(uuid4())}, {"id": str(uuid4())}],
                "outcomeTimestamp": "2026-11-21T10:05:31.123+01:00",
            },
        ]
    }
]
REFUSALS = {400, 412, 413, 415}
SECONDS = 3


def check_refusal(response):
    assert response.status_code in REFUSALS, (response.status_code, response.data[:300])
    assert "application/fhir+json" == response.content_type
    assert () == problems(response.json)


def strictly(text):
    """What the text says, were it read by the strictest of clients (CH-002, CH-005, CH-006)."""

    def unique(pairs):
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)

    def no_constant(name):
        raise AssertionError(name)

    return json.loads(text, object_pairs_hook=unique, parse_constant=no_constant)


def check_answer(response):
    answer = strictly(response.data.decode())
    check_response(answer)
    for card in answer["cards"]:
        assert plain(card["summary"]) == card["summary"]
        assert "html_inline" not in shown(card["detail"]).tokens
        assert "html_block" not in shown(card["detail"]).tokens


@pytest.mark.requirement("CH-002", "CH-053", "CH-058", "CH-088")
@fuzzing
@given(bodies(CALLS))
def test_every_call_is_answered_or_refused(client, body):
    began = process_time()
    response = client.post(SERVICE, data=body, content_type=JSON)

    assert process_time() - began < SECONDS
    if response.status_code == 200:
        check_answer(response)
    else:
        check_refusal(response)


@pytest.mark.requirement("CH-053", "CH-088")
@fuzzing
@given(bodies(FEEDBACK))
def test_every_feedback_is_taken_or_refused(client, body):
    response = client.post(f"{SERVICE}/feedback", data=body, content_type=JSON)

    if response.status_code == 200:
        assert b"" == response.data
    else:
        check_refusal(response)


@fuzzing
@given(st.binary(max_size=200))
@example(b"")
@example(b"\x00")
def test_bytes_are_refused(client, body):
    for path in (SERVICE, f"{SERVICE}/feedback"):
        check_refusal(client.post(path, data=body, content_type=JSON))
