"""The ways in which what a fact asks of the record may be wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from cds.ruleset.kind import Parameter
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import Codes, FactSpec
from cds.ruleset.questions import Setting
from cds.ruleset.systems import short_name
from cds.workbench.mutation.mutant import Kind, Mutant

_Member = TypeVar("_Member")


def of_fact(spec: FactSpec) -> Iterator[Mutant]:
    """Of what is written; what a kind takes where nothing is written belongs to the kind."""
    for name, value in spec.parameters.items():
        declared = KINDS[spec.kind].parameters[name]
        if value != declared.default:
            for kind, other in _other(value, declared):
                changed = replace(spec, parameters={**spec.parameters, name: other})
                yield _mutant(spec, kind, f"`{name}: {_said(value)}` -> {_said(other)}", changed)
    for name, codes in spec.codes.items():
        for what, less in _less(codes):
            if less.sets or less.codings:
                changed = replace(spec, codes={**spec.codes, name: less})
            elif KINDS[spec.kind].parameters[name].required:
                continue
            else:
                changed = replace(spec, codes={key: one for key, one in spec.codes.items() if key != name})
            yield _mutant(spec, "codes", f"`{name}` without {what}", changed)


def _mutant(spec: FactSpec, kind: Kind, what: str, changed: FactSpec) -> Mutant:
    return Mutant(spec.name, kind, what, spec.ruleset, spec.place, changed)


def _other(value: Setting, declared: Parameter) -> Iterator[tuple[Kind, Setting]]:
    match value:
        case bool():
            yield "parameter", not value
        case float():
            step = 1.0 if declared.type in ("days", "hours") else 10.0 ** -_decimals(value)
            kind: Kind = "look-back" if declared.type in ("days", "hours") else "parameter"
            yield kind, value + step
            yield kind, value - step
        case str():
            if isinstance(declared.default, str):
                yield "parameter", declared.default
            elif declared.choices:
                yield "parameter", declared.choices[declared.choices.index(value) - 1]
        case tuple():
            for name in value if len(value) > 1 else ():
                yield "parameter", tuple(one for one in value if one != name)


def _decimals(value: float) -> int:
    return len(f"{value:.10g}".partition(".")[2])


def _said(value: Setting) -> str:
    return f"{value:.10g}" if isinstance(value, float) else ", ".join(value) if isinstance(value, tuple) else str(value)


def _less(codes: Codes) -> Iterator[tuple[str, Codes]]:
    for one in codes.sets:
        yield one, replace(codes, sets=_without(codes.sets, one))
    for coding in codes.codings:
        yield f"{short_name(coding.system)} {coding.code}", replace(codes, codings=_without(codes.codings, coding))
    for one in codes.except_sets:
        yield f"its exception {one}", replace(codes, except_sets=_without(codes.except_sets, one))
    for coding in codes.except_codings:
        what = f"its exception {short_name(coding.system)} {coding.code}"
        yield what, replace(codes, except_codings=_without(codes.except_codings, coding))


def _without(members: Sequence[_Member], one: _Member) -> tuple[_Member, ...]:
    return tuple(member for member in members if member != one)
