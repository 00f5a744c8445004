"""Bodies that are large or strange (F7, F8): a defined answer in time, and nobody else waits for it."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from bench.arrivals import NO_ANSWER, Load, at_rate, post
from bench.bodies import body
from faults.observed import Fault, Observed, Size
from faults.site import SERVICE, SOON, hook, hooks, service
from tests.hooks.messages import RULESETS, data, headache, nsaid_days, request

LARGEST = 4_800  # entries that are still below the usual limit of five megabytes
TOO_MANY = 10_000
TODAY = datetime.now(UTC).date()
RECENT = (TODAY - timedelta(days=3)).isoformat()
VALUE = nsaid_days()["valueQuantity"]


def large(seen: Observed, size: Size) -> None:
    largest, too_large = (body(entries, relevant=True, today=TODAY) for entries in (LARGEST, TOO_MANY))
    with service() as running, service(CDS_MAX_BODY_BYTES="20000000") as patient:
        alone = at_rate(hooks(running.port), size.rate, size.seconds)
        with Load(hooks(running.port), size.rate) as usual, Load(lambda: hook(running.port, largest), 1) as heavy:
            time.sleep(size.seconds)
        refused = at_rate(lambda: post(running.port, SERVICE, too_large), 2, 2)
        taken = at_rate(lambda: post(patient.port, SERVICE, too_large), 1, 3)
    seen.answered(usual.replies, 200, p99=SOON, of="others")
    seen.answered(heavy.replies, 200, p99=2_000, of=f"{len(largest) / 1e6:.1f} MB")
    seen.answered(refused, 413, NO_ANSWER, of=f"{len(too_large) / 1e6:.1f} MB")
    seen.answered(taken, 200, p99=2_000, of=f"{TOO_MANY:,} entries where they are allowed")
    seen.tell(others_beside_alone=round(usual.replies.share(99) / alone.share(99), 1))


def _days(**members: Any) -> dict[str, Any]:
    resource: dict[str, Any] = nsaid_days(**{"effectiveDateTime": RECENT} | members)
    return resource


def _head(**members: Any) -> dict[str, Any]:
    resource: dict[str, Any] = headache(**{"onsetDateTime": RECENT} | members)
    return resource


def _verified(code: str) -> dict[str, Any]:
    system = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    return {"verificationStatus": {"coding": [{"system": system, "code": code}]}}


CARD, SILENT, GAP = "a card", "silence", "a gap"
STRANGE: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "as it is": (CARD, [_head(), _days()]),
    "everything twice": (CARD, [_head(), _head(), _days(), _days()]),
    "a reference to itself": (CARD, [_head(), _days(hasMember=[{"reference": "Observation/days"}])]),
    "a partial date": (CARD, [_head(), _days(effectiveDateTime=RECENT[:7])]),
    "more than 4": (CARD, [_head(), _days(valueQuantity={**VALUE, "comparator": ">"})]),
    "less than 4": (SILENT, [_head(), _days(valueQuantity={**VALUE, "comparator": "<"})]),
    "entered in error, a value": (SILENT, [_head(), _days(status="entered-in-error")]),
    "entered in error, a condition": (SILENT, [_head(**_verified("entered-in-error")), _days()]),
    "refuted": (SILENT, [_head(**_verified("refuted")), _days()]),
    "a date to come": (SILENT, [_head(), _days(effectiveDateTime=f"{TODAY.year + 5}-01-01")]),
    "no unit": (SILENT, [_head(), _days(valueQuantity={"value": 4})]),
    "another unit": (SILENT, [_head(), _days(valueQuantity={**VALUE, "code": "kg", "unit": "kg"})]),
    "a text for a number": (SILENT, [_head(), _days(valueQuantity={**VALUE, "value": "4"})]),
    "beyond all measure": (SILENT, [_head(), _days(valueQuantity={**VALUE, "value": 1e308})]),
    "contained in a condition": (SILENT, [_head(contained=[_days()])]),
    "of another patient": (GAP, [_head(), _days(subject={"reference": "Patient/2"})]),
}


def strange(seen: Observed, _: Size) -> None:
    """One headache and one count of days with a pain reliever, and what becomes of their card."""
    with service(CDS_RULESETS=str(RULESETS)) as running:
        for name, (expected, resources) in STRANGE.items():
            content = json.dumps(request(prefetch=data(*resources))).encode()
            [reply] = at_rate(partial(post, running.port, "/cds-services/pain", content), 100, 0.01)
            found = _told(reply.status, reply.body)
            seen.expect(f"{name} gives {expected}, not {found}", found == expected)
    seen.tell(cases=len(STRANGE))


def _told(status: int, answer: bytes) -> str:
    if status != 200:
        return str(status)
    topics = [card["source"].get("topic", {}).get("code") for card in json.loads(answer)["cards"]]
    return SILENT if not topics else GAP if topics == ["data-not-supplied"] else CARD


FAULTS = (
    Fault("F07", "very large bodies", "within 2 s, or 413 and hung up on; others within half a second", large),
    Fault("F08", "strange data", "a defined answer to each; nothing entered in error is used", strange),
)
