"""Names that only the holder of the key could make."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds.journal import Caller
from cds.security.pseudonyms import pseudonyms

KEY = "0123456789abcdef" * 2
CALLER = Caller(client="a", issuer="https://a.example", tenant="1", jti="x")

parts = st.tuples(*[st.text(max_size=3)] * 4)


def test_a_pseudonym_is_the_same_whenever_it_is_made_and_tells_nothing():
    first, again = (
        pseudonyms(KEY, caller)("patient", "12345") for caller in (CALLER, Caller(issuer=CALLER.issuer, tenant="1"))
    )

    assert first == again
    assert re.fullmatch("[0-9a-f]{32}", first)


@pytest.mark.parametrize(
    ("key", "caller", "kind", "id_"),
    [
        ("f" * 32, CALLER, "patient", "1"),
        (KEY, Caller(issuer="https://b.example", tenant="1"), "patient", "1"),
        (KEY, Caller(issuer=CALLER.issuer, tenant="2"), "patient", "1"),
        (KEY, Caller(issuer=CALLER.issuer), "patient", "1"),
        (KEY, CALLER, "user", "1"),
        (KEY, CALLER, "patient", "2"),
        (KEY, CALLER, "patient", ""),
    ],
)
def test_another_key_hospital_tenant_kind_or_id_is_somebody_else(key, caller, kind, id_):
    assert pseudonyms(KEY, CALLER)("patient", "1") != pseudonyms(key, caller)(kind, id_)


@given(one=parts, other=parts)
def test_no_two_share_a_pseudonym(one, other):
    """However the texts would read one after the other."""
    names = [
        pseudonyms(KEY, Caller(issuer=issuer, tenant=tenant))(kind, id_) for issuer, tenant, kind, id_ in (one, other)
    ]

    assert (one == other) == (names[0] == names[1])
