"""Values of the patient in words, safe inside plain text and inside Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from cds.clinical import Bounds, Number

# Controls, and the marks that turn the direction of writing around (Unicode bidi classes LRE … PDI, and LRM, RLM, ALM).
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
# What means something wherever it stands, begins a list or an underline, or makes an address a link by itself. The rest
# stays as it is: not every EHR renders Markdown, and a date full of backslashes is hard to read.
_MARKUP = re.compile(r"[\\`*_\[\]<>&|~#@] | ^[-+=] | (?<=[:/])/ | (?<!\d)\.(?=\S) | \.(?=[^\s\d])", re.VERBOSE)
_NUMBERED = re.compile(r"^(\d+)([.)])(?=\s|$)")
_AUTHORED = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>|~#"})

_ONE_MANY: Mapping[str, tuple[str, str]] = {
    "min": ("minute", "minutes"),
    "h": ("hour", "hours"),
    "d": ("day", "days"),
    "wk": ("week", "weeks"),
    "mo": ("month", "months"),
    "a": ("year", "years"),
    "d/wk": ("day a week", "days a week"),
    "d/mo": ("day a month", "days a month"),
    "h/d": ("hour a day", "hours a day"),
}
_SHORT: Mapping[str, str] = {
    "1": "",
    "mm[Hg]": "mmHg",
    "Cel": "°C",
    "[degF]": "°F",
    "10*3/uL": "×10³/µL",
    "10*9/L": "×10⁹/L",
    "ug": "µg",
    "umol/L": "µmol/L",
    "mL/min/{1.73_m2}": "mL/min/1.73 m²",
}
_ANNOTATION = re.compile(r"\{[^}]*\}")


def plain(text: str) -> str:
    """One line without anything unseen."""
    return " ".join(_UNSEEN.sub("", text).split())


def escaped(text: str) -> str:
    """A value from the record as Markdown that shows exactly its text."""
    return _NUMBERED.sub(r"\1\\\2", _MARKUP.sub(r"\\\g<0>", plain(text)))


def authored(text: str) -> str:
    """Plain words of a ruleset as Markdown: only what could be taken for markup is escaped."""
    return plain(text).translate(_AUTHORED)


def number(value: float) -> str:
    """At most six digits that matter, never an exponent."""
    text = f"{value:.6g}"
    return f"{value:.0f}" if "e" in text and abs(value) >= 1 else f"{value:.6f}".rstrip("0") if "e" in text else text


def amount(value: Number | str, unit: str) -> str:
    """``3 days a week``, ``350 mL``, ``10 mg or more``."""
    if isinstance(value, str):
        return value
    if isinstance(value, Bounds):
        return _between(value, unit)
    return f"{number(value)} {unit_words(unit, value)}".rstrip()


def _between(value: Bounds, unit: str) -> str:
    low, high = value
    if low == high:
        return amount(low, unit)
    if high == float("inf"):
        return f"{amount(low, unit)} or more"
    if low == float("-inf"):
        return f"{amount(high, unit)} or less"
    return f"{number(low)} to {amount(high, unit)}"


def unit_words(unit: str, value: float) -> str:
    if unit in _ONE_MANY:
        return _ONE_MANY[unit][value != 1]
    return _SHORT.get(unit, _ANNOTATION.sub("", unit).removesuffix("/"))


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
