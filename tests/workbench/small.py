"""A copy of the small rulesets of tests/hooks, with cases beside them."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.hooks.messages import RULESETS

CASES = """\
ruleset: pain
today: 2026-11-21
cases:
  - name: four days a week with headache
    record:
      - {condition: {snomed: "25064002"}, onset: today-20d}
      - {observation: {spine-local: analgesic-days-per-week}, value: 4 d/wk, at: today-3d}
    conclusions: [frequent-use]
    cards: [P-01.card]
  - name: exactly two days a week
    facts: {headache: present, nsaid_days: 2 d/wk}
    conclusions: []
    cards: []
  - name: another four days a week
    facts: {headache: present, nsaid_days: 4 d/wk}
    conclusions: [frequent-use]
    cards: [P-01.card]
  - name: a medicine is ordered
    hook: order-sign
    record:
      - {condition: {snomed: "25064002"}, onset: today-20d}
      - {observation: {spine-local: analgesic-days-per-week}, value: 4 d/wk, at: today-3d}
    drafts:
      - {request: {rxnorm: "5640"}, name: Ibuprofen 400 mg}
    conclusions: [frequent-use]
    cards: [P-01.card, P-04.card]
"""


def rulesets(folder: Path, cases: str = CASES) -> Path:
    """In ``folder / "rulesets"``."""
    copy = Path(shutil.copytree(RULESETS, folder / "rulesets"))
    (copy / "demo" / "pain" / "tests.yaml").write_text(cases, encoding="utf-8")
    return copy


def changed(folder: Path, old: str, new: str, name: str = "ruleset.yaml") -> None:
    """One text of the ruleset replaced by another."""
    file = folder / "demo" / "pain" / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
