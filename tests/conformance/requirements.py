"""The requirements of CDS Hooks, as `requirements.yaml` lists them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("requirements.yaml")

LEVELS = {
    *("SHALL", "SHALL NOT", "SHOULD", "SHOULD NOT", "MAY"),
    *("client SHALL", "client SHALL NOT", "client SHOULD", "client MAY"),
    *("PROSE", "DERIVED", "BP"),
}


@dataclass(frozen=True, slots=True)
class Requirement:
    """``untested``: why no test proves it; "" when one has to."""

    id: str
    level: str
    versions: str
    title: str
    untested: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    requirements: tuple[Requirement, ...]


def sections() -> tuple[Section, ...]:
    return tuple(
        Section(each["section"], tuple(_requirements(each))) for each in yaml.safe_load(FILE.read_text("utf-8"))
    )


def _requirements(section: Mapping[str, Any]) -> Iterator[Requirement]:
    """A reason given for a whole section is that of each of its requirements."""
    whole = {"untested": section["untested"]} if "untested" in section else {}
    for name, members in section["requirements"].items():
        yield Requirement(name, **{**whole, **members})
