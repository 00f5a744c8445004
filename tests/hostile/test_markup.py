"""Words of a patient's record on a card are text, whatever they say (I8, I9)."""

import re
from functools import cache
from time import process_time

import pytest
from markdown_it import MarkdownIt

from cds.hooks.wording import VALUE_LENGTH, authored, escaped, plain
from tests.hostile.markup import ATTACKS, inert, shown
from tests.hostile.stories import story
from tests.serving import ROOT

RICH = (  # with cards that show most kinds of values
    ("cauda-equina-new-saddle-numbness", "spine-and-headache"),
    ("bilateral-sciatica-sacral-questions-unanswered", "spine-and-headache"),
    ("order-sign-naproxen-for-sixty-days-with-migraine", "spine-and-headache"),
    ("opioid-substitution-with-migraine", "spine-and-headache"),
    ("epidural-abscess-picture", "spine-and-headache"),
)
PAGE = re.compile(r"http://[\w.]+(:\d+)?/rulesets/[a-z0-9-]+/\d+\.\d+\.\d+#rule-[\w.-]+")
RARE = "ʬ"  # a letter, and in no text of ours
SHOWN = {"display", "text", "title", "unit", "valueString", "comment", "family", "given", "description"}
"""Members of FHIR that hold words for people."""


def test_there_are_as_many_attacks_as_were_asked_for():
    assert len(set(ATTACKS)) == len(ATTACKS)
    assert len(ATTACKS) >= 60


@pytest.mark.requirement("CH-095")
@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("around", ["{}", "before {} after", "({})", "{0} {0}"])
def test_a_value_shows_its_text_and_does_nothing(attack, around):
    """(I8)"""
    value = around.format(attack)

    assert inert(escaped(value), value), escaped(value)


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_value_stays_within_its_cell_of_a_table(attack):
    table = shown(f"| a | b |\n|---|---|\n| {escaped(attack)} | end |")
    benign = shown("| a | b |\n|---|---|\n| x | end |")

    assert f"ab{plain(attack)}end" == table.text
    assert table.tokens <= benign.tokens | {"code_inline", "text_special"}


@pytest.mark.parametrize("value", ["2026-11-21", "Condition/back-pain", "5,1 cm (left)", "38.5 °C; why?", "<1 mg/L"])
def test_an_ordinary_value_can_be_read_where_markdown_is_not_rendered(value):
    assert value.replace("<", "\\<") == escaped(value)


def test_a_value_is_no_longer_than_anybody_reads():
    assert VALUE_LENGTH - len("words") <= len(escaped("word " * 100_000)) <= VALUE_LENGTH
    assert escaped("x" * VALUE_LENGTH) == "x" * VALUE_LENGTH


@pytest.mark.parametrize("piece", ["a", "ab ", "a@", "www.a", "`", "`://", ".", "/", "a|", "|@"])
def test_a_value_of_any_length_is_written_in_time(piece):
    """A card may hold hundreds of values: one of full length takes milliseconds, one of megabytes is cut first."""
    began = process_time()
    escaped(piece * 1_000_000)
    for _ in range(20):
        escaped(piece * VALUE_LENGTH)

    assert process_time() - began < 1


@pytest.mark.parametrize("words", ["a *b* _c_", "<b>", "[x](y)", "| a |", "# x", "`x`", "~~x~~"])
def test_words_of_a_ruleset_show_their_text(words):
    tokens = MarkdownIt("commonmark").enable("table").parse(authored(words))

    assert words == "".join(child.content for token in tokens for child in token.children or ())


UNSEEN = "\x00\x08\x1b\x7f\x85\u061c\u200b\u200e\u200f\u202a\u202e\u2060\u2066\u2069\ufeff\ufff9\U000e0041"


@pytest.mark.parametrize("mark", UNSEEN, ids=ascii)
def test_what_cannot_be_seen_is_taken_out(mark):
    """(I6)"""
    assert "ab" == plain(f"a{mark}b") == escaped(f"a{mark}b")


@pytest.mark.parametrize("text", ["Müller-Łukasiewicz", "أحمد", "नमस्ते\u200d", "می\u200cخواهم", "👩\u200d⚕️", "a\u0301"])
def test_every_script_can_be_written(text):
    assert text == plain(text)


def planted(value, text):
    """The message with the text in every member that holds words for people."""
    if isinstance(value, dict):
        return {
            name: text if name in SHOWN and isinstance(inner, str) else planted(inner, text)
            for name, inner in value.items()
        }
    return [planted(inner, text) for inner in value] if isinstance(value, list) else value


@cache
def details(client, name, service, text):
    """What the cards of a story show when every word in it reads the text."""
    message = planted(story(name), text)
    response = client.post(f"/cds-services/{service}", json=message)

    assert 200 == response.status_code, response.json
    return tuple(shown(card["detail"]) for card in response.json["cards"])


@pytest.mark.requirement("CH-095")
@pytest.mark.parametrize(("name", "service"), RICH, ids=[name for name, _ in RICH])
def test_cards_show_the_words_of_the_record_literally(client, name, service):
    """(I8) Whatever the words are, a card shows what it shows for harmless ones, with these in their place."""
    for attack in ATTACKS:
        text = plain(attack)
        harmless = RARE * len(text)
        expected = details(client, name, service, harmless)
        found = details(client, name, service, attack)

        assert any(harmless in card.text for card in expected)
        assert [card.text.replace(harmless, text) for card in expected] == [card.text for card in found]
        assert [card.links for card in expected] == [card.links for card in found]
        assert all(one.tokens <= two.tokens | {"code_inline"} for one, two in zip(found, expected, strict=True))


@pytest.mark.requirement("CH-094")
@pytest.mark.parametrize("attack", ATTACKS)
def test_a_summary_and_a_label_are_one_short_line(client, attack):
    name, service = RICH[2]
    message = planted(story(name), attack * 20)
    cards = client.post(f"/cds-services/{service}", json=message).json["cards"]

    assert cards
    for card in cards:
        assert 1 <= len(card["summary"]) <= 139
        assert plain(card["summary"]) == card["summary"]


@pytest.mark.requirement("CH-129")
@pytest.mark.parametrize(("name", "service"), RICH, ids=[name for name, _ in RICH])
def test_every_address_of_a_card_is_one_of_the_rules(client, name, service):
    """(I9) Addresses come from the sources and links of rulesets, or are pages of the service about its rules; nothing
    from a request gets into one.
    """
    own = (ROOT / "rulesets").rglob("ruleset.yaml")
    written = "\n".join(path.read_text(encoding="utf-8") for path in own)
    message = story(name)
    for card in client.post(f"/cds-services/{service}", json=message).json["cards"]:
        links = [link["url"] for link in card.get("links", ())]
        sources = [card["source"]["url"]] if "url" in card["source"] else []

        assert all(map(PAGE.fullmatch, sources))
        for address in (*shown(card["detail"]).links, *links):
            assert address.startswith("https://")
            assert address in written
