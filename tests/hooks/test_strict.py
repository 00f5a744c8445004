"""The envelope and the context are read strictly, whatever stands in the prefetch."""

import json
from decimal import Decimal

import pytest

from cds.errors import RequestError
from cds.fhir.decode import hook_request
from cds.hooks.strict import envelope

HEAD = '"hook":"patient-view","hookInstance":"i"'
CONTEXT = '"context":{"patientId":"1"}'


def read(text):
    body = text if isinstance(text, bytes) else text.encode()
    return envelope(body, hook_request(body))


@pytest.mark.parametrize(
    "text",
    [
        f'{{{HEAD},{CONTEXT},"prefetch":{{"a":null}}}}',
        f'{{{HEAD},{CONTEXT},"prefetch":{{}},"x":1}}',
        f'{{"prefetch":{{"a":null}},{HEAD},{CONTEXT}}}',
        f'{{{HEAD},"prefetch":{{"a":null}},{CONTEXT}}}',
        f"{{{HEAD},{CONTEXT}}}",
        f'{{{HEAD},{CONTEXT},"\\u0070refetch":{{"a":null}}}}',
        f'  {{ {HEAD} , {CONTEXT} , "prefetch" : {{ "prefetch" : null }} }} ',
    ],
)
def test_the_members_are_read_wherever_the_prefetch_stands(text):
    members = read(text)

    assert ("patient-view", "i", {"patientId": "1"}) == tuple(
        members[name] for name in ("hook", "hookInstance", "context")
    )
    assert "prefetch" not in members


@pytest.mark.requirement("CH-053")
@pytest.mark.parametrize(
    "text",
    [
        f'{{{HEAD},"context":{{"patientId":"1","patientId":"2"}},"prefetch":{{}}}}',
        f'{{{HEAD},"context":{{"a":{{"b":1,"b":1}}}}}}',
        f'{{{HEAD},"hook":"x",{CONTEXT},"prefetch":{{}}}}',
        f'{{{HEAD},{CONTEXT},"prefetch":{{}},"hook":"x"}}',
        f'{{{HEAD},{CONTEXT},"prefetch":{{}},"context":{{"patientId":"2"}}}}',
        f'{{{HEAD},{CONTEXT},"prefetch":{{"a":null}},"prefetch":{{"b":null}}}}',
        f'{{"prefetch":{{"a":null}},{HEAD},{CONTEXT},"prefetch":{{"b":null}}}}',
    ],
)
def test_a_member_may_not_be_there_twice(text):
    with pytest.raises(RequestError, match=r"^an object of the request has two members with the same name$"):
        read(text)


@pytest.mark.requirement("CH-053")
@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("place", ['"x":%s', '"context":{"x":%s}', '"context":{},"prefetch":{"k":{"x":%s}}'])
def test_what_is_no_number_of_json_is_refused(number, place):
    with pytest.raises(RequestError):
        read(f"{{{HEAD},{place % number}}}")


@pytest.mark.requirement("CH-119")
def test_decimals_keep_their_digits():
    assert [Decimal("5.00"), Decimal("0.000001"), 7] == read(f'{{{HEAD},"context":{{"x":[5.00,0.000001,7]}}}}')[
        "context"
    ]["x"]
    assert "5.00" == str(read(f'{{{HEAD},"context":{{"x":5.00}}}}')["context"]["x"])


@pytest.mark.requirement("CH-119")
def test_integers_of_more_than_64_bits_keep_their_digits():
    assert "-9223372036854775809" == str(read(f'{{{HEAD},"context":{{"x":-9223372036854775809}}}}')["context"]["x"])


@pytest.mark.parametrize(("digits", "refused"), [(40, False), (41, True)])
@pytest.mark.parametrize("point", ["", "."])
def test_a_number_has_at_most_forty_characters(digits, refused, point):
    text = f'{{{HEAD},"context":{{"x":1{point}{"1" * (digits - 1 - len(point))}}}}}'
    if not refused:
        assert read(text)
        return
    with pytest.raises(RequestError, match="more than 40 characters"):
        read(text)


@pytest.mark.requirement("CH-053")
@pytest.mark.parametrize(("depth", "refused"), [(62, False), (63, True), (5_000, True), (500_000, True)])
def test_the_context_nests_at_most_64_levels(depth, refused):
    text = f'{{{HEAD},"context":{{"x":{"[" * depth}1{"]" * depth}}}}}'
    if not refused:
        assert read(text)
        return
    with pytest.raises(RequestError):
        read(text)


@pytest.mark.requirement("CH-053")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{bad",
        b"[]",
        b'"x"',
        b"null",
        b"7",
        b"[" * 1_000_000,
        b'{"context":{"x":"\xff"}}',
        b'{"context":{"x":"\xc0\xaf"}}',
        b"\xef\xbb\xbf{}",
        b'{"context":{"x":"\\ud800"}}',
        b'{"context":{}} trailing',
        b'{"context":{},}',
        b'{"context":{"x":"\x00"}}',
    ],
)
def test_what_is_no_json_object_is_refused(body):
    with pytest.raises(RequestError):
        read(body)


def test_a_pair_of_surrogates_is_a_character():
    assert {"x": "😀"} == read(f'{{{HEAD},"context":{{"x":"\\ud83d\\ude00"}}}}')["context"]


def test_an_error_repeats_nothing_of_what_was_sent():
    with pytest.raises(RequestError) as caught:
        read(json.dumps({"context": {"name": "Geheim"}})[:-1] + ',"context":{"Geheim":NaN}}')

    assert "Geheim" not in str(caught.value)
