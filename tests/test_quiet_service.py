"""From a card over what its user did with it to the card that is not shown again: the service as it runs."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner

from cds.cli import main
from tests.hooks.messages import RULESETS, USUAL, data, headache, nsaid_days, request
from tests.serving import Running, started

_PATIENCE = 30  # seconds until what was told has reached the database


@pytest.fixture(scope="module")
def service() -> Iterator[Running]:
    with started(CDS_RULESETS=str(RULESETS)) as running:
        yield running


def post(service, path, message):
    sent = Request(f"{service.base}{path}", json.dumps(message).encode(), {"Content-Type": "application/json"})
    with urlopen(sent, timeout=_PATIENCE) as response:
        return json.loads(response.read() or b"null")


def call(service, *resources, user="a", patient="1"):
    context = USUAL | {"userId": f"Practitioner/{user}", "patientId": patient}
    return post(service, "/cds-services/pain", request(context, data(*resources)))["cards"]


def override(service, card):
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    entry = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": now}
    post(service, "/cds-services/pain/feedback", {"feedback": [entry]})


def cds(service, *words):
    where = {"CDS_STATE": str(service.state), "CDS_RULESETS": str(RULESETS)}
    found = CliRunner().invoke(main, words, env=where)
    return found.exit_code, found.stdout


def stored(service, card):
    """The record of a card, once it has come through spool and drain with what became of it."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        status, listed = cds(service, "decisions", "find", "--json", "--card", card["uuid"])
        if status == 0:
            (decision,) = json.loads(listed)
            if json.loads(cds(service, "decisions", "show", decision["id"])[1])["feedback"]:
                return decision
        time.sleep(0.2)
    raise AssertionError("the record did not arrive")


@pytest.mark.requirement("CH-145", "CH-144")
def test_a_card_that_was_overridden_is_quiet_for_its_user(service):
    """(A2)"""
    (card,) = call(service, headache(), nsaid_days())
    assert len(call(service, headache(), nsaid_days())) == 1
    override(service, card)
    override(service, card)
    decision = stored(service, card)

    assert call(service, headache(), nsaid_days()) == []
    assert len(call(service, headache(), nsaid_days(), user="b")) == 1
    assert len(call(service, headache(), nsaid_days(id="newer"))) == 1

    status, explained = cds(service, "decisions", "explain", decision["id"])
    assert (status, "P-01.card@1.2.0: Frequent use with headache" in explained) == (0, True)
    assert "DIFFERS" not in explained
