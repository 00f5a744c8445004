"""docs/clinical-coverage.md: the rules of the clinical specification and their rules, cases and value sets here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

from cds.ruleset.asked import tests_of
from cds.ruleset.cases import cases_of
from cds.ruleset.model import Knowledge, Rule
from tests import shipped
from tests.clinical import vignettes

ROOT = Path(__file__).parents[2]
RULESETS = ROOT / "rulesets"
FILE = ROOT / "docs" / "clinical-coverage.md"
LISTED = Path(__file__).with_name("rules.yaml")

_ID = re.compile(r"\b(?:HD-[A-Z]+|[A-Z]{3,4})-\d{2,3}\b")
_HEAD = """\
# Coverage of the clinical specification

Written by `make clinical`; do not edit. The rules are those of the two documents the rulesets were written from, spine
and headache, with the ids they have there; `tests/clinical/rules.yaml` lists them. A rule of a ruleset carries the id
before its first dot, a case names the ids it is about, and the value sets are those of the facts that the rules ask
about themselves. {built} of {all} are built; what is not is said so.

The documents end each rule with vignettes: patients, and what has to follow. {shown} of the {vignettes} are shown: by a
case that names the vignette, or in `tests/clinical/normalisers.yaml` where it is about the fact layer. They are listed
in `tests/clinical/vignettes.yaml`.

| document | vignettes | shown | missing |
|---|---|---|---|
{by_document}

No clinician has reviewed this content. A site has to review and approve it before clinical use.
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """``where``: the part of the fact layer that a rule without rules of its own is; "" for all others."""

    id: str
    title: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    document: str
    rules: tuple[Listed, ...]


def sections() -> tuple[Section, ...]:
    found = yaml.safe_load(LISTED.read_text(encoding="utf-8"))
    return tuple(Section(each["section"], each["document"], tuple(map(_listed, each["rules"]))) for each in found)


def _listed(written: Mapping[str, Any]) -> Listed:
    return Listed(**written)


@dataclass(frozen=True, slots=True)
class Built:
    """What carries the rules of the specification, by their ids."""

    knowledge: Knowledge
    rules: Mapping[str, tuple[Rule, ...]]
    cases: Counter[str]
    vignettes: frozenset[str]  # those that are shown


@cache
def built() -> Built:
    knowledge = shipped.knowledge()
    rules: dict[str, tuple[Rule, ...]] = {}
    for rule in chain.from_iterable(ruleset.rules for ruleset in knowledge.rulesets.values()):
        rules[rule.topic] = (*rules.get(rule.topic, ()), rule)
    names = tuple(_names_of_cases(knowledge))
    counted = Counter(rule for name in names for rule in set(_ID.findall(name)))
    return Built(knowledge, rules, counted, vignettes.shown(names))


def _names_of_cases(knowledge: Knowledge) -> Iterator[str]:
    for path in sorted(RULESETS.glob("*/*/tests.yaml")):
        yield from (case.name for case in cases_of(path, path.relative_to(ROOT).as_posix(), knowledge))


def page(found: Built) -> str:
    listed = [rule for section in sections() for rule in section.rules]
    wanted = vignettes.listed()
    head = _HEAD.format(
        all=len(listed),
        built=sum(bool(one.where) or one.id in found.rules for one in listed),
        vignettes=sum(map(len, wanted.values())),
        shown=sum(len(found.vignettes.intersection(of_it)) for of_it in wanted.values()),
        by_document="\n".join(_vignettes(document, of_it, found) for document, of_it in wanted.items()),
    )
    return "\n".join((head, *chain.from_iterable(_section(each, found) for each in sections())))


def _vignettes(document: str, listed: tuple[str, ...], found: Built) -> str:
    missing = [one for one in listed if one not in found.vignettes]
    return f"| {document} | {len(listed)} | {len(listed) - len(missing)} | {', '.join(missing) or '–'} |"


def _section(section: Section, found: Built) -> Iterator[str]:
    yield f"## {section.title} ({section.document})\n"
    yield "| id | what | where | rules | cases | value sets |"
    yield "|---|---|---|---|---|---|"
    yield from (_row(one, found) for one in section.rules)
    yield ""


def _row(one: Listed, found: Built) -> str:
    rules = found.rules.get(one.id, ())
    places = "<br>".join(dict.fromkeys(_link(rule, found) for rule in rules)) or one.where or "**not built**"
    sets = ", ".join(_valuesets(rules, found.knowledge)) or "–"
    return f"| {one.id} | {one.title} | {places} | {len(rules) or '–'} | {found.cases[one.id] or '–'} | {sets} |"


def _link(rule: Rule, found: Built) -> str:
    path = found.knowledge.rulesets[rule.ruleset].place.file
    return f"[{rule.ruleset}](../{path})"


def _valuesets(rules: Iterable[Rule], knowledge: Knowledge) -> list[str]:
    asked = {
        (rule.ruleset, test.subject)
        for rule in rules
        for test in tests_of(rule, knowledge.rulesets[rule.ruleset].counts)
    }
    facts = {name: spec for ruleset in knowledge.rulesets.values() for name, spec in ruleset.facts.items()}
    specs = [facts[subject] for _, subject in asked if subject in facts]
    return sorted({name for spec in specs for codes in spec.codes.values() for name in codes.sets})
