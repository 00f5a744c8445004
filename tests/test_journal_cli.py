"""`cds feedback` and `cds decisions`, on decisions that the service itself made."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from click.testing import CliRunner

from cds.cli import main
from cds.hooks.answer import answer, nameless
from cds.hooks.feedback import feedback
from cds.hooks.recording import failed
from cds.journal import NOBODY, Caller, Decision
from cds.ruleset.load import load
from cds.security.pseudonyms import pseudonyms
from cds.security.sealing import seals
from cds.settings import Settings
from cds.store import opened, prepare
from cds.store.database import writing
from tests.hooks.messages import (
    MINIMAL,
    RULESETS,
    USUAL,
    data,
    headache,
    nsaid_days,
    pain_score,
    request,
    served,
)
from tests.store.entries import put

SERVED = served()
HOSPITAL = Caller(client="general-hospital", issuer="https://ehr.example.org", tenant="a")
KEYS = {"CDS_PSEUDONYM_KEY": "p" * 32, "CDS_RECORD_KEYS": "r" * 32}
V = "@1.2.0"


@dataclass(frozen=True)
class Service:
    """A service whose calls are written straight into its database, and its command line."""

    settings: Settings

    def call(self, *resources: Any, at: datetime | None = None, caller: Caller = NOBODY, **said: Any) -> Decision:
        hook, context, record = (
            said.get("hook", "patient-view"),
            said.get("context", USUAL),
            said.get("record", "minimal"),
        )
        body = json.dumps(request(context, data(*resources), hook)).encode()
        decision = answer(
            SERVED.offers("pain"),
            body,
            now=at or datetime.now(UTC),
            new_id=lambda: str(uuid4()),
            max_cards=self.settings.max_cards,
            pseudonym=pseudonyms(self.settings.pseudonym_key, caller),
            responses=said.get("responses"),
            record=record,
        ).decision
        sealed = seals(self.settings.record_keys).seal(body, f"decision {decision.id}") if record == "full" else ""
        return self.keep(msgspec.structs.replace(decision, caller=caller, milliseconds=1.5, body=sealed))

    def keep(self, decision: Decision) -> Decision:
        with opened(self.settings) as engine, writing(engine) as connection:
            put(connection, decision)
        return decision

    def respond(self, decision: Decision, **said: Any) -> None:
        entry = {"card": decision.cards[0].uuid, "outcome": "overridden", "outcomeTimestamp": "2026-11-21T10:00:00Z"}
        entries = feedback(
            json.dumps({"feedback": [entry | said]}).encode(),
            service="pain",
            caller=decision.caller,
            received=datetime.now(UTC),
            seal=seals(self.settings.record_keys).seal,
        )
        with opened(self.settings) as engine, writing(engine) as connection:
            put(connection, *entries)

    def cds(self, *words: str, **environment: str) -> Any:
        where = {"CDS_STATE": str(self.settings.state), "CDS_RULESETS": str(self.settings.rulesets), **KEYS}
        return CliRunner().invoke(main, words, env={**where, **environment})


@pytest.fixture
def service(tmp_path):
    made = Settings(
        state=tmp_path,
        rulesets=RULESETS,
        pseudonym_key=KEYS["CDS_PSEUDONYM_KEY"],
        record_keys=(KEYS["CDS_RECORD_KEYS"],),
    )
    prepare(made)
    return Service(made)


# cds feedback


def test_feedback_is_told_rule_by_rule(service):
    first = service.call(headache(), nsaid_days())
    service.call(headache(), nsaid_days())
    service.call()
    service.respond(first, overrideReason={"reason": {"code": "action-completed"}, "userComment": "Jane Doe was here"})

    found = service.cds("feedback")

    assert found.exit_code == 0
    lines = [line.split() for line in found.output.splitlines()]
    assert ["firing", "66.7", "%", "2/3"] in [line[:4] for line in lines]
    assert ["response", "50.0", "%", "1/2"] in [line[:4] for line in lines]
    assert ["overrides", "by", "category", "of", "HL7", "cds-not-applicable", "1/1"] in lines
    assert "never that nobody looked at it" in found.output
    assert "Jane" not in found.output


def test_feedback_in_json_has_each_number_with_what_it_is_of(service):
    service.call(headache(), nsaid_days())

    found = json.loads(service.cds("feedback", "--json", "--rule", "P-01.card").output)

    (rule,) = found["rules"]
    assert rule["rates"]["firing"] == {
        "n": 1,
        "of": 1,
        "means": "calls with a card of the rule, of answered calls that could have had one",
        "share": 1.0,
    }
    assert rule["rates"]["override"]["share"] is None


def test_feedback_is_about_the_time_and_the_client_that_are_asked_for(service):
    service.call(headache(), nsaid_days(), at=datetime(2026, 11, 1, 12, tzinfo=UTC), caller=HOSPITAL)
    service.call(headache(), nsaid_days(), at=datetime(2026, 11, 2, 0, 0, tzinfo=UTC))

    def answered(*words):
        return json.loads(service.cds("feedback", "--json", *words).output)["calls"]["answered"]["n"]

    assert answered("--since", "2026-11-01", "--until", "2026-11-02") == 1
    assert answered("--since", "2026-11-01", "--until", "2026-11-02T00:01") == 2
    assert answered("--since", "2026-11-01", "--until", "2026-11-03", "--client", "general-hospital") == 1
    assert answered("--since", "2026-11-03", "--until", "2026-11-04") == 0


def test_a_day_is_a_day_of_the_site(service):
    service.call(at=datetime(2026, 11, 1, 23, 30, tzinfo=UTC))

    found = service.cds("feedback", "--json", "--since", "2026-11-02", CDS_TIME_ZONE="Europe/Vienna").output

    assert json.loads(found)["calls"]["answered"]["n"] == 1


def test_without_a_database_the_commands_say_what_to_do(tmp_path):
    found = CliRunner().invoke(main, ["feedback"], env={"CDS_STATE": str(tmp_path), **KEYS})

    assert found.exit_code == 2
    assert "cds database upgrade" in found.output


# cds decisions find, show


def test_decisions_are_found_and_listed(service):
    first = service.call(headache(), nsaid_days(), caller=HOSPITAL)
    second = service.call(context=USUAL | {"patientId": "2"}, caller=HOSPITAL)

    assert service.cds("decisions", "find").output.splitlines() == [
        f"{first.at:%Y-%m-%dT%H:%M:%SZ} {first.id} 200 pain patient-view 1 cards: P-01.card{V}",
        f"{second.at:%Y-%m-%dT%H:%M:%SZ} {second.id} 200 pain patient-view 0 cards: -",
    ]


@pytest.mark.parametrize(
    "words",
    [
        lambda decision: ("--hook-instance", decision.hook_instance),
        lambda decision: ("--card", decision.cards[0].uuid.upper()),
        lambda _: ("--patient", "1", "--issuer", HOSPITAL.issuer, "--tenant", "a"),
        lambda decision: ("--since", f"{decision.at - timedelta(hours=1):%Y-%m-%dT%H:%M}", "--most", "1"),
    ],
    ids=["hook instance", "card", "patient", "since"],
)
def test_a_decision_is_found_by_what_is_known_of_it(service, words):
    service.call(at=datetime(2026, 11, 1, tzinfo=UTC), context=USUAL | {"patientId": "2"})
    wanted = service.call(headache(), nsaid_days(), caller=HOSPITAL)

    found = service.cds("decisions", "find", "--json", *words(wanted))

    assert [one["id"] for one in json.loads(found.output)] == [wanted.id]


def test_what_is_not_found_is_an_exit_code(service):
    service.call(caller=HOSPITAL)

    assert service.cds("decisions", "find", "--patient", "1").exit_code == 1
    assert service.cds("decisions", "find", "--issuer", "https://ehr.example.org").exit_code == 2
    assert service.cds("decisions", "show", "unheard-of").exit_code == 2
    assert service.cds("decisions", "explain", "unheard-of").exit_code == 2


@pytest.mark.requirement("CH-145")
def test_a_decision_is_shown_with_what_became_of_its_cards(service):
    decision = service.call(headache(), nsaid_days(), caller=HOSPITAL)
    service.respond(decision, overrideReason={"userComment": "Jane Doe was here"})

    found = service.cds("decisions", "show", decision.id)
    record = json.loads(found.output)

    assert record["cards"][0]["uuid"] == decision.cards[0].uuid
    assert record["facts"]["facts"]["nsaid_days"] == {"attributes": {"value": 4.0}}
    assert [one["outcome"] for one in record["feedback"]] == ["overridden"]
    assert record["body"] is False
    assert "Jane" not in found.output


# cds decisions explain


def test_a_decision_is_explained_by_the_rules_run_again(service):
    decision = service.call(headache(), nsaid_days(), pain_score(5))

    found = service.cds("decisions", "explain", decision.id)

    assert found.exit_code == 0
    assert f"rulesets: the same ({SERVED.knowledge.fingerprint[:12]})" in found.output
    assert f"WARNING P-01.card{V}: Frequent use with headache" in found.output
    assert "nsaid_days is present (value 4)" in found.output
    assert "DIFFERS" not in found.output


def test_a_decision_about_orders_is_explained_order_by_order(service):
    decision = service.call(headache(), nsaid_days(), hook="order-sign", context=MINIMAL["order-sign"])

    found = service.cds("decisions", "explain", decision.id)

    assert found.exit_code == 0
    assert f"INFO P-04.card{V} for item 1" in found.output


def test_cards_that_were_kept_back_folded_or_undecided_are_no_difference(service):
    chart = headache(), nsaid_days(), pain_score(35)
    decision = service.call(*chart, responses=lambda *_: dict.fromkeys(_[2], datetime.now(UTC) - timedelta(hours=1)))
    assert decision.quieted

    found = service.cds("decisions", "explain", decision.id)

    assert (found.exit_code, "DIFFERS" in found.output) == (0, False)


def test_an_explanation_in_json_says_whether_it_is_the_same(service):
    decision = service.call(headache(), nsaid_days())

    found = json.loads(service.cds("decisions", "explain", decision.id, "--json").output)

    assert [one["differs"] for one in found["compared"]] == [[]]
    assert [card["rule"] for card in found["explained"]["cards"]] == ["P-01.card"]


def with_a_higher_limit(folder):
    """The rulesets, but of what counts as frequent use."""
    for path in filter(Path.is_file, RULESETS.rglob("*")):
        changed = folder / path.relative_to(RULESETS)
        changed.parent.mkdir(parents=True, exist_ok=True)
        changed.write_text(path.read_text().replace("above 2 d/wk", "above 5 d/wk"))
    assert load(folder).fingerprint != SERVED.knowledge.fingerprint
    return folder


@pytest.mark.parametrize("words", [["feedback"], ["decisions", "explain", "{id}"], ["decisions", "rerun"]])
def test_what_was_decided_is_looked_at_also_when_a_review_has_become_overdue(service, words):
    """The service would not start by then; that is no reason to be told nothing of what it did."""
    decision = service.call(headache(), nsaid_days())

    assert 0 == service.cds(*(word.format(id=decision.id) for word in words), CDS_PRODUCTION="on").exit_code


def test_changed_rules_are_told(service, tmp_path):
    decision = service.call(headache(), nsaid_days())
    folder = with_a_higher_limit(tmp_path / "rulesets")

    found = service.cds("decisions", "explain", decision.id, CDS_RULESETS=str(folder))

    assert found.exit_code == 1
    assert "rulesets: others than those of the record" in found.output
    assert f"DIFFERS cards, recorded: P-01.card{V}" in found.output
    assert "DIFFERS cards, now:      none" in found.output


def test_a_whole_record_is_answered_again(service):
    decision = service.call(headache(), nsaid_days(), pain_score(33), record="full", caller=HOSPITAL)

    found = service.cds("decisions", "explain", decision.id)

    assert (found.exit_code, "DIFFERS" in found.output) == (0, False)
    assert "answer made again: 6 cards" in found.output


def test_all_that_was_decided_is_made_again(service):
    """(R4) From the facts of each record, and from the request where it was kept."""
    service.call(headache(), nsaid_days())
    service.call(headache(), nsaid_days(), pain_score(33), record="full", caller=HOSPITAL)
    service.call(headache(), nsaid_days(), record="none")
    service.keep(failed(b"{", id_=str(uuid4()), at=datetime.now(UTC), service="pain", status=400, pseudonym=nameless))

    found = service.cds("decisions", "rerun")

    assert (found.exit_code, found.stdout.splitlines()) == (
        0,
        [
            "4 decisions, 2 made again, 1 of these from the whole request",
            "2 came out as they were, 0 otherwise",
            "1 not made again: no facts and no request were kept: no rule was within reach, or CDS_RECORD was none",
            "1 not made again: it had no answer",
        ],
    )


def test_only_the_newest_decisions_of_a_time_are_made_again(service):
    for day in range(1, 5):
        service.call(headache(), nsaid_days(), at=datetime(2026, 11, day, 12, tzinfo=UTC))

    def number(*words):
        return service.cds("decisions", "rerun", *words).stdout.splitlines()[0].split()[0]

    assert [number(), number("--since", "2026-11-02"), number("--most", "1")] == ["4", "3", "1"]


def test_what_is_decided_otherwise_by_now_is_named(service, tmp_path):
    decision = service.call(headache(), nsaid_days(3))
    same = service.call(headache(), nsaid_days(6))
    rulesets = with_a_higher_limit(tmp_path / "rulesets")

    found = service.cds("decisions", "rerun", CDS_RULESETS=str(rulesets))

    assert (found.exit_code, found.stdout.splitlines()) == (
        1,
        [
            "2 decisions, 2 made again, 0 of these from the whole request",
            "1 came out as they were, 1 otherwise",
            f"DIFFERS {decision.id} cards, recorded: P-01.card{V}",
            f"DIFFERS {decision.id} cards, now:      none",
        ],
    )
    assert same.id not in found.stdout


def test_what_cannot_be_made_again_is_told_with_the_reason(service):
    gone = service.keep(
        msgspec.structs.replace(service.call(headache(), nsaid_days()), id=str(uuid4()), service="gone")
    )

    found = service.cds("decisions", "rerun", "--most", "10")

    assert found.exit_code == 0
    assert "1 came out as they were, 0 otherwise" in found.stdout
    assert gone.id not in found.stdout
    assert "1 not made again: there is no service gone any more" in found.stdout


def test_a_whole_record_of_a_quiet_card_is_answered_again(service):
    quiet = lambda _patient, _user, triggers: dict.fromkeys(triggers, datetime.now(UTC) - timedelta(hours=1))  # noqa: E731
    decision = service.call(headache(), nsaid_days(), record="full", responses=quiet)
    assert decision.quieted

    found = service.cds("decisions", "explain", decision.id)

    assert (found.exit_code, "DIFFERS" in found.output) == (0, False)
    assert "answer made again: 0 cards" in found.output


def test_an_answer_that_is_another_now_is_told(service):
    """The record says what was on the wire: one card less of it is a difference."""
    decision = service.call(headache(), nsaid_days(), pain_score(5), record="full")
    other = msgspec.structs.replace(decision, id=str(uuid4()), cards=decision.cards[:1])
    body = seals(service.settings.record_keys).opened(decision.body, f"decision {decision.id}")
    sealed = seals(service.settings.record_keys).seal(body, f"decision {other.id}")
    service.keep(msgspec.structs.replace(other, body=sealed))

    found = service.cds("decisions", "explain", other.id)

    assert found.exit_code == 1
    assert "DIFFERS cards, recorded" in found.output


def test_a_whole_record_needs_its_key(service):
    decision = service.call(headache(), nsaid_days(), record="full")

    found = service.cds("decisions", "explain", decision.id, CDS_RECORD_KEYS="o" * 32)

    assert found.exit_code == 1
    assert "CDS_RECORD_KEYS" in found.output


@pytest.mark.parametrize(
    ("resources", "record", "words"),
    [((), "minimal", "the record holds no facts"), ((headache(),), "none", "the record holds no facts")],
)
def test_a_record_without_facts_cannot_be_explained(service, resources, record, words):
    decision = service.call(*resources, record=record)

    found = service.cds("decisions", "explain", decision.id)

    assert found.exit_code == 2
    assert words in found.output


def test_a_call_without_an_answer_cannot_be_explained(service):
    refused = failed(
        b"{}", id_="refused", at=datetime.now(UTC), service="pain", status=412, pseudonym=pseudonyms("p" * 32, NOBODY)
    )
    service.keep(refused)

    found = service.cds("decisions", "explain", "refused")

    assert found.exit_code == 2
    assert "status 412" in found.output


def test_a_service_that_is_gone_cannot_be_asked_again(service):
    decision = service.call(headache(), nsaid_days())
    service.keep(msgspec.structs.replace(decision, id="gone", service="gone"))
    service.keep(msgspec.structs.replace(decision, id="moved", hook="order-review"))

    assert service.cds("decisions", "explain", "gone").exit_code == 2
    assert "not offered at order-review any more" in service.cds("decisions", "explain", "moved").output
