"""Values of the patient in words, safe inside plain text and inside Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

# Controls; the marks that turn the direction of writing around (Unicode bidi classes LRE … PDI, and LRM, RLM, ALM);
# what takes no room and could hide words in words: the zero-width space, invisible operators, tag characters.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
# What means something wherever it stands, begins a list or an underline, or makes an address a link by itself. The rest
# stays as it is: not every EHR renders Markdown, and a date full of backslashes is hard to read.
_MARKUP = re.compile(r"[\\`*_\[\]<>&|~#@] | ^[-+=] | (?<=[:/])/ | (?<!\d)\.(?=\S) | \.(?=[^\s\d])", re.VERBOSE)
# What renderers make a link even where it is escaped, because they look for addresses again when all else is done.
# Only code is left alone by all of them. A bar would end the cell of a table, also within code.
_ADDRESS = re.compile(r"://|www\.|[^\s@|]@[^\s@|]", re.IGNORECASE)
_WORD = re.compile(r"[^\s|]+")
_TICKS = re.compile("`+")
_NUMBERED = re.compile(r"^(\d+)([.)])(?=\s|$)")
VALUE_LENGTH = 2_000  # characters of one value, on a card
_AUTHORED = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>|~#"})


def visible(text: str) -> str:
    """Without anything unseen; a terminal takes some of it for commands."""
    return _UNSEEN.sub("", text)


def plain(text: str) -> str:
    """One line without anything unseen."""
    return " ".join(visible(text).split())


def escaped(text: str) -> str:
    """A value from the record as Markdown that shows exactly its text, or as much as anybody would read of it."""
    return "".join(_parts(shortened(plain(text), VALUE_LENGTH)))


def _parts(text: str) -> Iterator[str]:
    done = 0
    if _ADDRESS.search(text):
        for word in _WORD.finditer(text):
            if _ADDRESS.search(word[0]):
                yield _literal(text[done : word.start()])
                yield _code(word[0])
                done = word.end()
    yield _literal(text[done:])


def _literal(text: str) -> str:
    return _NUMBERED.sub(r"\1\\\2", _MARKUP.sub(r"\\\g<0>", text))


def _code(word: str) -> str:
    """With a fence longer than any in the word, which must not touch it."""
    fence = "`" * (1 + max(map(len, _TICKS.findall(word)), default=0))
    space = " " if word.startswith("`") or word.endswith("`") else ""
    return f"{fence}{space}{word}{space}{fence}"


def authored(text: str) -> str:
    """Plain words of a ruleset as Markdown: only what could be taken for markup is escaped."""
    return plain(text).translate(_AUTHORED)


def shortened(text: str, limit: int) -> str:
    """At most ``limit`` characters, cut between two words where that is possible."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    words, _, _ = cut.rpartition(" ")
    return f"{(words if len(words) > limit // 2 else cut).rstrip(' ,;:')}…"


PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


def filled(template: str, value_of: Callable[[str], str]) -> str:
    return PLACEHOLDER.sub(lambda match: value_of(match[1]), template)


def filled_within(template: str, value_of: Callable[[str], str], limit: int) -> str:
    """One line of at most ``limit`` characters: the longest value is shortened first."""
    values = {name: plain(value_of(name)) for name in PLACEHOLDER.findall(template)}
    text = plain(filled(template, values.__getitem__))
    if len(text) > limit and values:
        longest = max(values, key=lambda name: len(values[name]))
        room = len(values[longest]) - (len(text) - limit) // max(1, template.count(f"{{{longest}}}")) - 1
        values[longest] = shortened(values[longest], max(room, 12))
        text = plain(filled(template, values.__getitem__))
    return shortened(text, limit)
