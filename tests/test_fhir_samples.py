"""The sample stories: every one is FHIR, says what its table says, and is answered alike on any day."""

import json
import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from cds.errors import CdsError
from cds.evaluate import evaluate
from cds.fhir.bundle import patient_record
from cds.fhir.write import problems
from cds.hooks.answer import answer
from cds.hooks.schema import check_response
from cds.workbench.samples import STORY_DAY, masked, post, samples, send, told_on
from cds.workbench.validating import findings
from tests import shipped
from tests.serving import ROOT

FOLDER = ROOT / "fhir_samples"
STORIES = sorted((FOLDER / "patients").glob("*.json"))
CALLS = samples(FOLDER / "hooks")
REAL = sorted([*FOLDER.glob("real/ips/*.json"), *FOLDER.glob("real/synthea/*.json")])
MESSAGES = sorted(FOLDER.glob("real/hook-messages/*.json"))
EXAMPLES = sorted(FOLDER.glob("real/hl7-r4-examples/*.json"))
NOON = datetime.combine(STORY_DAY, time(12), UTC)
LATER = STORY_DAY + timedelta(days=400)
MEGABYTES = 5
UNASKED = {"unknown-service", "hook-not-offered"}  # nobody says what they should bring


def named(paths):
    """Each path under its own name, for parametrize."""
    return {"argvalues": paths, "ids": [path.stem for path in paths]}


def codes(cell):
    """What stands in backquotes."""
    return re.findall(r"`([^`]+)`", cell)


def rows(heading):
    """The rows of the table under a heading of the page about the samples, as lists of cells."""
    text = (FOLDER / "README.md").read_text().split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


REFUSED = {codes(name)[0] for name, asked, _ in rows("Hook calls") if codes(asked)[-1] != "200"}


def offer(hook="patient-view"):
    return shipped.served().offers("spine-and-headache")[hook]


def request_about(bundle, patient):
    """A patient-view call whose prefetch holds what a bundle does, under the keys that discovery names."""
    resources = [entry["resource"] for entry in bundle["entry"]]
    kinds = {template.key: template.type for template in offer().templates}
    prefetch = {
        key: {"resourceType": "Bundle", "entry": [{"resource": r} for r in resources if r["resourceType"] == kind]}
        for key, kind in kinds.items()
    }
    context = {"userId": "Practitioner/any", "patientId": patient}
    return {"hook": "patient-view", "hookInstance": str(uuid4()), "context": context, "prefetch": prefetch}


def answered(call, service="spine-and-headache", now=NOON):
    body, offers = json.dumps(call).encode(), shipped.served().offers(service)
    return answer(
        offers, body, now=now, new_id=lambda: str(uuid4()), max_cards=6, address="https://cds.example.org"
    ).response


def patient_of(bundle):
    """Its id; without one the end of the entry's URL, where a server would put it."""
    entry = next(entry for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Patient")
    return entry["resource"].get("id") or re.split("[/:]", entry["fullUrl"])[-1]


def actions(response):
    suggestions = [suggestion for card in response["cards"] for suggestion in card.get("suggestions", ())]
    return [action for suggestion in suggestions for action in suggestion["actions"]]


@pytest.mark.parametrize("story", **named(STORIES))
def test_every_story_is_valid_fhir_about_somebody_made_up(story):
    bundle = json.loads(story.read_bytes())
    patient = bundle["entry"][0]["resource"]

    assert (findings(story.read_bytes()), bundle["id"]) == ([], story.stem)
    assert [tag["code"] for tag in patient["meta"]["tag"]] == ["HTEST"]
    assert patient["name"][0]["family"].startswith("Synthetic-")


@pytest.mark.parametrize("story", **named(STORIES))
def test_every_reference_of_a_story_leads_somewhere(story):
    bundle = json.loads(story.read_bytes())
    held = {f"{e['resource']['resourceType']}/{e['resource']['id']}" for e in bundle["entry"]}
    referred = re.findall(r'"reference": "([A-Z]\w+/[^"]+)"', story.read_text())

    assert [reference for reference in referred if reference not in held] == []


@pytest.mark.parametrize("name, cards, shows", rows("Patients"))
def test_a_story_gets_the_cards_that_its_row_names(name, cards, shows):
    served = offer()
    content = (FOLDER / "patients" / f"{codes(name)[0]}.json").read_bytes()
    record = patient_record(content, served.prepared.index, UTC)
    outcome = evaluate(served.prepared, served.service, record, NOON)

    assert codes(cards) == [firing.rule.id for firing in outcome.recommendations]
    assert record.unreadable == ()


def test_the_page_lists_every_sample():
    assert [codes(row[0])[0] for row in rows("Patients")] == [story.stem for story in STORIES]
    assert [codes(row[0])[0] for row in rows("Hook calls")] == [call.stem for call in CALLS]


@pytest.mark.parametrize("story", **named(STORIES))
def test_every_resource_that_is_suggested_is_valid_fhir(story):
    bundle = json.loads(story.read_bytes())
    made = [action["resource"] for action in actions(answered(request_about(bundle, patient_of(bundle))))]

    assert [problem for resource in made for problem in problems(resource)] == []


@pytest.mark.parametrize("name, asked, shows", rows("Hook calls"))
def test_a_call_is_what_its_row_says(name, asked, shows):
    call = json.loads((FOLDER / "hooks" / f"{codes(name)[0]}.json").read_bytes())
    expected = json.loads((FOLDER / "hooks" / f"{codes(name)[0]}.response.json").read_bytes())

    assert codes(asked) == [expected["service"], call["hook"], str(expected["status"])]


@pytest.mark.parametrize("call", **named([call for call in CALLS if call.stem not in UNASKED]))
def test_a_call_holds_what_discovery_asks_for_and_nothing_else(call):
    request = json.loads(call.read_bytes())
    service = json.loads(call.with_suffix(".response.json").read_bytes())["service"]
    advertised = {template.key for template in shipped.served().offers(service)[request["hook"]].templates}

    assert set(request["prefetch"]) - advertised == set()


@pytest.mark.parametrize("call", **named(CALLS))
def test_the_running_service_answers_as_expected(shipped_service, call, golden):
    today = datetime.now(UTC).date()
    if golden:
        write_answer(shipped_service, call, today)

    assert send(shipped_service, call, today).differences == ()


def write_answer(base, call, today):
    """Expects what the service says now, told on the story day."""
    file = call.with_suffix(".response.json")
    expected = json.loads(file.read_bytes())
    status, body = post(f"{base}/cds-services/{expected['service']}", told_on(json.loads(call.read_bytes()), today))
    body = told_on(masked(body), STORY_DAY - (today - STORY_DAY))
    file.write_text(json.dumps({**expected, "status": status, "body": body}, indent=2, ensure_ascii=False) + "\n")


@pytest.mark.parametrize("today", [STORY_DAY, LATER], ids=date.isoformat)
@pytest.mark.parametrize("call", **named([call for call in CALLS if call.stem not in REFUSED]))
def test_a_story_is_answered_alike_on_any_day(call, today):
    expected = json.loads(call.with_suffix(".response.json").read_bytes())
    now = datetime.combine(today, time(12), UTC)
    response = answered(told_on(json.loads(call.read_bytes()), today), expected["service"], now)

    assert masked(response) == told_on(expected["body"], today)


@pytest.mark.parametrize("bundle", **named(REAL))
def test_real_records_are_answered_by_the_protocol(bundle):
    content = json.loads(bundle.read_bytes())
    response = answered(request_about(content, patient_of(content)))

    check_response(response)
    assert [p for action in actions(response) for p in problems(action["resource"])] == []


def test_the_examples_of_the_standard_are_answered_by_the_protocol():
    resources = [json.loads(path.read_bytes()) for path in EXAMPLES]
    bundle = {"resourceType": "Bundle", "entry": [{"resource": resource} for resource in resources]}

    for resource in resources:
        if resource["resourceType"] == "Patient":
            check_response(answered(request_about(bundle, resource["id"])))


@pytest.mark.parametrize("message", **named(MESSAGES))
def test_real_messages_are_answered_or_refused_by_the_protocol(message):
    for hook in shipped.served().offers("spine-and-headache").values():
        try:
            offers = {hook.service.hook: hook}
            response = answer(offers, message.read_bytes(), now=NOON, new_id=lambda: str(uuid4()), max_cards=6)
            check_response(response.response)
        except CdsError as error:
            assert 400 <= error.status < 500


def test_the_samples_stay_small():
    size = sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file())

    assert size < MEGABYTES * 1024 * 1024


def test_a_sample_has_its_answer_and_an_answer_its_sample():
    answers = {path.name.removesuffix(".response.json") for path in Path(FOLDER / "hooks").glob("*.response.json")}

    assert {call.stem for call in CALLS} == answers
