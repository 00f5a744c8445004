"""POST /cds-services/{id}/feedback, through the application."""

from dataclasses import replace
from uuid import uuid4

import pytest

from cds.hooks.feedback import belongs_to
from cds.security.sealing import seals
from cds.settings import Settings
from tests.hooks.messages import RULESETS
from tests.web.closed import CALL, FEEDBACK, JSON, PAIN, closed, journal, opened, token

KEY = "k" * 32
COMMENT = "Frau Unverwechselbar möchte nicht"


@pytest.fixture
def settings(tmp_path):
    return Settings(rulesets=RULESETS, state=tmp_path, record_keys=(KEY,))


@pytest.fixture
def client(settings):
    return opened(settings)


def overridden(card, comment=COMMENT):
    reason = {"system": "https://example.org/reasons", "code": "refused"}
    return {
        "card": card,
        "outcome": "overridden",
        "overrideReason": {"reason": reason, "userComment": comment},
        "outcomeTimestamp": "2026-11-21T10:05:31Z",
    }


@pytest.mark.requirement("CH-134", "CH-135", "CH-147")
def test_feedback_is_taken_for_every_service_that_is_listed(client, tmp_path):
    ids = {service["id"] for service in client.get("/cds-services").json["services"]}
    responses = [
        client.post(f"/cds-services/{id_}/feedback", json={"feedback": [overridden(str(uuid4()))]}) for id_ in ids
    ]

    assert [(200, b"", "0")] * len(ids) == [(r.status_code, r.data, r.headers["Content-Length"]) for r in responses]
    assert not any("Content-Type" in response.headers for response in responses)
    assert ids == {each.service for each in journal(tmp_path)}


@pytest.mark.requirement("CH-135")
def test_there_is_none_for_others(client):
    response = client.post("/cds-services/nope/feedback", json={"feedback": []})

    assert (404, "not-found") == (response.status_code, response.json["issue"][0]["code"])


@pytest.mark.requirement("CH-144", "CH-142", "CH-145")
def test_what_is_told_of_a_card_is_in_the_journal_the_comment_encrypted(client, tmp_path):
    [card] = client.post(PAIN, data=CALL, **JSON).json["cards"]
    message = {"feedback": [overridden(card["uuid"]), overridden(str(uuid4()), "other")]}
    for _ in range(2):
        assert 200 == client.post(FEEDBACK, json=message).status_code
    decision, first, other, again, _ = journal(tmp_path)

    assert [decision.cards[0].uuid] == [first.card]
    assert first.id == again.id != other.id
    assert COMMENT.encode() == seals((KEY,)).opened(first.comment, belongs_to(first.id))
    assert b"Unverwechselbar" not in b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


@pytest.mark.requirement("CH-136", "CH-146")
@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{bad", b'{"feedback": {}}', b'{"feedback": [{"card": "x"}]}', b'{"feedback": 1, "feedback": []}'],
)
def test_what_is_no_feedback_is_refused_whole(client, tmp_path, body):
    response = client.post(FEEDBACK, data=body, **JSON)

    assert (400, "OperationOutcome") == (response.status_code, response.json["resourceType"])
    assert [] == journal(tmp_path)


@pytest.mark.parametrize(
    ("options", "status"), [({"content_type": "text/plain"}, 415), ({"data": b" " * 6_000_000}, 413)]
)
def test_its_body_is_as_that_of_a_call(client, options, status):
    assert status == client.post(FEEDBACK, **{"data": b'{"feedback": []}', **JSON, **options}).status_code


def test_feedback_that_cannot_be_kept_is_to_be_sent_again(settings):
    """(F10, F13)"""
    client = opened(replace(settings, spool_bytes=100))

    response = client.post(FEEDBACK, json={"feedback": [overridden(str(uuid4()))]})

    assert (503, "transient") == (response.status_code, response.json["issue"][0]["code"])
    assert int(response.headers["Retry-After"]) >= 1


@pytest.mark.requirement("CH-150")
def test_feedback_is_recorded_as_of_its_caller(tmp_path):
    service = closed(tmp_path)
    card = str(uuid4())
    body = b'{"feedback": [{"card": "%s", "outcome": "overridden", "outcomeTimestamp": "2026-11-21T10:05:31Z"}]}'

    assert 200 == service.post(FEEDBACK, token(FEEDBACK, tenant="ward-7"), body % card.encode()).status_code
    [told] = journal(service.state)
    assert ("hospital", "ward-7", card) == (told.caller.client, told.caller.tenant, told.card)


def test_the_log_counts_entries_and_repeats_nothing_of_them(client, capsys):
    client.post(FEEDBACK, json={"feedback": [overridden(str(uuid4())), overridden(str(uuid4()))]})
    said = capsys.readouterr().out

    assert "feedback=2" in said
    assert "Unverwechselbar" not in said and "refused" not in said
