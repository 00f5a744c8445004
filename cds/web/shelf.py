"""The monographs that can be read here: of what is loaded, made when first asked for; of earlier versions, as kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import msgspec

from cds.errors import InputError, UnknownRuleset
from cds.monograph.contents import contents
from cds.monograph.document import Contents, Monograph
from cds.monograph.loaded import of_loaded
from cds.ruleset.model import Knowledge
from cds.ruleset.names import listed, suggestion

Render: TypeAlias = Callable[[Monograph, tuple[str, ...], bool, date], bytes]

_HELD = 24  # monographs, of at most about a megabyte
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_VERSION = re.compile(r"\d{1,9}\.\d{1,9}\.\d{1,9}")
_DECODER = msgspec.json.Decoder(Monograph)


class Shelf:
    """``kept``: a folder with ``<ruleset>/<version>.json``, as ``cds keep`` writes them.

    ``render`` is given a monograph, all versions that can be read, whether it is the one in use, and the day.
    """

    def __init__(self, knowledge: Knowledge, folder: Path, kept: Path | None, render: Render) -> None:
        self.knowledge = knowledge
        self._folder = folder
        self._kept = kept
        self._render = render
        self.monograph = lru_cache(_HELD)(self._monograph)
        self.page = lru_cache(_HELD)(self._page)

    def contents(self, query: str = "") -> Contents:
        return contents(self.knowledge, {name: self.versions(name) for name in self.knowledge.rulesets}, query)

    def versions(self, name: str) -> tuple[str, ...]:
        """That can be read, the one in use first, then the newest. Raises ``UnknownRuleset``."""
        loaded = self.knowledge.rulesets.get(name)
        used = [loaded.version] if loaded else []
        kept = [] if self._kept is None or not _NAME.fullmatch(name) else [*self._kept.glob(f"{name}/*.json")]
        earlier = {path.stem for path in kept if _VERSION.fullmatch(path.stem)}.difference(used)
        if not used and not earlier:
            raise UnknownRuleset(f"there is no such ruleset{self._near(name)}")
        return (*used, *sorted(earlier, key=_numbers, reverse=True))

    def _is_in_use(self, name: str, version: str) -> bool:
        loaded = self.knowledge.rulesets.get(name)
        return loaded is not None and loaded.version == version

    def _near(self, name: str) -> str:
        close = suggestion(name, self.knowledge.rulesets) if _NAME.fullmatch(name) else ""
        return close or "; GET /rulesets lists them"

    def _monograph(self, name: str, version: str) -> Monograph:
        """Raises ``UnknownRuleset`` with the versions there are."""
        there = self.versions(name)
        if version not in there:
            raise UnknownRuleset(
                f"of {name} this version cannot be read here; there is {listed(there)}", versions=there
            )
        if self._kept is not None and not self._is_in_use(name, version):
            return _read(self._kept / name / f"{version}.json")
        return of_loaded(self.knowledge, self._folder, name)

    def _page(self, name: str, version: str, today: date) -> bytes:
        return self._render(self.monograph(name, version), self.versions(name), self._is_in_use(name, version), today)


def _read(path: Path) -> Monograph:
    try:
        return _DECODER.decode(path.read_bytes())
    except msgspec.DecodeError as error:
        raise InputError(f"{path.parent.name}/{path.name} is not what `cds keep` writes: {error}") from error


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
