"""Calls as an EHR would send them, from the samples, and what to change in one to attack with it."""

import json
from datetime import UTC, datetime
from functools import cache

from cds.workbench.samples import told_on
from tests.serving import ROOT

CALLS = ROOT / "fhir_samples" / "hooks"
TODAY = datetime.now(UTC).date()
SERVICE = "/cds-services/spine-and-headache"
JSON = "application/json"


@cache
def text_of(name):
    """The body of a sample call, in one line; the story is told today."""
    return json.dumps(told_on(json.loads((CALLS / f"{name}.json").read_bytes()), TODAY))


def story(name="cauda-equina-new-saddle-numbness"):
    return json.loads(text_of(name))


def post(client, body):
    return client.post(SERVICE, data=body, content_type=JSON)


def details(response):
    assert 200 == response.status_code, response.json
    return "\n".join(card["detail"] for card in response.json["cards"])


def words(response):
    """Of an error."""
    return response.json["issue"][0]["diagnostics"]
