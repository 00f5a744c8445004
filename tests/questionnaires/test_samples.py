"""The samples answer our questionnaires: their linkIds in their groups, and answers of the type of the question."""

import json

import pytest

from tests.questionnaires.filling import exported
from tests.serving import ROOT

QUESTIONNAIRES = {one["url"]: one for one in exported()["Questionnaire"].values()}
MEMBERS = {
    "boolean": "valueBoolean",
    "choice": "valueCoding",
    "integer": "valueInteger",
    "decimal": "valueDecimal",
    "quantity": "valueQuantity",
    "date": "valueDate",
    "dateTime": "valueDateTime",
}
SAMPLES = sorted([*ROOT.glob("fhir_samples/patients/*.json"), *ROOT.glob("fhir_samples/hooks/*.json")])


def responses(value):
    """Every QuestionnaireResponse in a sample that answers a questionnaire of ours."""
    if isinstance(value, dict):
        if value.get("resourceType") == "QuestionnaireResponse" and value.get("questionnaire") in QUESTIONNAIRES:
            yield value
        for inner in value.values():
            yield from responses(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from responses(inner)


def faults(items, asked):
    """What answers do not have from the items they answer."""
    known = {item["linkId"]: item for item in asked}
    for item in items:
        question = known.get(item["linkId"])
        if question is None:
            yield f"{item['linkId']} is not asked here"
            continue
        member = MEMBERS.get(question["type"])  # a group has no answers
        for answer in item.get("answer", ()):
            if member not in answer:
                yield f"{item['linkId']} is no {question['type']}"
            elif question["type"] == "choice" and answer not in [
                {member: one[member]} for one in question["answerOption"]
            ]:
                yield f"{item['linkId']} has an answer that is no option"
            yield from faults(answer.get("item", ()), question.get("item", ()))
        yield from faults(item.get("item", ()), question.get("item", ()))


ANSWERED = [(path, one) for path in SAMPLES for one in responses(json.loads(path.read_bytes()))]


@pytest.mark.parametrize(("path", "response"), ANSWERED, ids=lambda one: getattr(one, "stem", ""))
def test_a_sample_answers_what_is_asked(path, response):
    assert [] == list(faults(response["item"], QUESTIONNAIRES[response["questionnaire"]]["item"]))


def test_several_stories_answer_several_questionnaires():
    answered = {(path.stem, one["questionnaire"]) for path, one in ANSWERED if path.parent.name == "patients"}

    assert {"back-pain-screen", "headache-days", "inflammatory-back-pain"} <= {
        url.rpartition("/")[2] for _, url in answered
    }
    assert len({story for story, _ in answered}) >= 20
