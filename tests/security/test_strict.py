"""Texts that every reader understands alike, or none."""

import pytest

from cds.security import strict


@pytest.mark.parametrize(
    ("text", "content"), [(b"AA", b"\0"), (b"AAA", b"\0\0"), (b"AAAA", b"\0\0\0"), (b"_-8", b"\xff\xef")]
)
def test_base64url_stands_for_bytes(text, content):
    assert content == strict.unpacked(text)


@pytest.mark.parametrize(
    "text", [b"", b"A", b"AAAAA", b"AB", b"AAB", b"AA==", b"AA=", b"+/8", b"A A", b"AA\n", b"\xff\xff"]
)
def test_bytes_have_one_text_only(text):
    """(S20) AB would stand for the byte that AA stands for."""
    with pytest.raises(ValueError):
        strict.unpacked(text)


@pytest.mark.parametrize(
    ("nested", "sound"),
    [("[]", True), ("[[[[[[[]]]]]]]", True), ("[[[[[[[[]]]]]]]]", False), ('{"a": ' * 7 + "1" + "}" * 7, False)],
)
def test_an_object_is_eight_levels_deep_at_most(nested, sound):
    """(S9) Itself and what is in it; a plain value counts as a level."""
    content = f'{{"a": {nested}}}'.encode()

    try:
        strict.members(content)
    except ValueError:
        assert not sound
    else:
        assert sound
