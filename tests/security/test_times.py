"""The times of a token, to the second."""

import json

import pytest

from cds.security.refusals import Refusal
from tests.security.checking import ACCEPTED, NOW, Checkpoint, client
from tests.security.tokens import Issuer, signed

EHR = Issuer()


def verdict(longest=3_600, **claims):
    """Of a token of these times, seen now; the times that are not given are right."""
    return Checkpoint((client(EHR, longest=longest),)).verdict(EHR.bearer(now=NOW, **claims))


@pytest.mark.requirement("CH-162")
@pytest.mark.parametrize(
    ("ago", "expected"), [(0, ACCEPTED), (59, ACCEPTED), (59.9, ACCEPTED), (60, Refusal.EXPIRED), (61, Refusal.EXPIRED)]
)
def test_clocks_may_differ_by_a_minute_at_the_end(ago, expected):
    """(S11)"""
    assert expected == verdict(iat=NOW - 300, exp=NOW - ago)


@pytest.mark.requirement("CH-160", "CH-162")
@pytest.mark.parametrize(
    ("ahead", "expected"),
    [(0, ACCEPTED), (59, ACCEPTED), (60, ACCEPTED), (60.1, Refusal.NOT_YET), (61, Refusal.NOT_YET)],
)
def test_clocks_may_differ_by_a_minute_at_the_beginning(ahead, expected):
    """(S11)"""
    assert expected == verdict(nbf=NOW + ahead)


@pytest.mark.requirement("CH-162")
@pytest.mark.parametrize(
    ("ahead", "expected"),
    [
        (59, ACCEPTED),
        (60, ACCEPTED),
        (60.1, Refusal.ISSUED_LATER),
        (61, Refusal.ISSUED_LATER),
        (9e9, Refusal.ISSUED_LATER),
    ],
)
def test_a_token_is_not_issued_in_the_future(ahead, expected):
    """(S11)"""
    assert expected == verdict(iat=NOW + ahead, exp=NOW + ahead + 300)


@pytest.mark.requirement("CH-162")
@pytest.mark.parametrize(
    ("longest", "lifetime", "expected"),
    [
        (3_600, 3_599, ACCEPTED),
        (3_600, 3_600, ACCEPTED),
        (3_600, 3_600.5, Refusal.LIVES_TOO_LONG),
        (3_600, 3_601, Refusal.LIVES_TOO_LONG),
        (3_600, 31 * 365 * 86_400, Refusal.LIVES_TOO_LONG),
        (300, 300, ACCEPTED),
        (300, 301, Refusal.LIVES_TOO_LONG),
        (3_600, 1, ACCEPTED),
        (3_600, 0, Refusal.LIVES_TOO_LONG),
        (3_600, -1, Refusal.LIVES_TOO_LONG),
    ],
)
def test_no_token_lives_longer_than_its_client_may_make_it(longest, lifetime, expected):
    """(S11)"""
    assert expected == verdict(longest=longest, iat=NOW, exp=NOW + lifetime)


@pytest.mark.requirement("CH-162")
@pytest.mark.parametrize(("ago", "expected"), [(3_600, ACCEPTED), (3_659, ACCEPTED), (3_660, Refusal.EXPIRED)])
def test_the_oldest_token_there_can_be_has_just_expired(ago, expected):
    """(S11) What was issued longer ago has expired or lives too long; its age is judged all the same."""
    assert expected == verdict(iat=NOW - ago, exp=NOW - ago + 3_600)


@pytest.mark.parametrize(("ago", "expected"), [(3_660, Refusal.LIVES_TOO_LONG), (3_661, Refusal.TOO_OLD)])
def test_an_old_token_is_refused_however_long_it_lives(ago, expected):
    """(S11, H11)"""
    assert expected == verdict(iat=NOW - ago, exp=NOW + 300)


@pytest.mark.requirement("CH-160")
@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("value", ["1795000000", "", None, -1, -1e9, 253_402_300_800, 10**40, True, [NOW], {}])
def test_a_time_is_a_number_of_seconds_until_the_year_9999(claim, value):
    """(S11)"""
    assert Refusal.CLAIMS == verdict(**{claim: value})


@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
@pytest.mark.parametrize(("number", "expected"), [("1e400", Refusal.CLAIMS), ("NaN", Refusal.NOT_A_TOKEN)])
def test_a_time_without_end_is_none(claim, number, expected):
    """(S11)"""
    claims = json.dumps({**EHR.claims(now=NOW), claim: "here"}).replace('"here"', number)
    token = signed({"alg": "ES384", "kid": EHR.kid, "typ": "JWT"}, claims.encode())

    assert expected == Checkpoint((client(EHR),)).verdict(f"Bearer {token}")


@pytest.mark.requirement("CH-160")
def test_the_shape_of_a_widespread_ehr_passes():
    """(S11) Epic: RS384, 15 minutes, valid from five minutes before its issue, with a subject and a kid in base64."""
    epic = Issuer("https://epic.example.org/oauth2", "RS384")
    kid = "1+/RYdDpr2uPbEgmvZ0VAbR9mFmDBOMXvuDHJqEXDYo="
    checkpoint = Checkpoint(
        (client(epic),), key_of=lambda client, name: client.keys.keys["RS384"] if name == kid else None
    )
    claims = {"exp": NOW + 900, "iat": NOW, "nbf": NOW - 300, "sub": "a-client-id"}

    assert ACCEPTED == checkpoint.verdict(epic.bearer(now=NOW, header={"kid": kid}, **claims))


@pytest.mark.requirement("CH-160")
def test_parts_of_a_second_are_understood():
    assert ACCEPTED == verdict(iat=NOW - 0.5, exp=NOW + 299.5)
