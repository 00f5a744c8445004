"""Folders of rulesets for the tests: fixtures completed with what they do not say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]

HEAD = {
    "ruleset": "ruleset: {name}",
    "version": "version: 1.0.0",
    "status": "status: active",
    "title": "title: A fixture",
    "url": "url: https://cds.example.org/rulesets/{name}",
    "about": """\
about:
  purpose: To be loaded by the tests.
  intended_users: Readers of the tests.
  population: none
  excludes: none
  developer: The authors of this project.
  funding: none
  released: 2026-11-21
  revised: 2026-11-21
  review_by: 2027-11-21
  reviewer: none
  sources:
    nice: {{cite: NICE guideline NG59, label: NG59, url: "https://www.nice.org.uk/guidance/ng59"}}
    ichd3: {{cite: "International Classification of Headache Disorders, 3rd edition", label: ICHD-3}}""",
    "uses": "uses: [library]",
}

LIBRARY = (ROOT / "tests" / "rulesets" / "library.yaml").read_text(encoding="utf-8")

CODES = (ROOT / "tests" / "rulesets" / "vs-fixtures.yaml").read_text(encoding="utf-8")

VALUESETS = {
    "vs-sciatica": '{system: snomed, code: "23056005", display: Sciatica, verified_in: the tests}',
    "vs-urinary-retention": '{system: icd-10-cm, code: "R33", display: Retention of urine, verified_in: the tests}',
    "hd-cond-headache-any": '{system: snomed, code: "25064002", display: Headache, verified_in: the tests}',
    "vs-override-reason": "{system: spine-local, code: ovr-already-done, display: Done, verified_in: the tests}",
}

RESIDUAL_RAISED = """
facts:
  residual:
    title: Residual
    find: observation
    in: {system: spine-local, codes: {pvr-volume: Post-void residual volume}}
    unit: mL
rules:
  - {id: EX-1.raised, title: Raised, when: [residual: at least 200 mL], conclude: residual-raised}
"""
"""A ruleset of one fact and one conclusion."""


def completed(text: str, name: str) -> str:
    """A ruleset of which the text says what matters; the rest is added below, so that its lines keep their numbers."""
    said = {line.partition(":")[0] for line in text.splitlines() if line[:1].isalpha()}
    keys = HEAD.keys() - said - ({"uses"} if name == "library" else set())
    missing = (lines.format(name=name) for key, lines in HEAD.items() if key in keys)
    return "\n".join([text.rstrip("\n"), *missing, ""])


def folder(path: Path, files: Mapping[str, str]) -> Path:
    """A folder of rulesets with a library of facts, a few value sets, and these files."""
    everything = {
        "services.yaml": services("library"),
        "example/library/ruleset.yaml": completed(LIBRARY, "library"),
        "valuesets/vs-fixtures.yaml": CODES,
        **{f"valuesets/{name}.yaml": valueset(name, codes) for name, codes in VALUESETS.items()},
        **files,
    }
    root = path / "rulesets"
    for name, text in everything.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def services(*rulesets: str) -> str:
    service = "id: all, hook: patient-view, title: All, description: All"
    return f"services:\n  - {{{service}, rulesets: [{', '.join(rulesets)}]}}\n"


def valueset(name: str, code: str) -> str:
    return f"valueset: {name}\nversion: 1.0.0\ntitle: {name}\nsource: the tests\ncodes:\n  - {code}\n"
