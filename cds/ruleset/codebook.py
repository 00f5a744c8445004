"""What the value sets call each code: one display for one code, wherever it is written."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from cds.clinical import Coding
from cds.ruleset.document import Spot
from cds.ruleset.systems import matched_form, short_display, short_name

Note = Callable[[Spot, str], None]
"""What takes down a problem while the reading goes on."""


class _Listed(NamedTuple):
    display: str
    spot: Spot


class Codebook:
    """The value sets of a folder by name, and every code in them; fills while they are read.

    ``torn``: some value set could not be read, so that a code not found here may be listed all the same.
    """

    def __init__(self, names: Collection[str]) -> None:
        self.names = names
        self.torn = False
        self._listed: dict[tuple[str, str], _Listed] = {}

    def enter(self, coding: Coding, spot: Spot, note: Note) -> None:
        """Takes up a code of a value set, which every other value set has to call the same."""
        first = self._listed.setdefault(_key(coding), _Listed(coding.display, spot))
        if first.display != coding.display:
            note(spot, f'code "{coding.code}" is called "{first.display}" in {_place(first)}, not "{coding.display}"')

    def named(self, coding: Coding, spot: Spot, note: Note) -> Coding:
        """A code written in place, under the display of the value sets when it has none of its own.

        Notes a code that no value set lists, or one under another display than theirs; that may go without the semantic
        tag of SNOMED CT.
        """
        listed = self._listed.get(_key(coding))
        if listed is None:
            if not self.torn:
                system = short_name(coding.system)
                note(
                    spot,
                    f'{system} code "{coding.code}" is in no value set; add it to a file of rulesets/valuesets, with '
                    "where it was verified",
                )
            return coding
        if coding.display not in ("", listed.display, short_display(listed.display)):
            note(spot, f'code "{coding.code}" is called "{listed.display}" in {_place(listed)}, not "{coding.display}"')
        return coding if coding.display else coding._replace(display=short_display(listed.display))


def _key(coding: Coding) -> tuple[str, str]:
    return coding.system, matched_form(coding.system, coding.code)


def _place(listed: _Listed) -> str:
    return f"{listed.spot.file}:{listed.spot.line}"
