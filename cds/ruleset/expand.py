"""Writing out what a ruleset says once: `<parameter>` and `for each <table>`.

Happens on the tree that was read, before anything is known of facts and rules. What is written out keeps the lines of
its template and the row it was written out for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cds.errors import Problem
from cds.ruleset import amounts
from cds.ruleset.document import Entries, Items, Spot, Value
from cds.ruleset.model import Setting
from cds.ruleset.names import unknown
from cds.ruleset.units import convert

_PLACEHOLDER = re.compile(r"<([a-z][a-z0-9_]*)>")
_FOR_EACH = "for each"
_Scope = Mapping[str, Any]  # placeholder -> its value


def expanded(root: Entries, overrides: Entries) -> tuple[Entries, tuple[Problem, ...]]:
    """The ruleset with every placeholder filled in. ``overrides`` are the values a site has set for its parameters."""
    expander = _Expander(root)
    return expander.ruleset(overrides), tuple(expander.problems)


def settings_of(root: Entries, overrides: Mapping[str, Any]) -> tuple[Setting, ...]:
    """The parameters of a ruleset, each with the value it has here. Those that are not written as they have to be are
    left out: ``expanded`` tells of them.
    """
    declared = root.get("parameters")
    return tuple(
        Setting(name, one["about"], one["default"], overrides.get(name, one["default"]))
        for name, one in (declared.items() if isinstance(declared, Entries) else ())
        if isinstance(one, Entries) and one.keys() == {"default", "about"}
    )


class _Expander:
    """Collects the problems of one file."""

    def __init__(self, root: Entries) -> None:
        self.root = root
        self.problems: list[Problem] = []

    def ruleset(self, overrides: Entries) -> Entries:
        scope = self._parameters(overrides)
        self.tables = {
            name: rows for name, rows in self._section("tables").items() if self._is_table(name, rows, scope)
        }
        kept = {key: value for key, value in self.root.items() if key not in ("parameters", "tables")}
        filled = {key: self._written(value, scope, "") for key, value in kept.items()}
        return Entries(filled, self.root.spot, self.root.lines)

    def _note(self, spot: Spot, message: str) -> None:
        self.problems.append(spot.problem(message))

    def _section(self, name: str) -> Entries:
        section = self.root.get(name)
        if isinstance(section, Entries):
            return section
        if section is not None:
            self._note(self.root.at(name), f'"{name}" must be a mapping')
        return Entries({}, self.root.at(name), {})

    # Parameters

    def _parameters(self, overrides: Entries) -> _Scope:
        declared = self._section("parameters")
        for name in overrides.keys() - declared.keys():
            self._note(overrides.at(name), unknown("parameter", name, declared))
        valid = {name: one for name, one in declared.items() if self._is_parameter(name, one, declared.at(name))}
        return {name: self._setting(name, one, overrides) for name, one in valid.items()}

    def _is_parameter(self, name: str, one: Value, spot: Spot) -> bool:
        if not isinstance(one, Entries) or not isinstance(one.get("about"), str) or one.keys() != {"default", "about"}:
            self._note(spot, f'parameter "{name}" must be written `{{default: …, about: what it sets}}`')
        elif isinstance(one["default"], Entries | Items | None):
            self._note(spot, f'the default of parameter "{name}" must be a text, a number, true or false')
        elif not _PLACEHOLDER.fullmatch(f"<{name}>"):
            self._note(spot, f'the name of parameter "{name}" must be in snake_case')
        else:
            return True
        return False

    def _setting(self, name: str, declared: Entries, overrides: Entries) -> Value:
        if name not in overrides:
            return declared["default"]
        if message := _misfit(overrides[name], declared["default"]):
            self._note(overrides.at(name), f'parameter "{name}" {message}')
        return overrides[name]

    # Tables

    def _is_table(self, name: str, rows: Value, scope: _Scope) -> bool:
        spot = self.root["tables"].at(name)
        if not isinstance(rows, Items) or not rows or not all(isinstance(row, Entries) for row in rows):
            self._note(spot, f'table "{name}" must be a list of rows, each a mapping')
            return False
        for row, at in rows.placed():
            self._check_row(name, row, rows[0], at, scope)
        return True

    def _check_row(self, table: str, row: Entries, first: Entries, spot: Spot, scope: _Scope) -> None:
        for column in sorted(row.keys() ^ first.keys()):
            self._note(spot, f'the rows of table "{table}" must have the same columns; "{column}" is missing in some')
        for column in sorted(row.keys() & scope.keys()):
            self._note(row.at(column), f'column "{column}" of table "{table}" has the name of a parameter')
        for column, value in row.items():
            if isinstance(value, Entries | Items | None):
                self._note(row.at(column), f'column "{column}" of table "{table}" must contain a text or a number')

    def _rows(self, table: Value, spot: Spot, scope: _Scope, around: str) -> Iterator[tuple[_Scope, str]]:
        """Each row as a scope, with the words that name it."""
        if not isinstance(table, str) or table not in self.tables:
            self._note(spot, unknown("table", str(table), self.tables))
            return
        for number, row in enumerate(self.tables[table], start=1):
            values = {column: self._text(value, scope, row.at(column)) for column, value in row.items()}
            named = f"row {number} of {table}: {next(iter(values.values()))}"
            yield {**scope, **values}, f"{around}, {named}" if around else named

    # Writing out

    def _written(self, value: Value, scope: _Scope, row: str) -> Value:
        if isinstance(value, Entries):
            return self._entries(value, scope, row)
        return self._items(value, scope, row) if isinstance(value, Items) else value

    def _entries(self, entries: Entries, scope: _Scope, row: str) -> Entries:
        values: dict[str, Value] = {}
        lines: dict[str, int] = {}
        for key, value, spot in self._pairs(entries, scope, row):
            if key in values:
                self._note(spot, f'"{key}" is already defined in line {lines[key]}')
            values[key], lines[key] = value, spot.line
        return Entries(values, _in_row(entries.spot, row), lines)

    def _pairs(self, entries: Entries, scope: _Scope, row: str) -> Iterator[tuple[str, Value, Spot]]:
        for key, value in entries.items():
            spot = _in_row(entries.at(key), row)
            if key.startswith(f"{_FOR_EACH} ") and isinstance(value, Entries):
                for inner, words in self._rows(key.removeprefix(f"{_FOR_EACH} "), spot, scope, row):
                    yield from self._pairs(value, inner, words)
            elif isinstance(value, str):
                yield str(self._text(key, scope, spot)), self._text(value, scope, spot), spot
            else:
                yield str(self._text(key, scope, spot)), self._written(value, scope, row), spot

    def _items(self, items: Items, scope: _Scope, row: str) -> Items:
        written = list(self._members(items, scope, row))
        return Items([value for value, _ in written], _in_row(items.spot, row), [spot.line for _, spot in written])

    def _members(self, items: Items, scope: _Scope, row: str) -> Iterator[tuple[Value, Spot]]:
        for value, place in items.placed():
            spot = _in_row(place, row)
            if isinstance(value, Entries) and _FOR_EACH in value:
                yield from self._repeated(value, spot, scope, row)
            elif isinstance(value, str):
                yield self._text(value, scope, spot), spot
            else:
                yield self._written(value, scope, row), spot

    def _repeated(self, block: Entries, spot: Spot, scope: _Scope, row: str) -> Iterator[tuple[Value, Spot]]:
        if block.keys() != {_FOR_EACH, "rules"} or not isinstance(block["rules"], Items):
            self._note(spot, "`for each` must be written with the name of a table, a list of `rules` and nothing else")
            return
        for inner, words in self._rows(block[_FOR_EACH], spot, scope, row):
            yield from self._members(block["rules"], inner, words)

    def _text(self, value: Value, scope: _Scope, spot: Spot) -> Value:
        """A text with its placeholders filled in; a placeholder alone becomes the value itself."""
        if not isinstance(value, str) or "<" not in value:
            return value
        names = _PLACEHOLDER.findall(value)
        for name in names:
            if name not in scope:
                self._note(spot, unknown("parameter", name, scope))
        if names and value == f"<{names[0]}>":
            return scope.get(names[0], value)
        return _PLACEHOLDER.sub(lambda match: str(scope.get(match[1], match[0])), value)


def _in_row(spot: Spot, row: str) -> Spot:
    return Spot(spot.file, spot.line, row) if row else spot


def _misfit(value: Value, default: Value) -> str:
    """Why a value is not of the kind of the default it replaces, or nothing."""
    if isinstance(default, bool) or isinstance(value, bool):
        return "" if isinstance(default, bool) and isinstance(value, bool) else f"must be {_kind(default)}"
    if isinstance(default, int | float):
        return "" if isinstance(value, int | float) else "must be a number"
    if not isinstance(value, str):
        return f"must be {_kind(default)}"
    if amounts.duration(default):
        return "" if amounts.duration(value) else 'must be a duration, such as "30 days"'
    wanted, given = amounts.quantity(default), amounts.quantity(value)
    if wanted and wanted.unit and (given is None or convert(given.number, given.unit, wanted.unit) is None):
        return f"must be an amount in {wanted.unit}"
    return ""


def _kind(default: Value) -> str:
    return (
        "true or false" if isinstance(default, bool) else "a number" if isinstance(default, int | float) else "a text"
    )
