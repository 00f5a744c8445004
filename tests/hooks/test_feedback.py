"""What became of cards, as clients tell it: strict about what is said, lenient about who says how much."""

import json
from datetime import UTC, datetime

import msgspec
import pytest

from cds.errors import RequestError
from cds.hooks.feedback import feedback
from cds.hooks.overrides import SYSTEM
from cds.hooks.schema.feedback import MOST_TOLD
from cds.journal import Caller

CARD, OTHER_CARD = "0b2ad9e3-6a3c-4d34-9d2a-6e0f7f4c8d11", "4fd4b0a2-0c0c-4d9b-8b0e-2b7d5b7c9a22"
SUGGESTION, OTHER_SUGGESTION = "a1f3cf0e-9d71-4f8e-8f0a-5b8c0a3e7d33", "c7b8e6d5-1a2b-4c3d-9e8f-0a1b2c3d4e44"
AT = "2026-11-21T10:05:31Z"
RECEIVED = datetime(2026, 11, 21, 10, 6, tzinfo=UTC)
HOSPITAL = Caller(client="general-hospital", issuer="https://ehr.example.org", tenant="a", jti="1")

ACCEPTED = {
    "card": CARD,
    "outcome": "accepted",
    "acceptedSuggestions": [{"id": SUGGESTION}],
    "outcomeTimestamp": AT,
}
OVERRIDDEN = {"card": CARD, "outcome": "overridden", "outcomeTimestamp": AT}


def sealed(comment, belongs_to):
    return f"sealed({len(comment)} bytes of {belongs_to})"


def read(*entries, caller=HOSPITAL):
    return read_body(json.dumps({"feedback": entries}).encode(), caller)


def read_body(body, caller=HOSPITAL):
    return feedback(body, service="pain", caller=caller, received=RECEIVED, seal=sealed)


def without(entry, *names):
    return {name: value for name, value in entry.items() if name not in names}


def overridden(**reason):
    return OVERRIDDEN | {"overrideReason": reason}


@pytest.mark.requirement("CH-137", "CH-139", "CH-143")
def test_an_accepted_card_is_told_with_its_suggestions():
    (one,) = read(ACCEPTED | {"acceptedSuggestions": [{"id": OTHER_SUGGESTION}, {"id": SUGGESTION}]})

    assert one.card == CARD
    assert one.outcome == "accepted"
    assert one.suggestions == (SUGGESTION, OTHER_SUGGESTION)
    assert one.at == datetime(2026, 11, 21, 10, 5, 31, tzinfo=UTC)
    assert (one.service, one.caller, one.received) == ("pain", HOSPITAL, RECEIVED)


@pytest.mark.requirement("CH-138", "CH-141", "CH-142")
def test_an_overridden_card_is_told_with_the_reason_and_the_comment_sealed():
    reason = {"code": "patient-refuses", "system": SYSTEM, "display": "Patient refuses"}

    (one,) = read(overridden(reason=reason, userComment="seen by <b>Dr Ã–</b> 🙂"))

    assert one.outcome == "overridden"
    assert (one.reason_code, one.reason_system, one.reason_display) == ("patient-refuses", SYSTEM, "Patient refuses")
    assert one.comment == sealed("seen by <b>Dr Ã–</b> 🙂".encode(), f"feedback {one.id}")
    assert b"Dr" not in msgspec.json.encode(one)


@pytest.mark.requirement("CH-142")
def test_a_very_long_comment_is_kept_whole():
    (one,) = read(overridden(userComment="<script>\n" + "x" * 100_000))

    assert one.comment == f"sealed(100009 bytes of feedback {one.id})"


@pytest.mark.requirement("CH-140", "CH-141")
@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (OVERRIDDEN, ("", "", "")),
        (overridden(), ("", "", "")),
        (OVERRIDDEN | {"overrideReason": None}, ("", "", "")),
        (overridden(reason=None, userComment=""), ("", "", "")),
        (overridden(reason={}), ("", "", "")),
        (overridden(reason={"code": "patient-refuses"}), ("", "patient-refuses", "")),
        (overridden(reason={"code": "x", "system": "urn:own", "display": "Own"}), ("urn:own", "x", "Own")),
    ],
)
def test_why_a_card_was_overridden_may_be_told_in_part_or_not_at_all(entry, reason):
    (one,) = read(entry)

    assert (one.reason_system, one.reason_code, one.reason_display) == reason
    assert one.comment == ""


@pytest.mark.requirement("CH-143")
@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2021-12-11T10:05:31Z", datetime(2021, 12, 11, 10, 5, 31, tzinfo=UTC)),
        ("2021-12-11T10:05:31.5Z", datetime(2021, 12, 11, 10, 5, 31, 500_000, tzinfo=UTC)),
        ("2021-12-11T10:05:31.123456789Z", datetime(2021, 12, 11, 10, 5, 31, 123_456, tzinfo=UTC)),
        ("2021-12-11t10:05:31z", datetime(2021, 12, 11, 10, 5, 31, tzinfo=UTC)),
        ("2021-12-11T10:05:31+00:00", datetime(2021, 12, 11, 10, 5, 31, tzinfo=UTC)),
        ("2021-12-11T10:05:31-00:00", datetime(2021, 12, 11, 10, 5, 31, tzinfo=UTC)),
        ("2021-12-11T00:30:00+01:00", datetime(2021, 12, 10, 23, 30, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_moment_is_told_in_utc_or_with_its_offset(written, moment):
    (one,) = read(OVERRIDDEN | {"outcomeTimestamp": written})

    assert one.at == moment
    assert one.at.tzinfo is UTC


@pytest.mark.requirement("CH-143")
@pytest.mark.parametrize(
    "written",
    [
        "2020-12-11",
        "2020-12-11T00:00:00Z UTC",
        "2020-12-11T00:00:00",
        "2020-12-11 00:00:00Z",
        "2020-12-11T00:00Z",
        "2020-12-11T24:00:00Z",
        "2020-12-11T00:00:00+24:00",
        "2020-12-11T00:00:00.Z",
        "2020-02-30T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "٢٠٢٠-12-11T00:00:00Z",
        "2020-12-11T00:00:00Z\n",
        1639216331,
        True,
        {},
        None,
    ],
)
def test_other_moments_are_refused(written):
    with pytest.raises(RequestError, match=r"^feedback\[0\]\.outcomeTimestamp "):
        read(OVERRIDDEN | {"outcomeTimestamp": written})


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        pytest.param(without(ACCEPTED, "card"), "card is required", marks=pytest.mark.requirement("CH-137")),
        (OVERRIDDEN | {"card": ""}, "card is required"),
        (OVERRIDDEN | {"card": " "}, "card must not be empty"),
        (OVERRIDDEN | {"card": 7}, "card must be a text"),
        (OVERRIDDEN | {"card": ["x"]}, "card must be a text"),
        (OVERRIDDEN | {"card": "a\u0007b"}, "card must be one line"),
        (OVERRIDDEN | {"card": "x" * 1_001}, "card must be one line"),
        pytest.param(without(OVERRIDDEN, "outcome"), "outcome is required", marks=pytest.mark.requirement("CH-138")),
        pytest.param(
            OVERRIDDEN | {"outcome": "ignored"},
            "outcome must be accepted or overridden",
            marks=pytest.mark.requirement("CH-138"),
        ),
        (ACCEPTED | {"outcome": "ACCEPTED"}, "outcome must be accepted or overridden"),
        (OVERRIDDEN | {"outcome": 1}, "outcome must be a text"),
        pytest.param(
            without(ACCEPTED, "acceptedSuggestions"),
            "acceptedSuggestions is required with outcome accepted",
            marks=pytest.mark.requirement("CH-139"),
        ),
        (ACCEPTED | {"acceptedSuggestions": []}, "acceptedSuggestions is required with outcome accepted"),
        (ACCEPTED | {"acceptedSuggestions": [SUGGESTION]}, r"acceptedSuggestions\[0\] must be an object"),
        (ACCEPTED | {"acceptedSuggestions": {"id": SUGGESTION}}, "acceptedSuggestions must be an array"),
        (ACCEPTED | {"acceptedSuggestions": [{"id": SUGGESTION}, {}]}, r"acceptedSuggestions\[1\]\.id is required"),
        (overridden(reason={"display": "Own words"}), r"overrideReason\.reason\.code is required"),
        (overridden(reason="patient-refuses"), r"overrideReason\.reason must be an object"),
        (overridden(userComment=7), r"overrideReason\.userComment must be a text"),
        (OVERRIDDEN | {"overrideReason": "no"}, "overrideReason must be an object"),
        (without(OVERRIDDEN, "outcomeTimestamp"), "outcomeTimestamp is required"),
    ],
)
def test_an_entry_that_is_wrong_is_refused_by_its_place(entry, place):
    with pytest.raises(RequestError, match=rf"^feedback\[1\]\.{place}"):
        read(OVERRIDDEN, entry)


@pytest.mark.requirement("CH-136")
@pytest.mark.parametrize(
    ("body", "message"),
    [
        (json.dumps([OVERRIDDEN]), "the body must be one JSON object"),
        (json.dumps(OVERRIDDEN), "feedback is required"),
        ("{}", "feedback is required"),
        ('{"feedback": null}', "feedback is required"),
        (json.dumps({"feedback": OVERRIDDEN}), "feedback must be an array"),
        ('{"feedback": [1]}', r"feedback\[0\] must be an object"),
        ('{"feedback": [[]]}', r"feedback\[0\] must be an object"),
        ("", "the body must be one JSON object"),
        ("null", "the body must be one JSON object"),
        ('{"feedback": [], "feedback": []}', "two members with the same name"),
        ('{"feedback": [{"card": "a", "card": "b"}]}', "two members with the same name"),
        ('{"feedback": [NaN]}', "NaN"),
        ('{"feedback": [' + "[" * 100 + "]" * 100 + "]}", "64 levels"),
        ('{"feedback": [{"card": "\\ud800"}]}', "half a character"),
    ],
)
def test_a_body_that_is_no_feedback_is_refused(body, message):
    with pytest.raises(RequestError, match=message):
        read_body(body.encode())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1"])
def test_a_body_in_another_encoding_is_refused(encoding):
    body = json.dumps({"feedback": [overridden(userComment="schön")]}, ensure_ascii=False)

    with pytest.raises(RequestError):
        read_body(body.encode(encoding))


def test_an_error_repeats_nothing_of_what_was_sent():
    with pytest.raises(RequestError) as refused:
        read(OVERRIDDEN | {"card": "Jane Doe\n", "outcome": "Jane Doe", "overrideReason": {"reason": "Jane Doe"}})

    assert "Jane" not in str(refused.value)


@pytest.mark.requirement("CH-136")
def test_feedback_may_be_empty():
    assert read() == ()


@pytest.mark.requirement("CH-144")
def test_one_message_tells_of_several_cards():
    told = read(ACCEPTED, OVERRIDDEN | {"card": OTHER_CARD}, overridden(reason={"code": "x"}))

    assert [(one.card, one.outcome) for one in told] == [
        (CARD, "accepted"),
        (OTHER_CARD, "overridden"),
        (CARD, "overridden"),
    ]
    assert len({one.id for one in told}) == 3


def test_as_many_entries_as_are_allowed_are_read_and_not_one_more():
    cards = [OVERRIDDEN | {"card": str(number)} for number in range(1_001)]

    assert len(read(*cards[:1_000])) == 1_000
    with pytest.raises(RequestError, match="at most 1000 entries"):
        read(*cards)


@pytest.mark.requirement("CH-144")
def test_what_is_told_again_is_the_same_entry():
    """(F21)"""
    again = ACCEPTED | {"outcomeTimestamp": "2026-11-21T11:05:31.000+01:00", "acceptedSuggestions": [
        {"id": f"urn:uuid:{SUGGESTION.upper()}"}, {"id": SUGGESTION}
    ]}  # fmt: skip

    assert len(read(ACCEPTED, ACCEPTED)) == 1
    assert [one.id for one in read(ACCEPTED)] == [one.id for one in read(again)]


@pytest.mark.parametrize(
    "other",
    [
        ACCEPTED | {"card": OTHER_CARD},
        ACCEPTED | {"acceptedSuggestions": [{"id": OTHER_SUGGESTION}]},
        ACCEPTED | {"outcomeTimestamp": "2026-11-21T10:05:32Z"},
        OVERRIDDEN,
    ],
)
def test_what_is_told_anew_is_another_entry(other):
    (first,), (second,) = read(ACCEPTED), read(other)

    assert first.id != second.id


def test_override_reasons_are_told_apart():
    told = read(OVERRIDDEN, overridden(reason={"code": "x"}), overridden(reason={"code": "x", "system": "urn:own"}))

    assert len({one.id for one in told}) == 3


@pytest.mark.requirement("CH-150")
@pytest.mark.parametrize(
    "stranger",
    [
        msgspec.structs.replace(HOSPITAL, issuer="https://other.example.org"),
        msgspec.structs.replace(HOSPITAL, tenant="b"),
    ],
)
def test_the_same_words_of_another_caller_are_another_entry(stranger):
    (mine,), (theirs,) = read(OVERRIDDEN), read(OVERRIDDEN, caller=stranger)

    assert mine.id != theirs.id


def test_another_token_of_the_same_caller_makes_no_other_entry():
    (first,) = read(OVERRIDDEN)
    (second,) = read(OVERRIDDEN, caller=msgspec.structs.replace(HOSPITAL, jti="2"))

    assert first.id == second.id


@pytest.mark.requirement("CH-146")
def test_a_card_that_nobody_knows_is_taken_down():
    (one,) = read(OVERRIDDEN | {"card": "not-a-card-of-ours"})

    assert one.card == "not-a-card-of-ours"


def test_what_does_not_go_with_the_outcome_is_left_out():
    (accepted,) = read(ACCEPTED | {"overrideReason": {"reason": {"code": "x"}, "userComment": "no"}})
    (over,) = read(OVERRIDDEN | {"acceptedSuggestions": [{"id": SUGGESTION}]})

    assert (accepted.reason_code, accepted.comment) == ("", "")
    assert over.suggestions == ()


def test_members_of_extensions_are_no_fault():
    (one,) = read(OVERRIDDEN | {"extension": {"com.example": [1]}, "cards": [], "overrideReasons": {"key": "x"}})

    assert one.card == CARD


def test_an_entry_is_the_same_after_it_was_written_down():
    (one,) = read(overridden(reason={"code": "x"}, userComment="y"))

    assert one == msgspec.json.decode(msgspec.json.encode(one), type=type(one))


def test_every_entry_that_is_wrong_is_named_up_to_a_limit():
    with pytest.raises(RequestError) as caught:
        read(without(OVERRIDDEN, "card"), *[without(OVERRIDDEN, "outcome")] * 50)

    assert MOST_TOLD == len(caught.value.diagnostics)
    assert ("feedback[0].card is required", "feedback[1].outcome is required") == caught.value.diagnostics[:2]
