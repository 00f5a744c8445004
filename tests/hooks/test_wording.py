"""Values in words, and words that cannot turn into markup."""

import pytest
from markdown_it import MarkdownIt

from cds.hooks.wording import authored, escaped, filled_within, plain, shortened


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


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u200f", "\x00", "\x1b", "\ufeff", "\x85"])
def test_what_cannot_be_seen_is_taken_out(mark):
    assert "ab" == plain(f"a{mark}b")


ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "![beacon](https://evil.example/x.png)",
    "https://evil.example/",
    "www.evil.example",
    "a@evil.example",
    "<https://evil.example/>",
    "[ref]: https://evil.example",
    "[ref][ref]",
    "| a | b |\n|---|---|\n| c | d |",
    "# heading",
    "a\n===",
    "- [ ] task",
    "1. list",
    "> quote",
    "```\ncode\n```",
    "    code",
    "`code`",
    "**bold** _emphasis_ ~~gone~~",
    "<!-- comment -->",
    "&lt;b&gt; &#60; &copy;",
    "\\[a](b)",
    "a  \nb",
    "***",
    "+ item",
    "a\\",
    "x]: y",
    "<a href='javascript:1'>x</a>",
    "javascript:alert(1)",
    "ftp://evil.example",
    "//evil.example",
    "evil.example",
    "1.evil.example",
    "1) list",
    "- item",
    "---",
    "===",
    "a #1 $x$ {y} !z^2",
]
INERT = {"paragraph_open", "inline", "paragraph_close", "text", "text_special"}


@pytest.mark.requirement("CH-095")
@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("around", ["{}", "before {} after", "({})"])
def test_a_value_from_the_record_shows_its_text_and_does_nothing(attack, around):
    value = around.format(attack)
    tokens = MarkdownIt("gfm-like", {"html": True, "linkify": False}).parse(escaped(value))

    flat = [token.type for token in tokens] + [child.type for token in tokens for child in token.children or ()]
    shown = "".join(child.content for token in tokens for child in token.children or ())

    assert set() == set(flat) - INERT
    assert plain(value) == shown


@pytest.mark.parametrize("value", ["2026-11-21", "Condition/back-pain", "5,1 cm (left)", "38.5 °C; why?", "<1 mg/L"])
def test_an_ordinary_value_can_be_read_where_markdown_is_not_rendered(value):
    assert value.replace("<", "\\<") == escaped(value)


@pytest.mark.parametrize("words", ["a *b* _c_", "<b>", "[x](y)", "| a |", "# x", "`x`", "~~x~~"])
def test_words_of_a_ruleset_show_their_text(words):
    tokens = MarkdownIt("commonmark").enable("table").parse(authored(words))

    assert words == "".join(child.content for token in tokens for child in token.children or ())
