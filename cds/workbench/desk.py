"""Where the patient of a journey is seen: a chart that grows, and what was told and answered before.

The answers come from ``cds.hooks.answer``, as in the service; what users did with earlier cards is looked up in a
database of the service's own kind, which lasts as long as the journey.
"""

from __future__ import annotations

import json
from datetime import datetime
from string import digits
from uuid import uuid4

import msgspec

from cds.hooks.answer import Answer, answer
from cds.hooks.catalogue import Catalogue, Offer
from cds.hooks.contexts import reference_to
from cds.hooks.feedback import feedback
from cds.hooks.library import hook_named
from cds.hooks.prefetch import Template
from cds.journal import NOBODY, Entry
from cds.security.pseudonyms import pseudonyms
from cds.security.sealing import ledger_keys
from cds.settings import Settings
from cds.store import Lookups, database, schema
from cds.store.batches import store
from cds.workbench import stories
from cds.workbench.journeys import Reply, Step
from cds.workbench.statements import Resource

_OF_NOBODY = "patients of journeys never lived"
_PSEUDONYM = pseudonyms(_OF_NOBODY, NOBODY)
_KEYS = ledger_keys((_OF_NOBODY,))


class Desk:
    """Lives as long as one journey is played: the chart, the records, and the clinicians' answers."""

    def __init__(self, served: Catalogue, settings: Settings) -> None:
        """``settings``: how many cards there is room for, whether each decision is checked, where records are kept."""
        self._served = served
        self._settings = settings
        self._engine = database.connect(settings, database.BACKGROUND)
        self._lookups = Lookups(settings)
        self._chart: dict[tuple[str, str], Resource] = {}
        schema.upgrade(self._engine)

    def close(self) -> None:
        self._lookups.close()
        self._engine.dispose()

    def write_down(self, step: Step, now: datetime) -> None:
        """What is recorded between the step before and this one. A line with the id of an earlier one replaces it.

        Raises ``ValueError`` that says which line is wrong.
        """
        for line in step.record:
            made = list(stories.told({key: value for key, value in line.items() if key != "id"}, now))
            for number, resource in enumerate(made, 1):
                name = str(line.get("id", f"r{len(self._chart) + 1}"))
                id_ = name if len(made) == 1 else f"{name}-{number}"
                self._chart[resource["resourceType"], id_] = {**resource, "id": id_}

    def request(self, step: Step, patient: Resource, now: datetime) -> bytes:
        """The hook request of a step, with all of the chart that the service asks to be sent."""
        context: Resource = {"userId": f"Practitioner/{step.user}", "patientId": patient["id"]}
        context["encounterId"] = f"visit-{step.at:%Y%m%d}"
        if hook_named(step.hook).orders:
            orders = context["draftOrders"] = stories.drafts([*step.drafts, *step.background], now)
            context["selections"] = [reference_to(entry["resource"]) for entry in orders["entry"][: len(step.drafts)]]
        message = {"hook": step.hook, "hookInstance": str(uuid4()), "context": context}
        message["prefetch"] = {each.key: self._sent(each, patient) for each in self._offer(step).templates}
        return json.dumps(message).encode()

    def answer(self, step: Step, body: bytes, now: datetime) -> Answer:
        """As in the service. The record of it is kept, as it is there."""
        told = answer(
            self._served.offers(step.service),
            body,
            now=now,
            new_id=lambda: str(uuid4()),
            max_cards=self._settings.max_cards,
            cross_check=self._settings.cross_check,
            responses=self._lookups.responses,
            pseudonym=_PSEUDONYM,
            address=self._settings.url,
        )
        self._keep(told.decision)
        return told

    def reply(self, step: Step, card: Resource, reply: Reply, now: datetime) -> None:
        """What the user does with a card: its first suggestion is what they accept.

        Raises ``ValueError`` when the card offers nothing to accept, or not the reason they give.
        """
        entry: Resource = {"card": card["uuid"], "outcome": reply.outcome, "outcomeTimestamp": now.isoformat()}
        if reply.outcome == "accepted":
            entry["acceptedSuggestions"] = [{"id": _first_suggestion(card)}]
        if reply.reason:
            entry["overrideReason"] = {"reason": _offered(card, reply.reason)}
        body = json.dumps({"feedback": [entry]}).encode()
        for told in feedback(body, service=step.service, caller=NOBODY, received=now, seal=_unwritten):
            self._keep(told)

    def _offer(self, step: Step) -> Offer:
        offers = self._served.offers(step.service)
        if step.hook not in offers:
            raise ValueError(f"the service {step.service} is not offered at {step.hook}")
        return offers[step.hook]

    def _keep(self, entry: Entry) -> None:
        assert not store(self._engine, _KEYS, [msgspec.json.encode(entry)])

    def _sent(self, template: Template, patient: Resource) -> Resource:
        """Of a type that is asked for in portions everything goes with the first."""
        if template.type == "Patient":
            return patient
        first = template.key[-1] not in digits
        held = [resource for (kind, _), resource in self._chart.items() if kind == template.type and first]
        return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": one} for one in held]}


def _first_suggestion(card: Resource) -> str:
    for suggestion in card.get("suggestions", ()):
        return str(suggestion["uuid"])
    raise ValueError(f'the card "{card["summary"]}" suggests nothing that could be accepted; it can be overridden')


def _offered(card: Resource, code: str) -> Resource:
    reasons: list[Resource] = card.get("overrideReasons", [])
    for reason in reasons:
        if reason["code"] == code:
            return reason
    offered = ", ".join(reason["code"] for reason in reasons)
    raise ValueError(f'"{code}" is no reason that the card "{card["summary"]}" offers; it offers {offered or "none"}')


def _unwritten(_text: bytes, _belongs_to: str) -> str:
    """Seals a comment: in journeys nobody writes one."""
    return ""
