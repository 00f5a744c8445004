"""Every hook call is in the journal, whatever came of it: once, and without a word about the patient."""

import json
from dataclasses import replace

import pytest

from cds.errors import Busy, EngineFault
from cds.loading import load_catalogue
from cds.security.sealing import seals
from cds.web.app import application, connections
from cds.web.body import REFUSED
from tests.hooks.messages import RULESETS, USUAL, data, headache, nsaid_days, request
from tests.web.closed import CALL, DISCOVERY, FEEDBACK, JSON, PAIN, journal, opened

MARK = "Unverwechselbar"
KEY = "k" * 32


@pytest.fixture
def settings(tmp_path):
    from cds.settings import Settings

    return Settings(
        rulesets=RULESETS, max_body_bytes=100_000, state=tmp_path, record_keys=(KEY,), pseudonym_key="p" * 32
    )


@pytest.fixture
def client(settings):
    return opened(settings)


@pytest.mark.requirement("CH-176")
def test_what_was_told_is_in_the_journal_when_it_is_answered(client, tmp_path):
    response = client.post(PAIN, data=CALL, **JSON)
    [decision] = journal(tmp_path)
    [card] = response.json["cards"]

    assert (200, "pain", "patient-view") == (decision.status, decision.service, decision.hook)
    assert json.loads(CALL)["hookInstance"] == decision.hook_instance
    assert [card["uuid"]] == [each.uuid for each in decision.cards]
    assert [tuple(card["extension"]["org.example.cds.rules"])] == [each.rules for each in decision.cards]
    assert 0 < decision.milliseconds < 10_000
    assert decision.at.tzinfo is not None


def test_a_call_with_nothing_to_say_is_in_it_too(client, tmp_path):
    client.post(PAIN, json=request(prefetch=data()))
    [decision] = journal(tmp_path)

    assert (200, (), b"") == (decision.status, decision.cards, bytes(decision.facts))


def fails(client, **how):
    return client.post(how.pop("path", PAIN), **{"data": CALL, **JSON, **how})


@pytest.mark.requirement("CH-176")
@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({"data": b"{bad"}, (400, "pain", "")),
        ({"data": CALL.replace(b"patient-view", b"order-review")}, (400, "pain", "order-review")),
        ({"path": "/cds-services/Max-Mustermann"}, (404, "", "")),
        ({"data": CALL.replace(b'"prefetch"', b'"nothing"')}, (412, "pain", "patient-view")),
        ({"data": CALL + b" " * 100_000}, (413, "pain", "")),
        ({"content_type": "text/plain"}, (415, "pain", "")),
        ({"environ_overrides": {REFUSED: Busy("too many calls are under way; try again")}}, (503, "pain", "")),
    ],
)
def test_a_call_that_failed_is_in_it_too(client, settings, how, expected):
    """``expected``: the status, and what is known of service and hook."""
    assert expected[0] == fails(client, **how).status_code
    [decision] = journal(settings.state)

    assert (*expected, ()) == (decision.status, decision.service, decision.hook, decision.cards)


@pytest.mark.parametrize("fault", [EngineFault("the engine failed"), ZeroDivisionError(MARK)])
def test_a_call_that_met_a_fault_is_in_it_once(settings, tmp_path, fault):
    served = load_catalogue(settings)
    faulty = application(settings, served, connections(settings, served))

    @faulty.after_request
    def fail(response):
        if response.status_code == 200:
            raise fault
        return response

    assert 500 == faulty.test_client().post(PAIN, data=CALL, **JSON).status_code
    assert 1 == len(journal(tmp_path))


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", DISCOVERY), ("GET", "/healthz"), ("GET", PAIN), ("OPTIONS", PAIN), ("POST", FEEDBACK), ("GET", "/nope")],
)
def test_only_calls_are_in_it(client, tmp_path, method, path):
    client.open(path, method=method, json={"feedback": []} if method == "POST" else None)

    assert [] == journal(tmp_path)


def test_who_it_was_about_goes_by_pseudonyms(client, tmp_path):
    context = {**USUAL, "patientId": MARK, "userId": f"Practitioner/{MARK}", "encounterId": MARK}
    for _ in range(2):
        client.post(PAIN, json=request(context, data(headache(), nsaid_days())))
    client.post(PAIN, json=request(context, hook="order-review"))
    first, second, failed = journal(tmp_path)

    assert first.patient and first.user and first.encounter
    assert 3 == len({first.patient, first.user, first.encounter})
    assert first.patient == second.patient == failed.patient
    assert MARK.encode() not in b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


@pytest.mark.parametrize(("record", "kept"), [("none", False), ("minimal", False), ("full", True)])
def test_the_request_is_kept_encrypted_and_only_where_that_is_wanted(settings, tmp_path, record, kept):
    """(P4)"""
    body = json.dumps(request({**USUAL, "userId": f"Practitioner/{MARK}"}, data(headache(), nsaid_days()))).encode()
    opened(replace(settings, record=record)).post(PAIN, data=body, **JSON)
    [decision] = journal(tmp_path)

    assert kept == bool(decision.body)
    assert not kept or body == seals((KEY,)).opened(decision.body, f"decision {decision.id}")
    assert MARK.encode() not in b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


def test_a_call_that_cannot_be_written_down_is_answered_and_the_log_says_so(settings, tmp_path, capsys):
    """(F13)"""
    client = opened(replace(settings, spool_bytes=100))

    response = client.post(PAIN, data=CALL, **JSON)

    assert (200, 1) == (response.status_code, len(response.json["cards"]))
    assert "recorded=False" in capsys.readouterr().out
    assert {"journal": "1 entries lost since this process began"}.items() <= client.get("/readyz").json[
        "degraded"
    ].items()
