"""Questionnaires of the folder questionnaires/: what their items ask, held against what facts read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from cds.clinical import Coding
from cds.ruleset.document import Entries, Items
from cds.ruleset.forms import AnswerList, Form, FormItem, ItemType
from cds.ruleset.names import unknown
from cds.ruleset.systems import SYSTEMS, system_of
from cds.ruleset.units import is_unit
from cds.ruleset.valuesets import Note

ANSWERS = "answers.yaml"
"""The file of the lists of answers."""

SIDE = "side"
"""The list of answers of the question for a side of the body, and the end of that question's linkId."""

_BOTH_SIDES = ("left", "right")


def answers_of(root: Entries, note: Note) -> dict[str, AnswerList]:
    return {name: _answers(name, one, note) for name, one in root["answers"].items()}


def _answers(name: str, written: Entries, note: Note) -> AnswerList:
    system = system_of(written["system"])
    if system is None:
        note(written.at("system"), unknown("code system", written["system"], SYSTEMS))
    codings = tuple(Coding(system or "", code, words) for code, words in written["codes"].items())
    return AnswerList(name, written["title"], codings, written.get("none", ""))


def form_of(root: Entries, asked: Mapping[str, Coding], answers: Mapping[str, AnswerList], note: Note) -> Form:
    """``asked``: the local codes that facts ask for; an item of any other code is a mistake."""
    name = root["questionnaire"]
    if PurePosixPath(root.spot.file).stem != name:
        note(root.at("questionnaire"), f'the file of questionnaire "{name}" must be named {name}.yaml')
    items = _Reading(asked, answers, note).items(root["items"])
    form = Form(name, root["version"], root["title"], root["purpose"], tuple(items))
    links = Counter(item.link_id for item in form.all_items())
    for link, times in links.items():
        if times > 1:
            note(root.at("items"), f'"{link}" is asked {times} times')
    for item in form.all_items():
        if item.enabled_by and item.enabled_by not in links:
            note(root.at("items"), unknown("question", item.enabled_by, links))
    return form


class _Reading:
    """One questionnaire; ``note`` takes down what is wrong."""

    def __init__(self, asked: Mapping[str, Coding], answers: Mapping[str, AnswerList], note: Note) -> None:
        self.asked = asked
        self.answers = answers
        self.note = note

    def items(self, written: Items, above: str = "", side: str = "") -> Iterator[FormItem]:
        for one in written:
            if "ask" in one:
                yield self._question(one, above, side)
            elif one.get("sides"):
                yield from (self._group(one, each) for each in _BOTH_SIDES)
            else:
                yield self._group(one, side)

    def _group(self, written: Entries, side: str) -> FormItem:
        name, text = f"group-{written['group']}", written["text"]
        return FormItem(
            link_id=f"{name}-{side}" if side else name,
            text=f"{text}, {side}" if side else text,
            type="group",
            items=tuple(self.items(written["items"], side=side)),
        )

    def _question(self, written: Entries, above: str, side: str) -> FormItem:
        code = written["ask"]
        if code not in self.asked:
            self.note(written.at("ask"), f"no fact reads this: {unknown('local code', code, self.asked)}")
        if "unit" in written and not is_unit(written["unit"]):
            self.note(written.at("unit"), f'"{written["unit"]}" is not a UCUM unit')
        link = ".".join(part for part in (above, code, side) if part)
        before = ".".join(part for part in (above, written.get("after", ""), side) if part)
        least, most = written.get("between", (None, None))
        item = FormItem(
            link_id=link,
            text=written["text"],
            type=_type(written),
            coding=self.asked.get(code),
            help=written.get("help", ""),
            unit=written.get("unit", ""),
            limits=None if least is None or most is None else (float(least), float(most)),
            answers=self._answers(written),
            repeats=written.get("repeats", False),
            enabled_by=before if "after" in written else "",
        )
        return replace(item, items=tuple(self._below(written, item)))

    def _answers(self, written: Entries) -> AnswerList | None:
        if "answers" not in written:
            return None
        name: str = written["answers"]
        if name not in self.answers:
            self.note(written.at("answers"), unknown("list of answers", name, self.answers))
        return self.answers.get(name)

    def _below(self, written: Entries, item: FormItem) -> Iterator[FormItem]:
        """What is asked beneath a yes only when it is a yes."""
        enabled_by = item.link_id if item.type == "boolean" else ""
        if written.get("side"):
            link = f"{item.link_id}.{SIDE}"
            sides = self.answers.get(SIDE)
            yield FormItem(link_id=link, text="On which side?", type="choice", answers=sides, enabled_by=enabled_by)
        for below in self.items(written.get("items", Items((), written.spot, ())), above=item.link_id):
            yield replace(below, enabled_by=below.enabled_by or enabled_by)


def _type(written: Entries) -> ItemType:
    if "answers" in written:
        return "choice"
    if "unit" in written:
        return "quantity"
    named: ItemType = written.get("type", "boolean")
    return named
