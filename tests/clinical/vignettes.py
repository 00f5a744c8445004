"""Which vignettes of the clinical documents are shown: by a case that names them, or by a test of the fact layer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import yaml

LISTED = Path(__file__).with_name("vignettes.yaml")
NORMALISERS = Path(__file__).with_name("normalisers.yaml")
ELSEWHERE = {"IMG-08 B": "test_naming_the_variant_changes_no_card_and_no_urgency"}
"""Vignettes of what a site's setting must never do, and the test in test_normalisers.py that shows it."""

_NAMED = re.compile(
    r"\b(?P<rule>(?:HD-[A-Z]+|[A-Z]{3,4})-\d{2,3})[ .](?:vignettes? )?"
    r"(?P<which>(?:[PNBM]\d?|\d+)\b(?:(?:, | and )(?:[PNBM]\d?|\d+)\b)*)"
)


@cache
def listed() -> Mapping[str, tuple[str, ...]]:
    """By document, as ``SRF-04 P`` or ``HD-RX-020 1``."""
    found = yaml.safe_load(LISTED.read_text(encoding="utf-8"))
    return {
        document: tuple(f"{rule} {which}" for rule, all_of_it in rules.items() for which in all_of_it)
        for document, rules in found.items()
    }


def named(case: str) -> Iterator[str]:
    """The vignettes that the name of a case names: ``IMG-04 P, SRF-04 P2: X-ray …`` names two."""
    for found in _NAMED.finditer(case):
        for which in re.split(", | and ", found["which"]):
            yield f"{found['rule']} {which}"


def shown(cases: Iterable[str]) -> frozenset[str]:
    """Given the names of all cases."""
    of_cases = {one for case in cases for one in named(case)}
    of_facts = {told["vignette"] for told in yaml.safe_load(NORMALISERS.read_text(encoding="utf-8"))}
    return frozenset(of_cases | of_facts | set(ELSEWHERE))
