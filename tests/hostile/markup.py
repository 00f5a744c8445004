"""Texts that would be more than text if they were shown as Markdown or HTML, and what a renderer makes of a text."""

import re
from typing import NamedTuple

from markdown_it import MarkdownIt

from cds.hooks.wording import plain

ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src='https://evil.example'></iframe>",
    "<a href='javascript:1'>x</a>",
    "<style>*{display:none}</style>",
    "<details open ontoggle=alert(1)>x</details>",
    "<!-- comment -->",
    "<![CDATA[x]]>",
    "<?php echo 1 ?>",
    "<!DOCTYPE html>",
    "</p></div></body>",
    "<b",
    "a<b>c",
    "[click](javascript:alert(1))",
    "[click](https://evil.example 'title')",
    "[click](<https://evil.example>)",
    "[click](data:text/html;base64,PHNjcmlwdD4=)",
    "![beacon](https://evil.example/x.png)",
    "![beacon][ref]",
    "[ref]: https://evil.example",
    "[ref]: <https://evil.example> 'title'",
    "[ref][ref]",
    "[^1]: foot",
    "note[^1]",
    "x]: y",
    "](https://evil.example)",
    "<https://evil.example/>",
    "<a@evil.example>",
    "https://evil.example/",
    "HTTPS://EVIL.EXAMPLE",
    "(https://evil.example)",
    "https://evil.example/`x`",
    "`https://evil.example`",
    "https://a|https://b",
    "http://[::1]/",
    "www.evil.example",
    "WWW.evil.example/a_b_c",
    "a@evil.example",
    "a.b+c@evil.example,d@evil.example",
    "mailto:a@evil.example",
    "xmpp:a@evil.example/b",
    "ftp://evil.example",
    "//evil.example",
    "evil.example",
    "evil.com",
    "1.evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "| a | b |\n|---|---|\n| c | d |",
    "a | b\n--- | ---",
    "a|b",
    "# heading",
    "heading\n===",
    "heading\n---",
    "- [ ] task",
    "- item",
    "+ item",
    "* item",
    "1. list",
    "1) list",
    "> quote",
    "```\ncode\n```",
    "~~~\ncode",
    "    code",
    "`code`",
    "``",
    "**bold** _emphasis_ ~~gone~~",
    "***",
    "___",
    "---",
    "===",
    "&lt;b&gt; &#60; &#x3c; &copy;",
    "\\[a](b)",
    "\\",
    "a\\",
    "a  \nb",
    "a #1 $x$ {y} !z^2 :smile: @name #12",
    "{patient.name} {0} {{x}} %s %(a)s ${a}",
    "=cmd|' /C calc'!A0",
    "'; drop table decisions; --",
)

INERT = {"paragraph_open", "inline", "paragraph_close", "text", "text_special", "code_inline"}
"""The tokens of a text that is nothing but text."""

_RENDERER = MarkdownIt("gfm-like", {"html": True, "linkify": False})
# What renderers that look for addresses a second time, in the text that is left, take for one.
_ADDRESS = re.compile(r"(?:https?://|www\.)[-.\w]|[-.\w+]+@[-\w.]+\.[-\w]*[a-z](?![-\w])", re.IGNORECASE)


class Shown(NamedTuple):
    """What a reader sees and could press: the words, the kinds of tokens, the addresses of links."""

    text: str
    tokens: frozenset[str]
    links: tuple[str, ...]


def shown(markdown: str) -> Shown:
    tokens = [each for token in _RENDERER.parse(markdown) for each in (token, *(token.children or ()))]
    words = [token.content for token in tokens if token.type in ("text", "text_special", "code_inline")]
    links = [str(token.attrGet("href")) for token in tokens if token.type == "link_open"]
    inside = False
    for token in tokens:
        inside = token.type == "link_open" or (inside and token.type != "link_close")
        if token.type == "text" and not inside:
            links += _ADDRESS.findall(token.content)
    return Shown("".join(words), frozenset(token.type for token in tokens), tuple(links))


def inert(markdown: str, text: str) -> bool:
    """Whether the Markdown shows the text, in one line and without what cannot be seen, and does nothing else."""
    found = shown(markdown)
    return (found.text, found.links) == (plain(text), ()) and found.tokens <= INERT
