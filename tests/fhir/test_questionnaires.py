"""Answers of a QuestionnaireResponse: whose side they are about, what is told beneath them, and when that was."""

from datetime import date, datetime

import pytest

from cds.clinical import Coding, Quantity, Span
from cds.fhir.questionnaires import LinkId, link_id
from tests.fhir.sending import BERLIN, SNOMED, SPINE, SUBJECT, entries, entry

NUMB = "saddle-numbness"


def response(*items, **members):
    return {
        "resourceType": "QuestionnaireResponse",
        "id": "q1",
        **SUBJECT,
        "status": "completed",
        "authored": "2026-11-21T09:00:00+01:00",
        "item": list(items),
        **members,
    }


def item(link, *answers, **members):
    return {"linkId": link, "answer": list(answers), **members}


def group(link, *items):
    return {"linkId": link, "item": list(items)}


YES, NO = {"valueBoolean": True}, {"valueBoolean": False}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("reflex-ankle", LinkId("reflex-ankle", None)),
        ("reflex-ankle.left", LinkId("reflex-ankle", "left")),
        ("reflex-ankle.both", LinkId("reflex-ankle", "both")),
        ("acute-med-days-per-30d.drug-class", LinkId("drug-class", None)),
        ("legs.reflex-ankle.right", LinkId("reflex-ankle", "right")),
        ("left", LinkId("left", None)),
        ("", LinkId("", None)),
        (None, LinkId("", None)),
    ],
)
def test_a_link_id_is_a_code_after_its_place_and_before_its_side(text, expected):
    assert expected == link_id(text)


def test_an_answer_has_the_code_and_the_side_of_its_link_id():
    found = entry("numbness.in", response(item(f"{NUMB}.left", YES)))

    assert ("left", (Coding(SPINE, NUMB, ""),), "Saddle numbness") == (found.side, found.codings, found.text)


@pytest.mark.parametrize(
    ("code", "side"), [("7771000", "left"), ("24028007", "right"), ("51440002", "both"), ("1", None)]
)
def test_an_answer_has_the_side_that_is_answered_beneath_it(code, side):
    below = item(f"{NUMB}.side", {"valueCoding": {"system": SNOMED, "code": code}})

    assert side == entry("numbness.in", response(item(NUMB, {**YES, "item": [below]}))).side


def test_each_answer_to_a_question_that_repeats_is_an_entry():
    found = entries("numbness.in", response(item(NUMB, YES, NO)))

    assert [True, False] == [each.value for each in found]


def test_what_is_answered_under_an_answer_is_its_component_whether_or_not_a_fact_asks_for_it():
    below = item(f"{NUMB}.start", {"valueDate": "2026-11-19"})
    found = entry("numbness.in", response(item(NUMB, {**YES, "item": [below]})))

    assert [("start", Span(date(2026, 11, 19), date(2026, 11, 19)))] == [
        (each.codings[0].code, each.value) for each in found.components
    ]


def test_answers_keep_to_their_own_components():
    several = [
        {"valueInteger": days, "item": [item("kind", {"valueString": name})]} for days, name in ((4, "a"), (9, "b"))
    ]
    found = entries("numbness.in", response(item(NUMB, *several)))

    assert [(Quantity(4.0, None), ["a"]), (Quantity(9.0, None), ["b"])] == [
        (each.value, [part.value for part in each.components]) for each in found
    ]


def attack(start, end):
    times = [item(name, {"valueDateTime": text}) for name, text in (("start", start), ("end", end)) if text]
    return group(NUMB, *times, item("severity", {"valueString": "mild"}))


def test_a_group_that_is_asked_for_is_an_entry_with_its_answers_and_its_own_time():
    told = response(group("diary", attack("2026-11-19T22:00:00+01:00", "2026-11-20T02:00:00+01:00")))
    found = entry("numbness.in", told)

    assert (None, (date(2026, 11, 19), date(2026, 11, 20))) == (found.value, found.period)
    assert datetime(2026, 11, 19, 22, tzinfo=BERLIN) == found.began
    assert datetime(2026, 11, 20, 2, tzinfo=BERLIN) == found.instant
    assert ["start", "end", "severity"] == [part.codings[0].code for part in found.components]


@pytest.mark.parametrize(
    ("start", "end", "days", "began"),
    [
        ("2026-11-19T22:00:00+01:00", None, date(2026, 11, 19), True),
        ("2026-11-19", None, date(2026, 11, 19), False),
        (None, "2026-11-20", date(2026, 11, 20), False),
    ],
)
def test_a_group_may_lack_an_end_or_a_time_of_day(start, end, days, began):
    found = entry("numbness.in", response(attack(start, end)))

    assert (Span(days, days), began, None) == (found.effective, found.began is not None, found.period)


def test_a_group_that_says_no_time_has_only_that_of_its_record():
    found = entry("numbness.in", response(attack(None, None)))

    assert (None, datetime(2026, 11, 21, 9, tzinfo=BERLIN)) == (found.effective, found.recorded)


def test_a_group_that_no_fact_asks_for_is_only_a_heading():
    found = entry("numbness.in", response(group("diary", item("start", {"valueDate": "2026-11-01"}), item(NUMB, YES))))

    assert (Span(date(2026, 11, 21), date(2026, 11, 21)), ()) == (found.effective, found.components)


def test_answers_come_in_the_order_of_the_questionnaire():
    groups = [group(f"group-{number}", item(NUMB, {"valueInteger": number})) for number in range(4)]
    found = entries("numbness.in", response(*groups))

    assert [0.0, 1.0, 2.0, 3.0] == [each.value.value for each in found]
