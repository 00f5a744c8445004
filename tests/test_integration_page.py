"""docs/integration.md is true: its commands are run, its call is made, and its tables are those of the code."""

import json
import re
import subprocess
from urllib.request import Request, urlopen

import pytest

from cds.hooks.library import HOOKS
from cds.ruleset.load import load
from tests.serving import COMMAND, ROOT, running

PAGE = (ROOT / "docs" / "integration.md").read_text(encoding="utf-8")
DISCOVERY, SAMPLE, FEEDBACK = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
[CALL] = re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
CONTEXTS = re.findall(r"^\| (`[a-z\-`, ]+) \| (.*?) \| (.*?) ?\|$", PAGE, re.MULTILINE)
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def service():
    """One of its own: it is told what became of a card."""
    with running() as base:
        yield base


def run(command, base):
    here = command.replace("http://127.0.0.1:8080", base).replace(".venv/bin/cds", str(COMMAND))
    shell = ["bash", "-o", "pipefail", "-c", here]
    return subprocess.run(shell, check=True, cwd=ROOT, capture_output=True, text=True, timeout=120).stdout


def post(url, body):
    with urlopen(Request(url, body.encode(), {"Content-Type": "application/json"}, method="POST"), timeout=60) as got:
        return got.status, json.load(got)


def names(cell):
    return re.findall(r"`([\w-]+)`", cell)


def statuses(page):
    return {status for row in re.findall(r"^\| (\d{3}(?:, \d{3})*)", page, re.MULTILINE) for status in row.split(", ")}


def test_discovery_and_the_first_call_answer_as_it_says(service):
    services = json.loads(run(DISCOVERY, service))["services"]
    [card] = json.loads(run(SAMPLE, service))["cards"]

    assert {"hook", "id", "prefetch", "usageRequirements"} <= services[0].keys()
    assert "critical" == card["indicator"]


def test_the_call_that_is_written_out_gets_cards_and_feedback_on_one_is_taken(service):
    status, answer = post(f"{service}/cds-services/spine-and-headache", CALL)
    card = answer["cards"][0]
    told = (
        FEEDBACK.replace("THE uuid OF THE CARD", card["uuid"]).replace("THE system", "urn:x").replace("THE code", "y")
    )

    assert 200 == status
    assert run(told, service).startswith("HTTP/1.1 200")


def test_every_hook_that_is_served_is_there_with_what_its_context_has():
    told = {hook: (names(must), names(may)) for hooks, must, may in CONTEXTS for hook in names(hooks)}
    served = {service.hook for service in load(ROOT / "rulesets").services}
    fields = {hook: HOOKS[hook].fields for hook in served}

    assert {
        hook: ([one.name for one in each if one.required], [one.name for one in each if not one.required])
        for hook, each in fields.items()
    } == told


def test_it_says_what_to_do_with_every_refusal_that_there_is():
    errors = OPERATIONS.partition("Every error is")[2].partition("\n\n**")[0]

    assert statuses(errors) == statuses(PAGE)
