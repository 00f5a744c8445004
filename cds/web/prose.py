"""Markdown on a page: paragraphs, lists, strong words and code of a card's detail; all else is shown as written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from markupsafe import Markup, escape

_BLANK = re.compile(r"\n[ \t]*\n")
_POINT = re.compile(r"[-*] +")
_MARKED = re.compile(r"\*\*(.+?)\*\*|`([^`]+)`")


def prose(text: str) -> Markup:
    """Nothing in the text becomes markup of its own."""
    return Markup("").join(part for block in _BLANK.split(text.strip()) for part in _block(block.splitlines()))


def _block(lines: Iterable[str]) -> Iterator[Markup]:
    for is_list, members in groupby(_joined(lines), key=lambda line: _POINT.match(line) is not None):
        if is_list:
            points = Markup("").join(Markup("<li>{}</li>").format(words(_POINT.sub("", one, 1))) for one in members)
            yield Markup("<ul>{}</ul>").format(points)
        else:
            yield Markup("<p>{}</p>").format(words(" ".join(members)))


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """Lines as they are meant: one that is indented belongs to the point above it, and so does a plain one."""
    held = ""
    for line in lines:
        if _POINT.match(line) or not held:
            if held:
                yield held
            held = line.strip()
        else:
            held = f"{held} {line.strip()}"
    if held:
        yield held


def words(text: str) -> Markup:
    """One line, with what stands between ** or `."""
    pieces, done = Markup(""), 0
    for found in _MARKED.finditer(text):
        strong, code = found.groups()
        marked = Markup("<strong>{}</strong>").format(strong) if strong else Markup("<code>{}</code>").format(code)
        pieces += escape(text[done : found.start()]) + marked
        done = found.end()
    return pieces + escape(text[done:])
