"""The part of the language reference that follows from the code: the kinds of fact."""

from __future__ import annotations

from collections.abc import Iterator

from cds.ruleset.kinds import KINDS, Attribute, Kind, Parameter
from cds.ruleset.names import listed

MARK = "<!-- kinds: written by `cds language`, do not edit below -->"
"""The line of docs/rule-language.md below which everything is generated."""


def with_kinds(page: str) -> str:
    """The page of the rule language with its section on kinds written anew."""
    return f"{page.partition(MARK)[0]}{MARK}\n\n{kinds_markdown()}"


def kinds_markdown() -> str:
    """Every kind with its parameters and attributes, by name, what is looked up before what is derived."""
    ordered = sorted(KINDS.values(), key=lambda kind: (kind.derivation, kind.name))
    return "\n".join(line for kind in ordered for line in _kind(kind))


def _kind(kind: Kind) -> Iterator[str]:
    yield from (
        f"### {'derive' if kind.derivation else 'find'}: {kind.name}",
        "",
        f"{_sentence(kind.about)}{_notes(kind)}",
        "",
    )
    if kind.parameters:
        yield from ("| parameter | type | meaning |", "|---|---|---|")
        yield from (f"| `{name}` | {_type(one)} | {_cell(one.about)} |" for name, one in kind.parameters.items())
        yield ""
    if kind.attributes:
        yield from ("| attribute | type | meaning |", "|---|---|---|")
        yield from (f"| `{name}` | {_value(one)} | {_cell(one.about)} |" for name, one in kind.attributes.items())
        yield ""


def _notes(kind: Kind) -> str:
    notes = (
        ("Reads", listed_all(kind.reads)),
        ("Also reads, if supplied:", listed_all(kind.also)),
        ("", "Can be present several times: use `each`" if kind.items else ""),
        ("As an anchor, its date is", f"`{kind.event}`" if kind.event else ""),
        ("Defined in", kind.source),
    )
    return "".join(f" {f'{says} {what}'.strip()}." for says, what in notes if what)


def listed_all(words: tuple[str, ...]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def _sentence(text: str) -> str:
    return f"{_cell(text[0].upper() + text[1:])}."


def _type(one: Parameter) -> str:
    words = {"days": "duration", "hours": "duration in hours", "flag": "true or false", "unit": "UCUM unit"}
    parts = [words.get(one.type, one.type)]
    if one.choices:
        parts = [listed(f"`{choice}`" for choice in one.choices)]
    if one.type == "names":
        parts = [f"list of {parts[0]}"]
    if one.required:
        parts.append("required")
    if one.default is not None:
        parts.append(f"default {_default(one)}")
    return ", ".join(parts)


def _default(one: Parameter) -> str:
    match one.default:
        case bool(flag):
            return str(flag).lower()
        case float() | int() as number:
            unit = {"days": " days", "hours": " hours"}.get(one.type, "")
            return f"{number:g}{unit}"
        case str(text):
            return f"`{text}`"
        case _:
            return ", ".join(f"`{text}`" for text in one.default or ())


def _value(one: Attribute) -> str:
    if one.type == "text":
        return listed(f"`{value}`" for value in one.values) if one.values else "text"
    unit = "the fact's `unit`" if one.unit == "{unit}" else f"`{one.unit}`"
    return "number" if one.unit in ("", "1") else f"number, {unit}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
