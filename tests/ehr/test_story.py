"""A morning in a practice: charts are opened, advice is followed and refused, the charts are opened again."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

import pytest

from cds.fhir.write import problems
from tests.ehr.charts import sample, small
from tests.ehr.checker import faults
from tests.ehr.client import Ehr, Json, accepted, overridden, rules
from tests.ehr.fhir_server import FhirServer
from tests.hooks.messages import RULESETS, USUAL
from tests.serving import COMMAND, ROOT, environment, running

VISITS = {
    "ingrid": sample("order-sign-naproxen-for-sixty-days-with-migraine"),
    "maren": sample("cauda-equina-new-saddle-numbness"),
}
A_WHILE = 20  # seconds until what was written down can be looked up, on a busy machine


class Practice:
    """An EHR of one patient, as its clinician uses it."""

    def __init__(self, name: str, service: str, fhir: FhirServer) -> None:
        self.ehr = Ehr(service, fhir.base(name))
        self.chart = fhir.charts[name]
        self.services = self.ehr.services()
        self.context = {key: value for key, value in VISITS[name].context.items() if key != "draftOrders"}

    def cards(self, hook: str, *, prefetched: bool = True, **context: object):
        service = self.services["spine-and-headache", hook]
        asked = {**self.context, **context}
        prefetch = self.ehr.prefetch(service, asked) if prefetched else None
        reply = self.ehr.call(service, asked, prefetch, access=True)
        assert [] == faults(reply.body)
        return reply.cards

    def tell(self, hook: str, *entries) -> int:
        return self.ehr.feedback(self.services["spine-and-headache", hook], entries).status


@pytest.fixture(scope="module")
def practice(tmp_path_factory):
    with FhirServer({name: visit.chart for name, visit in VISITS.items()}) as fhir:
        options = {
            "CDS_FHIR_SERVERS": ",".join(map(fhir.base, VISITS)),
            "CDS_PRIVATE_NETWORKS": "127.0.0.0/8",
            "CDS_FHIR_MILLISECONDS": "5000",
            "CDS_STATE": str(tmp_path_factory.mktemp("state")),
        }
        with running(**options) as service:
            yield lambda name: Practice(name, service, fhir)


def card_of(rule, cards):
    [card] = [card for card in cards if rule in {told.partition("@")[0] for told in rules([card])}]
    return card


def suggested(label, card):
    [suggestion] = [one for one in card["suggestions"] if one["label"].startswith(label)]
    return suggestion


def before_long(holds):
    """Whether it comes true: what was told is written down beside the answers, not before them."""
    until = time.monotonic() + A_WHILE
    while not (found := holds()) and time.monotonic() < until:
        time.sleep(0.2)
    return found


@pytest.mark.requirement("CH-114", "CH-118", "CH-119", "CH-134", "CH-135", "CH-139", "CH-147")
def test_advice_that_was_followed_is_not_repeated(practice):
    ingrid = practice("ingrid")
    overuse = card_of("HD-MOH-010.card", ingrid.cards("patient-view"))
    diary = suggested("Ask the patient to keep", overuse)

    [task] = ingrid.ehr.apply(diary)

    assert ("Task", ()) == (task.partition("/")[0], problems(ingrid.chart.resources[task]))
    assert 200 == ingrid.tell("patient-view", accepted(overuse, diary))
    assert before_long(lambda: "HD-MOH-010.card@1.0.0" not in rules(ingrid.cards("patient-view")))
    assert rules(ingrid.cards("patient-view")) == rules(ingrid.cards("patient-view", prefetched=False))


@pytest.mark.requirement("CH-119", "CH-120", "CH-122", "CH-192", "CH-139", "CH-144")
def test_an_order_that_was_changed_as_advised_is_signed_without_the_warning(practice):
    ingrid = practice("ingrid")
    drafts = VISITS["ingrid"].context["draftOrders"]
    [draft] = [entry["resource"] for entry in drafts["entry"]]
    selected = ["MedicationRequest/draft-naproxen"]

    warning = card_of("HD-MOH-012.scheduled", ingrid.cards("order-select", draftOrders=drafts, selections=selected))
    limit = suggested("Limit the order to 8 days", warning)
    [limited] = [action["resource"] for action in limit["actions"]]
    assert 200 == ingrid.tell("order-select", accepted(warning, limit), accepted(warning, limit))

    assert {"dispenseRequest", "note"} >= {key for key in limited if limited[key] != draft.get(key)}
    signed = ingrid.cards("order-sign", draftOrders={**drafts, "entry": [{"resource": limited}]})
    assert "HD-MOH-012.scheduled@1.0.0" not in rules(signed)


@pytest.mark.requirement("CH-100", "CH-185", "CH-140", "CH-141", "CH-142")
def test_an_emergency_is_told_again_whatever_was_answered(practice):
    maren = practice("maren")
    emergency = card_of("SRF-04.t0", maren.cards("patient-view"))
    reason = {key: emergency["overrideReasons"][0][key] for key in ("system", "code")}

    assert 200 == maren.tell("patient-view", overridden(emergency, reason, "Seen by the spinal team already"))

    time.sleep(2)  # long enough for what was told to be written down
    again = card_of("SRF-04.t0", maren.cards("patient-view"))
    assert ("critical", True) == (again["indicator"], again["uuid"] != emergency["uuid"])


def counted(state: Path, rule: str) -> Json:
    """What `cds feedback` tells of the rates of a rule's card."""
    told = subprocess.run(
        [COMMAND, "feedback", "--json", "--rule", rule],
        cwd=ROOT,
        env={**environment(), "CDS_STATE": str(state)},
        capture_output=True,
        check=True,
    )
    [found] = json.loads(told.stdout)["rules"]
    return {name: (rate["n"], rate["of"]) for name, rate in found["rates"].items()}


@pytest.mark.requirement("CH-134", "CH-145")
def test_what_is_told_after_a_restart_is_counted_with_the_card_it_is_about(tmp_path):
    state = tmp_path / "state"
    with FhirServer({"one": small()}) as fhir:
        options = {"CDS_RULESETS": str(RULESETS), "CDS_STATE": str(state)}
        with running(**options) as service:
            ehr = Ehr(service, fhir.base("one"))
            pain = ehr.services()["pain", "patient-view"]
            card = card_of("P-01.card", ehr.call(pain, USUAL, ehr.prefetch(pain, USUAL), access=False).cards)
        with running(**options) as service:
            later = Ehr(service, fhir.base("one"))
            assert 200 == later.feedback(pain, [accepted(card, card["suggestions"][0])]).status

    rates = counted(state, "P-01.card")
    assert ((1, 1), (0, 1)) == (rates["acceptance of shown"], rates["override"])
