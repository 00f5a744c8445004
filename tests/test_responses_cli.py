"""`cds decisions responses`: what users did with cards, one by one, for whoever has to hand it over."""

import csv
import io
import json

import msgspec
import pytest

from cds.journal import Caller
from tests import test_journal_cli
from tests.hooks.messages import headache, nsaid_days
from tests.test_journal_cli import HOSPITAL

service = test_journal_cli.service
ACCEPTED = {"outcome": "accepted", "acceptedSuggestions": [{"id": "0f3e7f0c-5d0c-4b57-9c39-6f1c1d7d3f10"}]}
RESPONSES = ("decisions", "responses")
SYSTEM = "http://terminology.hl7.org/CodeSystem/non-adherence-reason"


def reasoned(comment: str = "", display: str = "Will monitor"):
    reason = {"reason": {"code": "monitor", "system": SYSTEM, "display": display}}
    return {"overrideReason": reason | ({"userComment": comment} if comment else {})}


def rows(service, *words):
    result = service.cds(*RESPONSES, *words)
    assert 0 == result.exit_code, result.output
    return [*csv.DictReader(io.StringIO(result.stdout))]


def test_a_response_is_told_with_all_that_has_to_be_handed_over(service):
    decision = service.call(headache(), nsaid_days(), caller=HOSPITAL)
    service.respond(decision, **reasoned())

    [told] = rows(service)

    assert {
        "intervention": "P-01.card@1.2.0",
        "action": "overridden",
        "reason": "Will monitor",
        "reason_code": "monitor",
        "reason_system": SYSTEM,
        "comment": "",
        "user": decision.user,
        "date": "2026-11-21T10:00:00Z",
        "location": "general-hospital/a",
        "service": "pain",
        "hook": "patient-view",
        "indicator": "warning",
        "decision": decision.id,
    } == told
    assert decision.user and "Practitioner" not in decision.user


def test_what_the_caller_did_not_tell_is_unavailable(service):
    service.respond(service.call(headache(), nsaid_days()), **ACCEPTED)

    [told] = rows(service)

    assert ("accepted", "", "unavailable") == (told["action"], told["reason"], told["location"])


def test_an_answer_that_was_changed_is_told_twice_in_the_order_in_which_it_happened(service):
    decision = service.call(headache(), nsaid_days())
    service.respond(decision, **ACCEPTED, outcomeTimestamp="2026-11-21T11:00:00Z")
    service.respond(decision, **reasoned())

    assert ["overridden", "accepted"] == [told["action"] for told in rows(service)]


def test_what_a_user_wrote_stays_sealed_unless_it_is_asked_for(service):
    service.respond(service.call(headache(), nsaid_days()), **reasoned("Frau Geheim\nwants it"))

    [closed], [open_] = rows(service), rows(service, "--comments")

    assert ("sealed", "Frau Geheim\nwants it") == (closed["comment"], open_["comment"])


def test_a_comment_whose_key_is_gone_is_told_as_such(service):
    service.respond(service.call(headache(), nsaid_days()), **reasoned("x"))

    result = service.cds(*RESPONSES, "--comments", CDS_RECORD_KEYS="z" * 32)

    assert (1, "cds: sealed with a key that is not among CDS_RECORD_KEYS\n") == (result.exit_code, result.stderr)


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_words_are_words_to_a_spreadsheet_too(service, words):
    """(I13)"""
    service.respond(service.call(headache(), nsaid_days()), **reasoned(words, display=words))

    [told] = rows(service, "--comments")

    assert (f"'{words}", f"'{words}") == (told["comment"], told["reason"])


def test_without_a_database_not_even_the_names_of_the_columns_are_printed(service, tmp_path):
    """Who pipes them would take them for an answer: there were no responses."""
    found = service.cds(*RESPONSES, CDS_STATE=str(tmp_path / "elsewhere"))

    assert (2, "") == (found.exit_code, found.stdout)


def test_a_response_of_another_caller_is_none(service):
    """(S19)"""
    decision = service.call(headache(), nsaid_days(), caller=HOSPITAL)
    stranger = Caller(client="other", issuer="urn:other")
    service.respond(msgspec.structs.replace(decision, caller=stranger))

    assert [] == rows(service)


def test_a_client_and_a_time_may_be_asked_for(service):
    service.respond(service.call(headache(), nsaid_days(), caller=HOSPITAL))

    assert [1, 0, 0] == [
        len(rows(service, *words))
        for words in (("--client", "general-hospital"), ("--client", "other"), ("--until", "2020-01-01"))
    ]


def test_all_of_it_can_be_had_as_lines_of_json(service):
    service.respond(service.call(headache(), nsaid_days()), **reasoned())

    [line] = service.cds(*RESPONSES, "--json").stdout.splitlines()

    assert ("P-01.card@1.2.0", "monitor") == (json.loads(line)["intervention"], json.loads(line)["reason_code"])
