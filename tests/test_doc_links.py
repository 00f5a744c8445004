"""The links between the documents: each leads to a file that is there, and to a heading of it."""

import re
from functools import cache
from pathlib import Path

import pytest

from tests.serving import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "fhir_samples").rglob("*.md")])
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:)([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)


def prose(page: Path) -> str:
    return _FENCED.sub("", page.read_text(encoding="utf-8"))


@cache
def headings(page: Path) -> frozenset[str]:
    """The anchors that GitHub gives to them: small letters, no punctuation, hyphens for blanks."""
    return frozenset(
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in _HEADING.findall(prose(page))
    )


def broken(page: Path) -> list[str]:
    found = []
    for link in _LINK.findall(prose(page)):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in headings(target)):
            found.append(link)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_document_leads_somewhere(page):
    assert [] == broken(page)


def test_a_link_to_a_heading_that_is_not_there_would_be_seen(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# What is so\n[a](#what-is-so) [b](#what-is-not) [c](none.md)\n```\n[d](none.md)\n```\n")

    assert ["#what-is-not", "none.md"] == broken(page)
