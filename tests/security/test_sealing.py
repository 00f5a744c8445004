"""Texts that may be about a patient, sealed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.bodies import body
from cds.security.sealing import CannotOpen, seals

OLD, NEW = "old" * 11, "new" * 11
SEALS = seals((NEW, OLD))
OF_BEFORE = "1.ff038d60f3dc.TLmS_FRRzC-4EolQs2aavG8o9i7nT4jDAMSX6lnqwWIa8sQHxw=="
"""A comment as releases sealed it that did not compress, with the old key."""


@given(text=st.binary(max_size=200), belongs_to=st.text(max_size=20))
def test_what_is_sealed_is_opened_again(text, belongs_to):
    sealed = SEALS.seal(text, belongs_to)

    assert text == SEALS.opened(sealed, belongs_to)
    assert text not in sealed.encode() or len(text) < 4


def test_the_same_text_is_sealed_differently_each_time():
    assert 100 == len({SEALS.seal(b"the same", "a") for _ in range(100)})


def test_keys_change_one_after_the_other():
    sealed_before = seals((OLD,)).seal(b"a comment", "feedback 1")

    assert b"a comment" == SEALS.opened(sealed_before, "feedback 1")
    assert SEALS.seal(b"a comment", "feedback 1").startswith(f"2.{seals((NEW,)).current}.")
    with pytest.raises(CannotOpen, match="not among CDS_RECORD_KEYS"):
        seals((NEW,)).opened(sealed_before, "feedback 1")


def test_what_was_sealed_before_texts_were_compressed_is_opened():
    assert b"a comment" == SEALS.opened(OF_BEFORE, "feedback 1")


def test_a_request_takes_less_room_than_it_had():
    """A sealed text is letters of base64, four for three bytes."""
    told = body(200, relevant=True)

    assert len(SEALS.seal(told, "decision 1")) < len(told) / 10


@pytest.mark.parametrize("change", range(10))
def test_what_was_changed_or_moved_does_not_open(change):
    sealed = SEALS.seal(b"a comment about a patient", "feedback 1")
    version, name, text = sealed.split(".")
    moved = SEALS.seal(b"another", "feedback 2")
    broken = [
        f"1.{name}.{text}",
        f"3.{name}.{text}",
        f"2.{OF_BEFORE.removeprefix('1.')}",
        f"{version}.{seals((OLD,)).current}.{text}",
        f"{version}.{name}.{text[:-8]}",
        f"{version}.{name}.{'A' if text[30] != 'A' else 'B'}{text[1:]}",
        f"{version}.{name}.",
        f"{version}.{name}.é",
        moved,
        "",
    ][change]

    with pytest.raises(CannotOpen):
        SEALS.opened(broken, "feedback 1")


def test_the_keys_are_not_shown():
    assert NEW not in repr(SEALS)
    assert "AESGCM" not in repr(SEALS)
