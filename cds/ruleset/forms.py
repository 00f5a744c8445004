"""What a questionnaire asks, for what no standard code captures; the facts read the answers by their local codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from cds.clinical import Coding

ItemType: TypeAlias = Literal["group", "boolean", "choice", "integer", "decimal", "quantity", "date", "dateTime"]


@dataclass(frozen=True, slots=True)
class AnswerList:
    """Codes to choose from; ``none``: what "none of these" reads, where it may be said."""

    id: str
    title: str
    codings: tuple[Coding, ...]
    none: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormItem:
    """A question or a group. ``coding``: what it asks in the local code system; None of a heading and of a side.

    ``enabled_by``: the linkId of a question that has to be answered, a yes or no question with yes.
    """

    link_id: str
    text: str
    type: ItemType
    coding: Coding | None = None
    help: str = ""
    unit: str = ""
    limits: tuple[float, float] | None = None  # of a number, both included
    answers: AnswerList | None = None
    repeats: bool = False
    enabled_by: str = ""
    items: tuple[FormItem, ...] = ()

    def with_all_below(self) -> Iterator[FormItem]:
        yield self
        for item in self.items:
            yield from item.with_all_below()


@dataclass(frozen=True, slots=True)
class Form:
    """One questionnaire, for one situation of a visit."""

    id: str
    version: str
    title: str
    purpose: str
    items: tuple[FormItem, ...]

    def all_items(self) -> Iterator[FormItem]:
        for item in self.items:
            yield from item.with_all_below()


@dataclass(frozen=True, slots=True)
class Forms:
    """The questionnaires and the lists of answers, by id."""

    questionnaires: Mapping[str, Form] = field(default_factory=dict)
    answers: Mapping[str, AnswerList] = field(default_factory=dict)
