"""The facts that the rules ask for: from which data, by which codes, in which unit, how old at most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from cds.clinical import Coding
from cds.monograph import places
from cds.monograph.document import Codes, Compared, Input, Setting
from cds.monograph.logic import Reference
from cds.monograph.scope import Subject
from cds.ruleset import model
from cds.ruleset.asked import tests_of
from cds.ruleset.kind import Parameter
from cds.ruleset.kinds import KINDS
from cds.ruleset.names import listed
from cds.ruleset.questions import facts_named_by, unit_of
from cds.ruleset.spoken import amount, unit_words
from cds.ruleset.systems import short_name

_TIMES = {"days": "d", "hours": "h"}
_AGES = frozenset({"within", "within_hours", "current"})
_SHOWN_APART = frozenset({"unit"})
_DAYS_OF = ((365, "year"), (30, "month"))


def inputs(subject: Subject, facts: tuple[model.FactSpec, ...]) -> Iterator[Input]:
    compared = _compared(subject)
    for spec in facts:
        kind = KINDS[spec.kind]
        named = facts_named_by(spec)
        yield Input(
            name=spec.name,
            title=spec.title,
            anchor=places.anchor("input", spec.name),
            asks=kind.about,
            defined_in=_owner(spec, subject),
            reads=kind.reads,
            also_reads=kind.also,
            unit=unit_words(str(spec.parameters["unit"]), 2) if "unit" in spec.parameters else "",
            codes=tuple(_codes(kind.parameters[key].about, codes, subject) for key, codes in spec.codes.items()),
            settings=tuple(_settings(spec, kind.parameters, {key for key, _ in named})),
            compared=tuple(_attributes(spec, compared.get(spec.name, ()))),
            builds_on=tuple(subject.fact(name) for _, name in named),
            definition=kind.source,
        )


def _owner(spec: model.FactSpec, subject: Subject) -> Reference:
    if spec.ruleset == subject.ruleset.id:
        return Reference(name="")
    return Reference(name=spec.ruleset, to=places.of_input(spec, subject.knowledge.rulesets[spec.ruleset]))


def _compared(subject: Subject) -> dict[str, list[str]]:
    """By fact, the attributes that rules of the ruleset ask for."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for rule in subject.ruleset.rules:
        for test in tests_of(rule, subject.counts):
            if test.attribute and not test.anchor:
                found[test.subject][test.attribute] = None
    return {name: list(attributes) for name, attributes in found.items()}


def _attributes(spec: model.FactSpec, names: list[str] | tuple[()]) -> Iterator[Compared]:
    offered = KINDS[spec.kind].attributes
    for name in names:
        unit = unit_of(spec, name)
        yield Compared(name=name, about=offered[name].about, unit=unit_words(unit, 2) if unit else "")


def _codes(asks: str, codes: model.Codes, subject: Subject) -> Codes:
    return Codes(
        asks=asks,
        valuesets=tuple(_set(name, subject) for name in codes.sets),
        codes=tuple(map(_code, codes.codings)),
        other_than=tuple(_set(name, subject) for name in codes.except_sets),
        other_than_codes=tuple(map(_code, codes.except_codings)),
    )


def _set(name: str, subject: Subject) -> Reference:
    title = subject.knowledge.valuesets[name].title
    return Reference(name=f"{title} ({name})" if title else name, to=f"#{places.anchor('valueset', name)}")


def _code(coding: Coding) -> str:
    return f"{short_name(coding.system)} {coding.code} {coding.display}".rstrip()


def _settings(spec: model.FactSpec, parameters: Mapping[str, Parameter], facts: set[str]) -> Iterator[Setting]:
    for name, value in spec.parameters.items():
        if name not in facts and name not in _SHOWN_APART and value != ():
            yield Setting(
                name=name,
                about=parameters[name].about,
                value=_value(value, parameters[name].type),
                age=name in _AGES,
            )


def _value(value: float | str | bool | tuple[str, ...], kind: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return listed(value)
    if isinstance(value, str):
        return value
    return duration(value) if kind == "days" else amount(value, _TIMES.get(kind, "1"))


def duration(days: float) -> str:
    """In days, with the years or months that they make: ``365 days (1 year)``."""
    told = amount(days, "d")
    for length, name in _DAYS_OF:
        if days >= length and days % length == 0:
            number = int(days // length)
            return f"{told} ({number} {name}{'' if number == 1 else 's'})"
    return told
