"""Reading a YAML file into plain values that still know the line each of them stands on.

The language of the files is a plain part of YAML 1.2: mappings, lists and scalars. Tags, anchors and aliases are
refused, keys are texts and stand once, and numbers are written in plain decimal notation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import yaml
from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from cds.errors import Problem
from cds.ruleset.limits import MAX_DEPTH, MAX_FILE_BYTES
from cds.ruleset.model import Place
from cds.ruleset.yaml_hints import hint

Value: TypeAlias = Any  # Entries | Items | str | int | float | bool | None: this is where YAML comes in

_NUMBER = re.compile(r"[-+]?\d{1,15}(\.\d{1,15})?", re.ASCII)
_WORDS: Mapping[str, bool | None] = {
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
}  # fmt: skip


class Spot(NamedTuple):
    """A place in a file; ``row`` names the row of the table that the text there was written out for."""

    file: str
    line: int
    row: str = ""

    @property
    def place(self) -> Place:
        return Place(self.file, self.line)

    def problem(self, message: str) -> Problem:
        return Problem(self.file, self.line, f"{message} ({self.row})" if self.row else message)


class Entries(dict[str, Value]):
    """A mapping; ``lines`` has the line of each key."""

    __slots__ = ("lines", "spot")

    def __init__(self, values: Mapping[str, Value], spot: Spot, lines: Mapping[str, int]) -> None:
        super().__init__(values)
        self.spot = spot
        self.lines = lines

    def at(self, key: str | int) -> Spot:
        """Where the key stands; for a key that is missing, where the mapping begins."""
        return Spot(self.spot.file, self.lines.get(str(key), self.spot.line), self.spot.row)


class Items(list[Value]):
    """A list; ``lines`` has the line of each item."""

    __slots__ = ("lines", "spot")

    def __init__(self, values: Sequence[Value], spot: Spot, lines: Sequence[int]) -> None:
        super().__init__(values)
        self.spot = spot
        self.lines = lines

    def at(self, index: str | int) -> Spot:
        if isinstance(index, int) and index < len(self.lines):
            return Spot(self.spot.file, self.lines[index], self.spot.row)
        return self.spot

    def placed(self) -> Iterator[tuple[Value, Spot]]:
        return ((item, self.at(index)) for index, item in enumerate(self))


class Unreadable(Exception):
    """The file is not YAML of the plain kind; the problems say where."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def entries_of(path: Path, file: str) -> Entries:
    """The mapping that a file holds. ``file`` is its name in messages. Raises ``Unreadable``."""
    return parsed(path.read_bytes(), file)


def parsed(content: bytes, file: str) -> Entries:
    if len(content) > MAX_FILE_BYTES:
        raise Unreadable(Problem(file, 1, f"the file is larger than {MAX_FILE_BYTES:,} bytes"))
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(Problem(file, line, "the file is not in UTF-8")) from error
    value = _Composer(text, file).document()
    if not isinstance(value, Entries):
        raise Unreadable(Problem(file, 1, "the file must be a mapping: lines of the form `key: value`"))
    return value


class _Composer:
    """Makes values of the parser's events, one document."""

    def __init__(self, text: str, file: str) -> None:
        self._next: Callable[[], Any] = yaml.CSafeLoader(text).get_event  # events only: nothing is constructed
        self._text = text
        self._file = file
        self._refused: list[Problem] = []

    def document(self) -> Value:
        try:
            value = self._only_value()
        except MarkedYAMLError as error:
            problem = error.problem or error.context or ""
            at_the_end = "end of stream" in problem  # of the file; what is not closed began before
            mark = (at_the_end and error.context_mark) or error.problem_mark or error.context_mark
            line = mark.line if mark else 0
            told = hint([*self._text.splitlines(), ""][line], problem)
            raise self._broken(line + 1, f"not YAML: {problem}{told}") from error
        except YAMLError as error:
            raise self._broken(1, "not YAML: it contains characters that YAML does not allow") from error
        except (ValueError, OverflowError) as error:  # an escape or directive beyond what the parser checks
            raise self._broken(1, f"not YAML: {error}") from error
        if self._refused:
            raise Unreadable(*self._refused)
        return value

    def _only_value(self) -> Value:
        self._next()  # start of stream
        if isinstance(self._next(), StreamEndEvent):
            raise self._broken(1, "the file is empty")
        value = self._value(self._next(), 0)
        self._next()  # end of document
        following = self._next()
        if not isinstance(following, StreamEndEvent):
            self._refuse(_line(following), "a second document (`---`) in one file")
        return value

    def _refuse(self, line: int, message: str) -> None:
        """Notes what is wrong and lets the reading go on, so that all of it is told at once."""
        self._refused.append(Problem(self._file, line, message))

    def _broken(self, line: int, message: str) -> Unreadable:
        """What is raised when the reading cannot go on."""
        return Unreadable(*self._refused, Problem(self._file, line, message))

    def _value(self, event: Any, depth: int) -> Value:
        line = _line(event)
        if event.anchor:
            self._refuse(line, "anchors and aliases (`&`, `*`) are not part of the rule language; use a table")
        if isinstance(event, AliasEvent):
            return None
        if event.tag:
            self._refuse(line, "tags (`!`) are not part of the rule language")
        if depth > MAX_DEPTH:
            raise self._broken(line, f"nested more than {MAX_DEPTH} levels deep")
        if isinstance(event, MappingStartEvent):
            return self._entries(line, depth)
        if isinstance(event, SequenceStartEvent):
            return self._items(line, depth)
        text: str = event.value
        return text if event.style else scalar(text)

    def _entries(self, start: int, depth: int) -> Entries:
        values: dict[str, Value] = {}
        lines: dict[str, int] = {}
        while not isinstance(event := self._next(), MappingEndEvent):
            line = _line(event)
            key = self._key(event, line, lines)
            values[key] = self._value(self._next(), depth + 1)
            lines[key] = line
        return Entries(values, Spot(self._file, start), lines)

    def _key(self, event: Any, line: int, before: Mapping[str, int]) -> str:
        key = self._value(event, 0) if isinstance(event, ScalarEvent) else None
        if not isinstance(key, str):
            shown = f" {event.value}" if isinstance(event, ScalarEvent) else ""
            raise self._broken(line, f"the key{shown} is not a text; put it in quotes")
        if key in before:
            self._refuse(line, f'the key "{key}" is already defined in line {before[key]}')
        return key

    def _items(self, line: int, depth: int) -> Items:
        values, lines = [], []
        while not isinstance(event := self._next(), SequenceEndEvent):
            values.append(self._value(event, depth + 1))
            lines.append(_line(event))
        return Items(values, Spot(self._file, line), lines)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def scalar(text: str) -> str | int | float | bool | None:
    """The value of an unquoted scalar."""
    if text in _WORDS:
        return _WORDS[text]
    if not _NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)


def spot_of(root: Entries | Items, path: Sequence[str | int]) -> Spot:
    """Where a value stands, by the keys and indices that lead to it; the nearest place when it is missing."""
    spot, here = root.spot, root
    for step in path:
        spot = here.at(step)
        known = step in here if isinstance(here, Entries) else isinstance(step, int) and step < len(here)
        if not known or not isinstance(here[step], Entries | Items):  # type: ignore[index]
            return spot
        here = here[step]  # type: ignore[index]
        spot = here.spot if here.spot.row and not spot.row else spot
    return spot
