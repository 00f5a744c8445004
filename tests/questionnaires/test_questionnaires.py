"""No fact reads an answer that no questionnaire asks for, and no questionnaire asks what no fact reads."""

import json
import re
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cds.clinical import State
from cds.fhir.questionnaires import link_id
from cds.fhir.write import problems
from cds.record import ObservationEntry
from cds.ruleset.local_codes import asked_for, in_use
from cds.ruleset.systems import LOCAL_SYSTEMS
from tests.questionnaires.filling import (
    asking,
    exported,
    facts_of,
    filled,
    index,
    questions,
    readers,
    record_of,
    response,
    specs,
    values,
)
from tests.serving import ROOT
from tests.shipped import knowledge

QUESTIONNAIRES = exported()["Questionnaire"]
FORMS = knowledge().forms.questionnaires
RESOURCES = [one for kind in exported().values() for one in kind.values()]

# Read by facts, and asked by no questionnaire, because:
NOT_ASKED = {
    "analgesic-days-per-month": "the headache file's acute-med-days-per-30d asks the same (headache.md 3.3)",
    "analgesic-days-per-week": "the headache file's acute-med-days-per-week asks the same",
    "analgesic-use-day": "the headache file's acute-med-use-day asks the same",
    "cervical-manipulation": "an order or a procedure, not a finding",
    "epidural-injection-assess": "an order or a procedure, not a finding",
    "task-moh-plan-visit": "a Task, not a finding",
    "task-prevention-visit": "a Task, not a finding",
    "task-reassess": "a Task, not a finding",
    "task-review-visit": "a Task, not a finding",
    "typical": "a part of an Observation; the answers of the headache history describe the usual attack as they are",
}

# Asked in the history about the usual attack, and in the diary about each; or a part of several answers.
IN_SEVERAL_PLACES = {"start", "end", "drug-class"}

TOP = [
    (name, item)
    for name, resource in QUESTIONNAIRES.items()
    for group in resource["item"]
    for item in questions(group)
    if item["linkId"].count(".") == (link_id(item["linkId"]).side is not None)
]


def asked():
    """Every question and group with a local code: its questionnaire, its linkId, its code."""
    return [
        (name, item.link_id, item.coding.code)
        for name, form in FORMS.items()
        for item in form.all_items()
        if item.coding is not None
    ]


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda one: f"{one['resourceType']}/{one['id']}")
def test_what_is_exported_is_valid_fhir(resource):
    assert () == problems(resource)


def test_every_local_code_that_a_fact_reads_is_asked_or_has_a_reason_not_to_be():
    read = asked_for(specs().values(), knowledge().valuesets)

    assert set(NOT_ASKED) == set(read) - {code for _, _, code in asked()}
    assert all(NOT_ASKED.values())


def test_a_question_stands_in_one_place():
    """A code and side, but for the parts of other answers: those of an attack of the diary are of that attack."""
    places = Counter(link for _, link, code in asked() if code not in IN_SEVERAL_PLACES)

    assert {} == {link: times for link, times in places.items() if times > 1}
    assert {"headache-attack"} == {
        link.split(".")[0]
        for _, link, code in asked()
        if code not in IN_SEVERAL_PLACES and link_id(link)[0] != link and link_id(link).side is None
    }


def test_a_link_id_is_read_as_the_code_that_the_item_has():
    assert [] == [(link, code) for _, link, code in asked() if link_id(link).code != code]


def test_no_heading_is_taken_for_a_question():
    headings = [
        item for form in FORMS.values() for item in form.all_items() if item.type == "group" and not item.coding
    ]

    assert [] == [item.link_id for item in headings if index().local(link_id(item.link_id).code)[1]]


def test_a_local_code_is_of_one_system():
    codes = Counter(one.code for one in in_use(knowledge()))

    assert {} == {code: times for code, times in codes.items() if times > 1 and readers(code)}


def test_every_local_code_of_a_template_is_in_the_code_systems():
    pattern = re.compile(r'"system": "([^"]+)",\s*"code": "([^"]+)"')
    found = {pair for path in ROOT.glob("rulesets/**/*.json") for pair in pattern.findall(path.read_text())}
    known = {(one.system, one.code) for one in in_use(knowledge())}

    assert set() == {pair for pair in found if pair[0] in LOCAL_SYSTEMS} - known


def test_nothing_has_to_be_answered():
    assert {False} == {item["required"] for _, item in TOP}


def shown(fact):
    return {"QuestionnaireResponse/r"} == {evidence.reference for evidence in fact.evidence}


@pytest.mark.parametrize(("name", "item"), TOP, ids=lambda one: one if isinstance(one, str) else one["linkId"])
def test_facts_read_each_answer(name, item):
    """Whatever is answered, some fact knows it from there; where it is left out, none does."""

    @settings(max_examples=12, derandomize=True, deadline=None, database=None)
    @given(values(item))
    def read(answer):
        facts = facts_of(response(name, {"linkId": item["linkId"], "answer": [answer]}))
        known = [facts[fact] for fact in readers(link_id(item["linkId"]).code)]
        yes = answer.get("valueBoolean")

        assert [] != [fact for fact in known if fact.state in (State.PRESENT, State.DENIED) and shown(fact)]
        assert yes is not True or any(fact.state is State.PRESENT for fact in known)

    read()
    silent = facts_of(response(name, {"linkId": item["linkId"]}))
    assert {State.ABSENT} == {silent[fact].state for fact in readers(link_id(item["linkId"]).code)}


@pytest.mark.parametrize("name", QUESTIONNAIRES)
@settings(max_examples=15, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_every_answer_of_a_whole_questionnaire_is_kept_with_its_code_and_side(name, data):
    items = [data.draw(filled(item)) for item in QUESTIONNAIRES[name]["item"]]
    record = record_of(response(name, *items))
    kept = {id(one): one for entries in record.entries.values() for one in entries}.values()
    expected = Counter(
        link_id(item["linkId"])
        for group in QUESTIONNAIRES[name]["item"]
        for item in questions(group)
        if readers(link_id(item["linkId"]).code)
    )

    answered = [one for one in kept if isinstance(one, ObservationEntry) and one.value is not None]

    links = [item["linkId"] for group in QUESTIONNAIRES[name]["item"] for item in questions(group)]
    asked_which_side = {link.removesuffix(".side") for link in links if link.endswith(".side")}

    assert expected == Counter(
        (one.codings[0].code, None if one.codings[0].code in asked_which_side else one.side) for one in answered
    )
    assert record.unreadable == ()


@pytest.mark.parametrize("name", QUESTIONNAIRES)
@settings(max_examples=15, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_fact_of_which_every_question_was_left_out_is_neither_present_nor_denied(name, data):
    answered = response(name, *[data.draw(filled(item, whole=False)) for item in QUESTIONNAIRES[name]["item"]])
    touched = {fact for choice in record_of(answered).entries for fact in (choice.partition(".")[0], *asking(choice))}
    read = {fact for _, _, code in asked() for fact in readers(code)}
    known = (State.PRESENT, State.DENIED)

    assert [] == [name for name, fact in facts_of(answered).items() if name in read - touched and fact.state in known]


# What asks for answers that are missing (SRF-13, CSP-07, HD-RF-091, HD-CLS-070, HD-MOH-050) says which questionnaire.
ASKING_TASKS = {
    "task-redflag-screen",
    "task-redflag-questionnaire",
    "task-headache-history",
    "task-headache-diary",
    "task-acute-use-question",
}


def test_a_task_that_asks_for_answers_names_the_questionnaire():
    paths = [path for path in ROOT.glob("rulesets/*/*/templates/*.json") if path.name != "correct-link.json"]
    tasks = {path: json.loads(path.read_bytes()) for path in paths}
    asking_ones = [
        task
        for task in tasks.values()
        if task.get("resourceType") == "Task" and task["code"]["coding"][0]["code"] in ASKING_TASKS
    ]
    named = {task["input"][0]["valueCanonical"] for task in asking_ones}
    situations = ("back-pain-screen", "neck-examination", "headache-red-flags", "headache-history", "headache-days")

    assert named == {QUESTIONNAIRES[name]["url"] for name in (*situations, "headache-diary")}
