"""Ten thousand calls of many kinds, made again from their records (AGAIN): the same cards, word for word."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.arrivals import Call, Load, Replies, in_turns, post
from bench.bodies import SIZES, body
from cds.hooks.quiet import Pseudonym
from cds.journal import Decision
from cds.security.pseudonyms import pseudonyms
from cds.security.sealing import Seals, seals
from cds.settings import Settings
from cds.store import finding, opened
from cds.workbench.past import answered_again
from cds.workbench.samples import masked, samples, told_on
from faults.observed import Fault, Observed, Size
from faults.site import SERVICE, service
from tests.recorded import KEYS, arrived
from tests.serving import COMMAND, ROOT
from tests.shipped import served

RATE, AT_ONCE = 500.0, 4  # calls a second, and under way
SHARE = 10  # of the calls of the soak, one in so many


def calls(port: int) -> Iterator[Call]:
    """Every sample that is answered, charts of three sizes with something to say and without, and a refusal."""
    today = datetime.now(UTC).date()
    for path in samples(ROOT / "fhir_samples" / "hooks"):
        expected = json.loads(path.with_suffix(".response.json").read_bytes())
        if expected["status"] == 200:
            told = json.dumps(told_on(json.loads(path.read_bytes()), today)).encode()
            yield post(port, f"/cds-services/{expected['service']}", told, kind="200")
    for size in SIZES:
        for relevant in (True, False):
            yield post(port, SERVICE, body(size, relevant=relevant, today=today), kind="200")
    yield post(port, SERVICE, b"{", kind="400")


def again(seen: Observed, size: Size) -> None:
    with service(CDS_RECORD="full", **KEYS) as running:
        kinds = list(calls(running.port))
        with Load(in_turns(kinds), RATE, most=size.soak // SHARE, at_once=AT_ONCE) as load:
            replies = load.wait()
        found = arrived(f"sqlite:///{running.state}/cds.sqlite", [len(replies), 0], 120)
        seen.tell(calls=len(replies), kinds=len(kinds), recorded=f"{found}")
        seen.answered(replies, 200, 400)
        seen.expect("each call ends as it should", all(reply.status in (int(reply.kind), 503) for reply in replies))
        seen.expect("each call is recorded once", found == [len(replies), 0])
        ended, told = _rerun(running.state)
        seen.tell(rerun="; ".join(told))
        seen.expect("`cds decisions rerun` ends with 0", ended == 0)
        sent = _sent(replies)
        compared, differing = _words(running.state, sent)
    seen.tell(answers_with_cards=compared, otherwise=differing)
    seen.expect("every card that was sent is made again in the same words", differing == 0 < compared == len(sent))


def _rerun(state: Path) -> tuple[int, Sequence[str]]:
    settings = {"CDS_STATE": str(state), "CDS_LOG_LEVEL": "error", **KEYS}
    ran = subprocess.run(
        [COMMAND, "decisions", "rerun", "--most", "1000000"],
        cwd=ROOT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stdout.splitlines()


def _sent(replies: Replies) -> Mapping[str, Any]:
    """Answers that had cards, by the id of the first card."""
    answers = [json.loads(reply.body)["cards"] for reply in replies if reply.status == 200]
    return {cards[0]["uuid"]: _wording(cards) for cards in answers if cards}


def _words(state: Path, sent: Mapping[str, Any]) -> tuple[int, int]:
    """How many of the answers were made again, and how many of these in other words."""
    opening = seals((KEYS["CDS_RECORD_KEYS"],))
    with opened(Settings(state=state)) as engine:
        every = (finding.by_id(engine, id_) for id_ in finding.ids(engine, most=1_000_000))
        told = [
            sent[decision.cards[0].uuid] == _wording(_made(decision, opening))
            for decision in every
            if decision and decision.cards
        ]
    return len(told), told.count(False)


def _made(decision: Decision, opening: Seals) -> Any:
    pseudonym: Pseudonym = pseudonyms(KEYS["CDS_PSEUDONYM_KEY"], decision.caller)
    request = opening.opened(decision.body, f"decision {decision.id}")
    made = answered_again(
        served(), decision, request, zone=UTC, pseudonym=pseudonym, max_cards=Settings().max_cards
    ).response
    return json.loads(json.dumps(made, default=str))["cards"]


def _wording(cards: Any) -> Any:
    """Without ids that are made for one answer, and without the address of the service."""
    plain = masked(cards)
    for card in plain:
        card.get("source", {}).pop("url", None)
    return plain


FAULTS = (
    Fault("AGAIN", "10,000 recorded calls are made again", "the same rules, the same cards, word for word", again),
)
