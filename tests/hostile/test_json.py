"""Bodies that are hardly JSON, or JSON and hardly a request (I3 to I7, I14)."""

import json
from time import process_time

import pytest

from cds.errors import RequestError
from cds.fhir.decode import MAX_KEYS
from cds.fhir.plenty import VALUES, check_values
from cds.hooks.schema.feedback import MOST, MOST_SUGGESTIONS
from tests.hostile.stories import JSON, SERVICE, TODAY, details, post, story, text_of, words

SADDLE = text_of("cauda-equina-new-saddle-numbness")
RESIDUAL = '"value": 350,'
NO_NUMBER = f"Post-void residual of {TODAY} is not a number"
SECONDS = 3  # of computing; a quiet machine takes less than half


def with_residual(number):
    assert SADDLE.count(RESIDUAL) == 1
    return SADDLE.replace(RESIDUAL, f'"value": {number},')


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("350", "350 mL"),
        ("350.0", "350 mL"),
        ("3.5e2", "350 mL"),
        ("350.10", "350.1 mL"),
        ("350.1000000000000000000000000000000000000000000000001", "350.1 mL"),
        ("-0", "0 mL"),
        ("-0.0", "0 mL"),
        ("999999999999999", "999999999999999 mL"),
    ],
)
def test_a_value_of_the_record_is_the_number_that_was_sent(client, number, shown):
    """(I3, I7)"""
    assert f"or catheter: {shown}, {TODAY}" in details(post(client, with_residual(number)))


@pytest.mark.parametrize(
    "number",
    ["1e400", "-1e400", "1e15000", "1" * 5_000, "1" * 309, "18446744073709551616", "1000000000000001", "true", '"350"'],
)
def test_what_is_no_measurement_is_no_value_and_is_told(client, number):
    """(I3, I7) Never a wrong number: the value is not used, and the card says so."""
    found = details(post(client, with_residual(number)))

    assert NO_NUMBER in found
    assert "Post-void residual:" not in found


@pytest.mark.requirement("CH-053")
@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "01", "+1", ".5", "1.", "0x10", "1e", "--1", "1_0"])
def test_what_is_no_number_of_json_is_refused(client, number):
    """(I3)"""
    response = post(client, with_residual(number))

    assert 400 == response.status_code
    assert words(response).startswith("the body is not JSON (byte ")


@pytest.mark.parametrize("number", ["1e400", "-1e99999", "1" * 41, "1" * 5_000, "0." + "1" * 39, "1e" + "0" * 39])
def test_a_number_of_the_context_that_is_beyond_measure_is_refused(client, number):
    """(I3, I7) The context goes back to the client in suggestions, so nothing in it is guessed at."""
    body = SADDLE.replace('"context": {', f'"context": {{"x": {number}, ')

    assert 400 == post(client, body).status_code


@pytest.mark.requirement("CH-119")
@pytest.mark.parametrize("number", ["1.10", "-0", "-0.0", "0.000001", "18446744073709551616", "1E+2", "5"])
def test_a_number_goes_back_with_its_digits(client, number):
    """(I3) The order that is changed is the client's own."""
    name = "order-sign-naproxen-for-sixty-days-with-migraine"
    order = story(name)["context"]["draftOrders"]["entry"][0]["resource"]
    marked = json.dumps(order)[:-1] + f', "extension": [{{"url": "https://a.example/x", "valueDecimal": {number}}}]}}'
    body = text_of(name).replace(json.dumps(order), marked)

    assert f'"valueDecimal":{number}}}' in post(client, body).text


@pytest.mark.requirement("CH-053")
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"patientId": "', '"patientId": "2", "patientId": "'),
        ('"hook": "', '"hook": "order-sign", "hook": "'),
        ('"context": {', '"context": {}, "context": {'),
        ('"prefetch": {', '"prefetch": {}, "prefetch": {'),
        ('"prefetch": {', '"fhirServer": "https://a.example", "fhirServer": "https://b.example", "prefetch": {'),
        ('"context": {', '"context": {"x": {"y": 1, "y": 1}, '),
    ],
)
def test_a_member_that_decides_may_not_be_there_twice(client, before, after):
    """(I4) Anywhere but in the prefetch, whose resources are the client's own to garble."""
    response = post(client, SADDLE.replace(before, after, 1))

    assert (400, "an object of the request has two members with the same name") == (
        response.status_code,
        words(response),
    )


@pytest.mark.parametrize("late", ['"hook": "order-sign"', '"context": {}', '"fhirServer": "https://b.example"'])
def test_a_second_member_behind_the_prefetch_is_seen(client, late):
    body = SADDLE.replace('"prefetch": {', '"fhirServer": "https://a.example", "prefetch": {')

    assert 400 == post(client, f"{body[:-1]}, {late}}}").status_code


@pytest.mark.requirement("CH-053")
@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"prefetch":{"k":' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
        b'{"context":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
    ids=["lists", "objects", "in prefetch", "in context"],
)
def test_depth_is_refused_and_harmless(client, body):
    """(I5)"""
    began = process_time()

    assert 400 == post(client, body).status_code
    assert process_time() - began < SECONDS


@pytest.mark.parametrize("depth", [1, 60, 300])
def test_depth_within_a_resource_is_only_unread(client, depth):
    """(I5) Questionnaires nest; what nests beyond use costs nothing but itself."""
    message = story()
    for answers in message["prefetch"]["questionnaireResponses"]["entry"]:
        for _ in range(depth):
            answers["resource"]["item"] = [{"linkId": "x", "item": answers["resource"]["item"]}]

    assert "Saddle sensory loss" in details(post(client, json.dumps(message)))


def listed(count):
    """A text of so many values, one of them the list around the others."""
    return b"[" + b",".join([b"0"] * (count - 1)) + b"]"


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        (listed(VALUES), False),
        (listed(VALUES + 1), True),
        (listed(VALUES + 1) + b" " * 15 * VALUES, False),
        (listed(VALUES + 1) + b" " * 10 * VALUES, True),
        (b'"' + b"," * 9 * VALUES + b'"', False),
        (b'["' + b"[{\\\\" * 3 * VALUES + b'","\\"' + b',\\"' * 3 * VALUES + b'"]', False),
        (b'["\\\\",' + listed(VALUES)[1:], True),
        (b"{" + b",".join(b'"%d":0' % number for number in range(1_000_000)) + b"}", True),
    ],
)
def test_a_body_holds_a_bounded_number_of_values(text, refused):
    """(I5) One for 15 bytes, and 200,000 in any case: real charts take 23 bytes and more for one."""
    began = process_time()
    if refused:
        with pytest.raises(RequestError, match="the body holds more than"):
            check_values(text)
    else:
        check_values(text)

    assert process_time() - began < SECONDS


@pytest.mark.parametrize(("count", "status"), [(MAX_KEYS - 2, 200), (MAX_KEYS + 1, 400)])
@pytest.mark.parametrize("value", [None, 0], ids=["sound", "salvaged"])
def test_a_prefetch_has_a_bounded_number_of_keys(client, count, status, value):
    """(I5)"""
    message = story("healthy-runner-nothing-to-say")
    own = message["prefetch"]
    message["prefetch"] = {**own, **{f"k{number}": value for number in range(count - len(own) + 2)}}

    assert status == post(client, json.dumps(message)).status_code


UNREAD = {
    "entries": '{"resourceType":"Bundle","entry":[%s]}',
    "components": '{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Observation","component":[%s]}}]}',
    "codings": '{"resourceType":"Observation","status":"final","code":{"coding":[%s]}}',
}


@pytest.mark.parametrize("shape", UNREAD.values(), ids=UNREAD.keys())
def test_the_worst_that_fits_is_read_in_time(client, shape):
    """No request computes for longer than two seconds on a quiet machine."""
    message = story("healthy-runner-nothing-to-say")
    message["prefetch"]["observations"] = "here"
    worst = shape % (",".join(["0" + " " * 13] * 320_000))
    body = json.dumps(message).replace('"here"', worst)
    began = process_time()

    assert 200 == post(client, body).status_code
    assert process_time() - began < SECONDS


@pytest.mark.requirement("CH-053")
@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"\xff", "the text is not UTF-8"),
        (b"\xc0\xaf", "the text is not UTF-8"),
        (b"\xe0\x80\xaf", "the text is not UTF-8"),
        (b"\xed\xa0\x80", "the text is not UTF-8"),
        (b"\xf5\x80\x80\x80", "the text is not UTF-8"),
        (b"\xc3", "the text is not UTF-8"),
        (b"\\ud800", "the body is not JSON"),
        (b"\\udc00\\ud800", "the body is not JSON"),
        (b"\x00", "the body is not JSON"),
        (b"\x1f", "the body is not JSON"),
        (b"\\x41", "the body is not JSON"),
        (b"\\u004", "the body is not JSON"),
    ],
    ids=ascii,
)
@pytest.mark.parametrize("place", ['"patientId": "', '"display": "', '"hook": "', '"reference": "'])
def test_text_that_is_no_unicode_is_refused(client, text, why, place):
    """(I6) Wherever it stands, and without a word of it in the answer."""
    response = post(client, SADDLE.encode().replace(place.encode(), place.encode() + text, 1))

    assert 400 == response.status_code
    assert words(response).startswith(why)


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"])
def test_a_byte_order_mark_is_no_json(client, mark):
    """(I6)"""
    assert 400 == post(client, mark + SADDLE.encode()).status_code


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-7"])
def test_json_is_utf_8(client, encoding):
    """(I6)"""
    assert 400 == post(client, SADDLE.replace("a", "ä").encode(encoding)).status_code


@pytest.mark.parametrize("place", ['"patientId": "', '"hook": "', '"userId": "', '"context": {"x": "'])
def test_a_nul_in_what_decides_is_refused(client, place):
    """(I6) It may be written, as an escape; a database would refuse it."""
    before = place if place in SADDLE else '"context": {'
    body = SADDLE.replace(before, f"{place}\\u0000" if before == place else f'{place}\\u0000", ', 1)

    assert 400 == post(client, body).status_code


@pytest.mark.parametrize("mark", ["\\u0000", "\\u202e", "\\u2066", "\\u200b", "\\ufeff"])
def test_what_cannot_be_seen_in_the_record_is_not_on_a_card(client, mark):
    """(I6)"""
    response = post(
        client, SADDLE.replace('"display": "', f'"display": "{mark}').replace('"text": "', f'"text": "{mark}')
    )
    hidden = json.loads(f'"{mark}"')

    assert details(post(client, SADDLE)) == details(response)
    assert hidden not in "".join(card["summary"] for card in response.json["cards"])


OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
STRANGER = {"resourceType": "Bundle", "entry": [{"resource": {
    "resourceType": "Condition", "id": "x", "subject": {"reference": "Patient/somebody-else"},
    "code": {"coding": [{"system": "http://snomed.info/sct", "code": "25064002"}]},
}}]}  # fmt: skip


@pytest.mark.parametrize(
    "value",
    [OUTCOME, "text", 7, True, [], {}, [STRANGER], {"resourceType": "Patient"}, {"resourceType": 5}, STRANGER],
    ids=lambda value: json.dumps(value)[:40],
)
def test_a_prefetch_value_that_is_something_else_is_as_if_it_were_missing(client, value):
    """(I14) Never as if there were nothing to find: the checks that needed it are named."""
    message = story("healthy-runner-nothing-to-say")
    message["prefetch"]["conditions"] = value

    assert "checks were not made" in post(client, json.dumps(message)).json["cards"][-1]["summary"]


def test_nothing_is_said_where_nothing_was_found(client):
    """What the test before this one would miss, were it said of every call."""
    assert [] == post(client, text_of("healthy-runner-nothing-to-say")).json["cards"]


ENTRY = '{"card": "a", "outcome": "overridden", "outcomeTimestamp": "2026-11-21T10:05:31Z"}'
ACCEPTED = ENTRY.replace("overridden", "accepted").replace("}", ', "acceptedSuggestions": [%s]}')


def told(*entries):
    return f'{{"feedback": [{", ".join(entries)}]}}'


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (told(*[ENTRY] * MOST), 200),
        (told(*[ENTRY] * (MOST + 1)), 400),
        (told(*["{}"] * 1_200_000), 400),
        (told(ACCEPTED % ", ".join(['{"id": "b"}'] * MOST_SUGGESTIONS)), 200),
        (told(ACCEPTED % ", ".join(['{"id": "b"}'] * (MOST_SUGGESTIONS + 1))), 400),
        (told(ENTRY.replace('"a"', f'"{"a" * 1_000}"')), 200),
        (told(ENTRY.replace('"a"', f'"{"a" * 1_001}"')), 400),
        (told(ENTRY.replace('"a"', '"a\\u0000"')), 400),
        (told(ENTRY.replace('"a"', '"a\\u009b2J"')), 400),
        (told(ENTRY.replace('"a"', '"a", "card": "b"')), 400),
        (told(ENTRY.replace('"a"', "NaN")), 400),
        (told(ENTRY.replace('"a"', "1e400")), 400),
        (told("[" * 100 + "]" * 100), 400),
    ],
    ids=lambda value: str(value)[:40],
)
def test_feedback_is_read_strictly_and_in_time(client, body, status):
    """(I3 to I7) It decides what is learnt of the rules."""
    began = process_time()
    response = client.post(f"{SERVICE}/feedback", data=body, content_type=JSON)

    assert status == response.status_code
    assert process_time() - began < SECONDS
