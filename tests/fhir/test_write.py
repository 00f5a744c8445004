"""Templates fill in to valid FHIR, and what is not valid is told by place."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from cds.fhir.templates import Values, filled_in, patched, template_problems
from cds.fhir.write import operation_outcome, problems
from cds.ruleset.advice import Action, Card, Suggestion
from cds.ruleset.model import Place, Rule

TASK = {"resourceType": "Task", "status": "draft", "intent": "proposal"}
NOW = datetime(2026, 11, 21, 10, 30, 15, 123456, tzinfo=UTC)


def values(encounter="Encounter/e", user="Practitioner/u", evidence=("Observation/o", "Condition/c")):
    return Values("Patient/p", encounter, user, NOW, evidence, {"episode.onset+42d": date(2027, 1, 2)}.get)


def filled(part, **known):
    return filled_in({"x": part, "kept": 1}, values(**known)).get("x", "left out")


@pytest.mark.parametrize(
    ("part", "result"),
    [
        ("{patient}", "Patient/p"),
        ("for {patient} on {today}", "for Patient/p on 2026-11-21"),
        ("{now}", "2026-11-21T10:30:15+00:00"),
        ("{today+7d}", "2026-11-28"),
        ("{today+41d}", "2027-01-01"),
        ("{today-21d}", "2026-10-31"),
        ("by {episode.onset+42d}", "by 2027-01-02"),
        ("{encounter}", "Encounter/e"),
        ({"reference": "{user}"}, {"reference": "Practitioner/u"}),
        ("{evidence}", [{"reference": "Observation/o"}, {"reference": "Condition/c"}]),
        (
            ["{evidence}", {"display": "d"}],
            [{"reference": "Observation/o"}, {"reference": "Condition/c"}, {"display": "d"}],
        ),
        ([1, True, 2.5], [1, True, 2.5]),
        ("{unknown}", "{unknown}"),
    ],
)
def test_a_placeholder_becomes_its_value(part, result):
    assert result == filled(part)


@pytest.mark.parametrize(
    ("part", "result"),
    [
        ("{encounter}", "left out"),
        ({"period": {"end": "{weakness.onset+42d}"}}, "left out"),
        ({"reference": "{encounter}"}, "left out"),
        ({"a": {"b": ["{encounter}"]}}, "left out"),
        ({"reference": "{encounter}", "display": "d"}, {"display": "d"}),
        ([{"reference": "{user}"}, 1], [1]),
        ("{evidence}", "left out"),
        (["{evidence}"], "left out"),
    ],
)
def test_what_has_no_value_is_left_out_with_all_it_leaves_empty(part, result):
    assert result == filled(part, encounter=None, user=None, evidence=())


@pytest.mark.parametrize(
    ("patch", "result"),
    [
        ({}, {"a": 1, "b": {"c": [1], "d": 2}}),
        ({"a": 2}, {"a": 2, "b": {"c": [1], "d": 2}}),
        ({"a": None}, {"b": {"c": [1], "d": 2}}),
        ({"b": {"d": None, "e": 3}}, {"a": 1, "b": {"c": [1], "e": 3}}),
        ({"b": {"c": [2]}}, {"a": 1, "b": {"c": [2], "d": 2}}),
        ({"a": {"x": {"y": 1}}}, {"a": {"x": {"y": 1}}, "b": {"c": [1], "d": 2}}),
    ],
)
def test_a_merge_patch_changes_what_it_names(patch, result):
    resource = {"a": 1, "b": {"c": [1], "d": 2}}

    assert result == patched(resource, patch)
    assert {"a": 1, "b": {"c": [1], "d": 2}} == resource


@pytest.mark.parametrize(
    ("resource", "found"),
    [
        (TASK, ()),
        ({**TASK, "x": 1}, ("x: Extra inputs are not permitted",)),
        ({"resourceType": "Geheim"}, ("resourceType: no R4 resource type",)),
        ({"resourceType": 7}, ("resourceType: no R4 resource type",)),
        ({}, ("resourceType: no R4 resource type",)),
        ({**TASK, "for": {"reference": ["Geheim"]}}, ("for.reference: Input should be a valid string",)),
    ],
)
def test_what_is_not_valid_is_told_by_its_place_without_its_value(resource, found):
    assert found == problems(resource)


def test_an_error_is_valid_fhir():
    assert () == problems(operation_outcome("invalid", "context.patientId is required"))


def rule(template, kind="create"):
    card = Card("info", "x", suggest=(Suggestion("Refer", (Action(kind, "Refer", template),)),))
    return Rule("R-1.card", "r", "1.0.0", "t", (), Place("r.yaml", 7), card=card)


@pytest.mark.parametrize(
    ("template", "kind", "found"),
    [
        (TASK | {"for": {"reference": "{patient}"}}, "create", []),
        (TASK | {"authoredOn": "{patient}"}, "create", ["authoredOn"]),
        (TASK | {"description": None}, "create", ["null is no value in FHIR"]),
        ({"resourceType": "Task", "status": "{user}", "intent": "{encounter}"}, "create", ["intent", "status"]),
        ({"note": None}, "update", []),
        (None, "delete", []),
    ],
)
def test_a_template_is_tried_in_every_shape(template, kind, found):
    messages = [problem.message for problem in template_problems([rule(template, kind)])]

    assert len(found) <= len(messages)
    assert all(any(words in message for message in messages) for words in found)
    assert bool(found) == bool(messages)


def test_templates_that_lack_the_same_are_each_told_of_their_own_mistakes():
    right = {**TASK, "owner": {"reference": "{user}"}}
    wrong = {**right, "priority": "now"}
    lacking = [{**TASK, "input": [{"type": {"text": words}, "valueString": "{user}"}]} for words in ("who", "by whom")]
    rules = [
        replace(rule(template), place=Place("r.yaml", line))
        for line, template in enumerate((right, wrong, right, *lacking), 1)
    ]

    told = [(problem.line, problem.message.partition(": suggestion")[2]) for problem in template_problems(rules)]

    assert [2, 4, 5] == [line for line, _ in told]
    assert "priority: none of the codes" in told[0][1]
    assert told[1][1] == told[2][1]


def test_what_one_resource_may_lack_another_may_not():
    same = {"code": {"text": "seen"}, "subject": {"reference": "{encounter}"}}
    rules = [
        replace(rule({"resourceType": kind, **same}), place=Place("r.yaml", line))
        for line, kind in enumerate(("Basic", "Condition"), 1)
    ]

    assert {2} == {problem.line for problem in template_problems(rules)}


@pytest.mark.parametrize(
    ("resource", "message"),
    [
        ({"status": "zzz", "intent": "proposal"}, "status: none of the codes draft, active, on-hold"),
        ({"status": "draft", "intent": "wish"}, "intent: none of the codes proposal, plan"),
        ({"status": "draft", "intent": "proposal", "priority": "now"}, "priority: none of the codes routine, urgent"),
    ],
)
def test_a_code_that_fhir_does_not_know_is_told(resource, message):
    (problem,) = problems({"resourceType": "ServiceRequest", "subject": {"reference": "Patient/p"}, **resource})

    assert problem.startswith(message)


def test_a_code_inside_is_told_by_its_place():
    (problem,) = problems(
        {
            "resourceType": "Patient",
            "gender": "male",
            "telecom": [{"system": "phone", "value": "1"}, {"system": "pigeon", "value": "2"}],
        }
    )

    assert problem.startswith("telecom.1.system: none of the codes phone, fax")
