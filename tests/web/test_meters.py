"""What is counted of refused tokens, feedback, FHIR servers and published keys, in this process."""

import json
from uuid import uuid4

import pytest

from cds.fhir.remote.reads import Access
from cds.journal import NOBODY, Decision, IssuedCard
from cds.security.refusals import Refusal
from cds.store import Response
from cds.web.meters import Meters, outcome
from tests.hooks.messages import data, headache, nsaid_days, request
from tests.web.closed import FEEDBACK, JSON, PAIN, closed, opened, token
from tests.web.test_health import connections_of, settings, until_told

__all__ = ["settings"]


def counted(http, name, **labels):
    return connections_of(http).meters.registry.get_sample_value(name, labels) or 0


def test_refused_tokens_are_counted_by_reason(tmp_path):
    service = closed(tmp_path)
    service.post()
    service.post(token="x.y")
    used = token()
    service.post(token=used)
    service.post(token=used)

    assert [1, 1, 1] == [
        counted(service.http, "cds_auth_failures_total", reason=reason.value)
        for reason in (Refusal.NO_TOKEN, Refusal.NOT_A_TOKEN, Refusal.REPLAYED)
    ]
    assert 1 == counted(
        service.http, "cds_hook_requests_total", service="pain", hook="patient-view", outcome="answered"
    )


def test_feedback_is_counted_by_its_reasons_category(settings):
    http = opened(settings)
    reason = {"code": "patient-refuses", "system": "http://terminology.hl7.org/CodeSystem/override-reason"}
    entries = [
        {"card": str(uuid4()), "outcome": "overridden", "outcomeTimestamp": "2026-11-21T10:05:31Z"},
        {
            "card": str(uuid4()),
            "outcome": "overridden",
            "outcomeTimestamp": "2026-11-21T10:05:31Z",
            "overrideReason": {"reason": reason},
        },
    ]
    assert 200 == http.post(FEEDBACK, data=json.dumps({"feedback": entries}), **JSON).status_code

    assert 2 == sum(
        counted(http, "cds_feedback_total", service="pain", outcome="overridden", category=category)
        for category in ("", "does-not-align-preferences")
    )


def test_responses_are_counted_by_ruleset_and_rule_and_those_of_others_apart():
    meters = Meters(rules={"A": "pain", "B": "spine"})
    meters.responses([Response("A", "accepted"), Response("A", "overridden"), Response("Z", "overridden")])
    meters.responses([Response("A", "overridden")])

    assert [1, 2, None, 1] == [
        meters.registry.get_sample_value(
            "cds_rule_responses_total", {"ruleset": ruleset, "rule": rule, "outcome": outcome}
        )
        for ruleset, rule, outcome in (
            ("pain", "A", "accepted"),
            ("pain", "A", "overridden"),
            ("spine", "B", "accepted"),
            ("_OTHER", "_OTHER", "overridden"),
        )
    ]


def test_a_card_that_was_overridden_is_counted_for_its_rule(settings):
    http = opened(settings)
    card = json.loads(http.post(PAIN, data=json.dumps(request(prefetch=data(headache(), nsaid_days()))), **JSON).data)[
        "cards"
    ][0]["uuid"]
    entry = {"card": card, "outcome": "overridden", "outcomeTimestamp": "2026-11-21T10:05:31Z"}
    connections_of(http).journal.start()
    assert 200 == http.post(FEEDBACK, data=json.dumps({"feedback": [entry]}), **JSON).status_code
    connections_of(http).journal.close()

    (family,) = [one for one in connections_of(http).meters.registry.collect() if one.name == "cds_rule_responses"]
    told = {(one.labels["ruleset"], one.labels["outcome"]) for one in family.samples if one.name.endswith("_total")}
    assert {("pain", "overridden")} == told


def test_the_stages_of_a_call_are_timed(settings):
    http = opened(settings)
    http.post(PAIN, data=json.dumps(request(prefetch=data(headache()))), **JSON)
    http.post(PAIN, data="{", **JSON)

    assert [1, 1, 1, 0] == [
        counted(http, "cds_hook_stage_duration_seconds_count", service="pain", stage=stage)
        for stage in ("reading", "evaluation", "cards", "another")
    ]


def test_data_that_are_missing_are_counted_by_type(settings):
    http = opened(settings)
    body = json.dumps(request(prefetch={key: value for key, value in data(headache()).items() if key == "patient"}))
    http.post(PAIN, data=body, **JSON)

    samples = [
        sample
        for family in connections_of(http).meters.registry.collect()
        if family.name == "cds_missing_data"
        for sample in family.samples
        if sample.name == "cds_missing_data_total"
    ]
    assert samples
    assert all(sample.labels["type"].isalpha() for sample in samples)


def test_what_became_of_rules_is_counted_one_by_one():
    meters = Meters()
    shown = IssuedCard(uuid="1", indicator="warning", rules=("A@1.0.0", "B@1.0.0"))
    meters.decision(
        Decision(
            id="1",
            at=None,  # type: ignore[arg-type]  # not looked at
            caller=NOBODY,
            service="pain",
            hook="patient-view",
            status=200,
            milliseconds=1.0,
            cards=(shown, IssuedCard(uuid="2", indicator="info", rules=())),
            quieted=(IssuedCard(uuid="3", indicator="info", rules=("C@1.0.0",)),),
            folded=("D@1.0.0",),
            withheld=("E@1.0.0",),
            unanswered=("F@1.0.0", "G@2.0.0"),
            acted=("A@1.0.0",),
        )
    )
    found = {
        (sample.labels["rule"], sample.labels["result"]): sample.value
        for family in meters.registry.collect()
        if family.name == "cds_rule_evaluations"
        for sample in family.samples
        if sample.name == "cds_rule_evaluations_total"
    }

    assert {
        ("A", "shown"): 1,
        ("B", "shown"): 1,
        ("C", "quieted"): 1,
        ("D", "folded"): 1,
        ("E", "withheld"): 1,
        ("F", "unanswered"): 1,
        ("G", "unanswered"): 1,
        ("A", "acted"): 1,
    } == found


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (200, "answered"),
        (412, "without-data"),
        (429, "limited"),
        (503, "busy"),
        (400, "refused"),
        (403, "refused"),
        (500, "failed"),
    ],
)
def test_the_outcome_of_a_call_is_one_of_six_words(status, word):
    assert word == outcome(status)


def test_keys_that_cannot_be_read_are_counted(tmp_path):
    service = closed(tmp_path, {"jku": "https://practice.invalid/jwks.json", "keys": "practice.json"})
    connections_of(service.http).start()
    until_told(service.get, "key sets")
    connections_of(service.http).stop()

    assert 1 <= counted(service.http, "cds_jwks_refresh_total", client="practice", result="failed")


def test_servers_that_cannot_be_reached_are_counted_without_what_was_asked(settings):
    connections = connections_of(opened(settings))
    base = "https://fhir.invalid/r4"
    connections.reads.read(Access(base), {"c": "Condition?patient=Unverwechselbar"}, seconds=2)
    labels = [
        sample.labels
        for family in connections.meters.registry.collect()
        if family.name == "cds_fhir_client_request_duration_seconds"
        for sample in family.samples
        if sample.name.endswith("_count")
    ]
    connections.outbound.close()

    assert [{"server": base, "outcome": "name"}] == labels
