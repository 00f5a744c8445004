"""What a kind of fact is: its parameters, the attributes it answers with and the data it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

ParameterType: TypeAlias = Literal["codes", "days", "hours", "number", "text", "unit", "flag", "names", "fact"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """``codes``: value sets and inline codes. ``days`` and ``hours``: a duration. ``names``: a list of texts.

    ``fact``: the name of another fact that this one builds upon and that is therefore part of every program it is in.
    """

    type: ParameterType
    about: str
    required: bool = False
    default: float | str | bool | tuple[str, ...] | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attribute:
    """``unit`` is UCUM; ``"{unit}"`` means the fact's own ``unit`` parameter. Texts list their possible values."""

    type: Literal["number", "text"]
    about: str
    unit: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """``reads``: resource types that must be supplied to know; ``also``: read when supplied, not needed to know.

    ``event`` names the attribute ``<event>_days`` from which other facts measure when this one is their anchor.
    ``denies``: a record can say that it is not so, and ``about`` tells when; the others are never denied.
    """

    name: str
    about: str
    reads: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    derivation: bool = False
    items: bool = False  # may be many: read with ``each``
    source: str = ""  # derivations: the definition they follow
    event: str = ""
    denies: bool = False


IN = Parameter("codes", "value sets or codes", required=True)
EXCEPT = Parameter("codes", "value sets or codes that exclude an entry, even if another of its codes is in `in`")
WITHIN = Parameter("days", "maximum age: counts only what was stated, done or measured within this time")
WITHIN_HOURS = Parameter(
    "hours", "maximum age to the hour: counts only what was stated, done or measured within this time"
)
YES_NO = ("yes", "no")
SIDES = ("left", "right", "both")
SIDE = Attribute("text", "side of the body; unknown if none is stated", values=SIDES)
OF_SIDE = Parameter(
    "text",
    "counts only statements about this side of the body, about both sides, or without a side",
    choices=("left", "right"),
)


def days(about: str) -> Attribute:
    return Attribute("number", about, "d")


def yes_no(about: str) -> Attribute:
    return Attribute("text", about, values=YES_NO)
