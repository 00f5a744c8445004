"""Values in words, of a length that a card has room for; that words stay words is shown in tests/hostile."""

import pytest

from cds.hooks.wording import filled_within, shortened


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("twelve chars", 12, "twelve chars"),
        ("twelve chars", 11, "twelve…"),
        ("one two three four", 10, "one two…"),
        ("x" * 20, 10, "xxxxxxxxx…"),
        ("a, b and more words", 9, "a, b and…"),
    ],
)
def test_a_text_is_cut_between_two_words(text, limit, short):
    assert short == shortened(text, limit)
    assert len(short) <= limit


@pytest.mark.requirement("CH-094")
@pytest.mark.parametrize("length", [1, 100, 139, 140, 200, 5_000])
@pytest.mark.parametrize("value", ["{}", "{} of a medicine with a long name", "{}\nand a second line"])
def test_a_summary_stays_short_with_the_longest_value(length, value):
    words = value.format("x" * length)

    text = filled_within(
        "Check {drug} before it is signed: pain relievers are used often", {"drug": words}.__getitem__, 139
    )

    assert 1 <= len(text) <= 139
    assert "\n" not in text
    assert text.endswith("before it is signed: pain relievers are used often")


def test_a_value_that_would_not_fit_is_shortened_and_the_advice_is_kept():
    text = filled_within("{drug}: reduce the dose", {"drug": "Metamizole sodium " * 12}.__getitem__, 139)

    assert text.endswith("…: reduce the dose")
