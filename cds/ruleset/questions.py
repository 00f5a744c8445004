"""The facts of a ruleset: which kind of question each asks, and with which parameters."""

from __future__ import annotations

from typing import TypeAlias

from cds.ruleset import amounts
from cds.ruleset.document import Entries, Items, Value
from cds.ruleset.kinds import KINDS, Kind, Parameter
from cds.ruleset.model import FactSpec
from cds.ruleset.names import listed, suggestion, unknown
from cds.ruleset.units import is_unit
from cds.ruleset.valuesets import Codebook, Note, codes_of

Setting: TypeAlias = float | str | bool | tuple[str, ...]

_OWN_KEYS = ("title", "find", "derive")


class _Misfit(Exception):
    """The value of a parameter is not of its type; the text says what it has to be."""


def fact_of(name: str, written: Entries, ruleset: str, codebook: Codebook, note: Note) -> FactSpec | None:
    """None: the kind or what the kind cannot do without is not known, so that nothing more can be said."""
    kind = _kind(written, note)
    if kind is None:
        return None
    _check_keys(written, kind, note)
    excluded = written.get("except")
    codes = {
        key: codes_of(written[key], excluded if key == "in" else None, written.at(key), codebook, note)
        for key, parameter in kind.parameters.items()
        if parameter.type == "codes" and key in written and key != "except"
    }
    settings = _settings(written, kind, note)
    if any(parameter.required and key not in {**codes, **settings} for key, parameter in kind.parameters.items()):
        return None
    choices = settings.get("choices")
    if kind.name == "setting" and isinstance(choices, tuple) and settings["value"] not in choices:
        note(written.at("value"), f'"value" must be {listed(choices)}, not "{settings["value"]}"')
    return FactSpec(
        name=name,
        kind=kind.name,
        codes=codes,
        parameters=settings,
        title=written["title"],
        place=written.spot.place,
        ruleset=ruleset,
    )


def _kind(written: Entries, note: Note) -> Kind | None:
    verbs = [verb for verb in ("find", "derive") if verb in written]
    if len(verbs) != 1:
        note(written.spot, "a fact has either `find` or `derive`")
        return None
    verb, spot = verbs[0], written.at(verbs[0])
    kind = KINDS.get(written[verb])
    if kind is None:
        note(spot, unknown("kind of fact", written[verb], KINDS))
        return None
    right = "derive" if kind.derivation else "find"
    if verb != right:
        note(spot, f'"{kind.name}" is written `{right}: {kind.name}`')
    return kind


def _check_keys(written: Entries, kind: Kind, note: Note) -> None:
    for key in written:
        if key not in kind.parameters and key not in _OWN_KEYS:
            note(written.at(key), f'kind "{kind.name}" has no parameter "{key}"{_near(key, kind)}')
    for key, parameter in kind.parameters.items():
        if parameter.required and key not in written:
            note(written.spot, f'"{key}" is missing: {parameter.about}')
    if "except" in written and "in" not in written:
        note(written.at("except"), '"except" needs an "in"')


def _near(key: str, kind: Kind) -> str:
    return suggestion(key, kind.parameters) or (f"; it has {listed(kind.parameters)}" if kind.parameters else "")


def _settings(written: Entries, kind: Kind, note: Note) -> dict[str, Setting]:
    """The parameters that are no codes, with the defaults of those not written."""
    found: dict[str, Setting] = {}
    for key, parameter in kind.parameters.items():
        if key in written and parameter.type != "codes":
            try:
                found[key] = _setting(written[key], parameter)
            except _Misfit as misfit:
                note(written.at(key), f'"{key}" must be {misfit}')
        elif parameter.default is not None:
            found[key] = parameter.default
    return found


def _setting(value: Value, parameter: Parameter) -> Setting:
    match parameter.type:
        case "days" | "hours":
            return _duration(value, parameter.type)
        case "number":
            return _number(value)
        case "flag":
            return _flag(value)
        case "names":
            return _names(value, parameter.choices)
        case "unit":
            return _unit(value)
        case _:
            return _chosen(value, parameter.choices)


def _duration(value: Value, unit: str) -> float:
    read = amounts.days if unit == "days" else amounts.hours
    found = read(value) if isinstance(value, str) else None
    if found is None:
        raise _Misfit(f'a duration such as "{"30 days" if unit == "days" else "48 hours"}", not "{value}"')
    return found


def _number(value: Value) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Misfit(f'a number, not "{value}"')
    return float(value)


def _flag(value: Value) -> bool:
    if not isinstance(value, bool):
        raise _Misfit(f'true or false, not "{value}"')
    return value


def _unit(value: Value) -> str:
    if not isinstance(value, str) or not is_unit(value):
        raise _Misfit(f'a UCUM unit, not "{value}"')
    return value


def _names(value: Value, choices: tuple[str, ...]) -> tuple[str, ...]:
    members = value if isinstance(value, Items) else [value]
    return tuple(_chosen(member, choices) for member in members)


def _chosen(value: Value, choices: tuple[str, ...]) -> str:
    if not isinstance(value, str) or (choices and value not in choices):
        raise _Misfit(f'{listed(choices) if choices else "a text"}, not "{value}"')
    return value


def unit_of(spec: FactSpec, attribute: str) -> str:
    """The unit in which an attribute of the fact is compared."""
    unit = KINDS[spec.kind].attributes[attribute].unit
    return str(spec.parameters["unit"]) if unit == "{unit}" else unit


def facts_named_by(spec: FactSpec) -> tuple[tuple[str, str], ...]:
    """The parameters of a fact that name another fact it builds upon, with that name."""
    of_type = (key for key, parameter in KINDS[spec.kind].parameters.items() if parameter.type == "fact")
    return tuple((key, str(spec.parameters[key])) for key in of_type if key in spec.parameters)
