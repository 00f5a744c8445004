"""Reading YAML: what the plain part of the language is, and that every value knows its line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cds.ruleset import schema
from cds.ruleset.document import Entries, Spot, Unreadable, parsed, scalar, spot_of
from cds.ruleset.expand import expanded


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7", 7),
        ("-7.5", -7.5),
        ("007", 7),
        ("true", True),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("~", None),
        ("", None),
        ("1e3", "1e3"),
        (".nan", ".nan"),
        ("0x10", "0x10"),
        ("2026-11-21", "2026-11-21"),
        ("1.0.0", "1.0.0"),
        ("12:30", "12:30"),
        ("9" * 16, "9" * 16),
        ("١", "١"),
    ],
)
def test_an_unquoted_scalar_is_what_yaml_12_and_plain_decimals_say(text, expected):
    assert (expected, type(expected)) == (scalar(text), type(scalar(text)))


def test_a_quoted_scalar_is_always_a_text():
    assert {"code": "23056005", "flag": "true"} == parsed(b"code: \"23056005\"\nflag: 'true'\n", "a.yaml")


def test_every_value_knows_its_line():
    root = parsed(b"a:\n  - b: 1\n    c:\n      - 2\n      - 3\n", "a.yaml")

    places = [spot_of(root, path) for path in [("a",), ("a", 0, "c"), ("a", 0, "c", 1), ("a", 0, "missing"), ("a", 7)]]

    assert [Spot("a.yaml", line) for line in (1, 3, 5, 2, 2)] == places


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "a.yaml:1: the file is empty"),
        (b"a: \xff\n", "a.yaml:1: the file is not in UTF-8"),
        (b"a: 1\nb: \x00\n", "a.yaml:1: not YAML: it contains characters that YAML does not allow"),
        (b"[a, b]", "a.yaml:1: the file must be a mapping: lines of the form `key: value`"),
        (b"{a: 1, a: 2}", 'a.yaml:1: the key "a" is already defined in line 1'),
        (b"? [a]\n: b\n", "a.yaml:1: the key is not a text; put it in quotes"),
        (b"a: 1\n" + b"#" * 1_000_000, "a.yaml:1: the file is larger than 1,000,000 bytes"),
        (b"a: " + b"[" * 60 + b"]" * 60, "a.yaml:1: nested more than 40 levels deep"),
        (b"a: [&x 1, *x]", "a.yaml:1: anchors and aliases (`&`, `*`) are not part of the rule language; use a table"),
        (b"<<: {a: 1}\nb: !!str 3\n", "a.yaml:2: tags (`!`) are not part of the rule language"),
        (b'a: "\\UFFFFFFFF"', "a.yaml:1: not YAML"),
        (b"a:\n\tb: 1\n", "a.yaml:2: not YAML: found character that cannot start any token; indent with spaces, not"),
        (b"a: >= 38\n", "a.yaml:1: not YAML: did not find expected comment or line break; write `above` or `at least`"),
        (b"a: {b} c\n", "a.yaml:1: not YAML: did not find expected key; put a text that begins with { in quotes"),
        (b"a: b c: d\n", "a.yaml:1: not YAML: mapping values are not allowed in this context; put a text with a colon"),
        (b'a: 1\nb: "c\nd: 2\n', "a.yaml:2: not YAML: found unexpected end of stream; a quotation mark is opened here"),
    ],
)
def test_what_is_not_plain_yaml_is_refused_with_its_line(content, expected):
    with pytest.raises(Unreadable) as refused:
        parsed(content, "a.yaml")

    assert str(refused.value).startswith(expected)


_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=12), st.floats(allow_nan=False))
_KEYS = st.sampled_from(
    ["ruleset", "facts", "rules", "when", "id", "card", "for each", "tables", "parameters", "default", "about", "any"]
)
_TREES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(_KEYS, st.text(max_size=8)), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.binary(max_size=80))
def test_no_bytes_do_anything_but_load_or_be_refused(content):
    try:
        assert isinstance(parsed(content, "a.yaml"), Entries)
    except Unreadable as refused:
        assert refused.problems


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_text_does_anything_but_load_or_be_refused(text):
    try:
        assert isinstance(parsed(text.encode("utf-8", "surrogatepass"), "a.yaml"), Entries)
    except Unreadable as refused:
        assert refused.problems


@settings(deadline=None)
@given(_TREES)
def test_no_structure_breaks_the_expansion_or_the_judgement_of_shape(tree):
    import json

    try:
        root = parsed(json.dumps({"ruleset": tree, "facts": tree, "rules": [tree], "tables": tree}).encode(), "a.yaml")
    except Unreadable:
        return
    written, problems = expanded(root, Entries({}, Spot("parameters", 1), {}))

    assert [*problems, *schema.of_ruleset(written)]
