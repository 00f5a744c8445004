"""Markdown on a page: what is meant to be a list is one, and nothing else becomes markup."""

import pytest

from cds.web.prose import prose, words


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One\ntwo.\n\nThree.", "<p>One two.</p><p>Three.</p>"),
        ("- a\n- b\n  goes on", "<ul><li>a</li><li>b goes on</li></ul>"),
        ("First:\n- a\n- b", "<p>First:</p><ul><li>a</li><li>b</li></ul>"),
        ("**Do** this", "<p><strong>Do</strong> this</p>"),
        ("<b>&", "<p>&lt;b&gt;&amp;</p>"),
        ("**<i>**", "<p><strong>&lt;i&gt;</strong></p>"),
        ("-2 is no point", "<p>-2 is no point</p>"),
        ("[a](https://x)", "<p>[a](https://x)</p>"),
        ("", ""),
    ],
)
def test_a_detail_reads_as(text, html):
    assert html == prose(text)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("within `within`", "within <code>within</code>"),
        ("`<b>`", "<code>&lt;b&gt;</code>"),
        ("one ` alone", "one ` alone"),
        ("** **", "<strong> </strong>"),
    ],
)
def test_a_line_reads_as(text, html):
    assert html == words(text)
