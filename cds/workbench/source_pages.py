"""The source of a ruleset as a page: line by line, and beside each line what was found out about it.

Plain files that need no server and no script.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from markupsafe import Markup, escape

from cds.ruleset.model import Ruleset
from cds.workbench.pages import page

Tone: TypeAlias = Literal["good", "held", "doubt", "bad", "quiet"]
"""How a line stands out: class names of source.css."""

Note = TypeVar("Note")


@dataclass(frozen=True, slots=True)
class Mark:
    """What a line comes to, in words, and the sign that stands for them."""

    words: str
    sign: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Line(Generic[Note]):
    """``mark`` None: there is nothing to be found out about it. ``gap``: something is missing."""

    number: int
    text: str
    mark: Mark | None
    notes: tuple[Note, ...]
    gap: bool = False


def write(folder: Path, index: str, **values: Any) -> None:
    """The page that leads to those of the rulesets."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text(page(index, **values), encoding="utf-8")


def write_source(folder: Path, template: str, ruleset: Ruleset, lines: Iterable[Line[Note]], **values: Any) -> None:
    told = list(lines)
    text = page(template, ruleset=ruleset, lines=told, gaps=[line for line in told if line.gap], **values)
    (folder / f"{ruleset.id}.html").write_text(text, encoding="utf-8")


def source_of(ruleset: Ruleset, rulesets: Path) -> Iterator[tuple[int, str]]:
    """The lines of its file, numbered from 1."""
    text = (rulesets.parent / ruleset.place.file).read_text(encoding="utf-8")
    return enumerate(text.splitlines(), start=1)


def counted(numbers: Mapping[str, int]) -> str:
    """How many there are of each, of those there are some of."""
    return ", ".join(f"{number} {words}" for words, number in numbers.items() if number)


def code(text: str) -> Markup:
    """What stands between two backticks as code."""
    parts = text.split("`")
    shown = (
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part) for number, part in enumerate(parts)
    )
    return Markup("").join(shown)
