"""What is written down of a call: who asked about whom, by pseudonyms, and what they were told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

import msgspec

from cds import __version__
from cds.hooks.contexts import Context
from cds.hooks.groups import Group, rule_reference
from cds.hooks.quiet import Pseudonym
from cds.hooks.received import Received
from cds.hooks.schema.fields import UUID
from cds.journal import NO_FACTS, NOBODY, Decision, IssuedCard
from cds.outcome import Firing, Outcome
from cds.ruleset.hooks import HOOKS

Level: TypeAlias = Literal["none", "minimal", "full"]

_OK = 200


@dataclass(frozen=True, slots=True)
class Names:
    """Pseudonyms of those a call is about; "" where there is none."""

    patient: str = ""
    user: str = ""
    encounter: str = ""

    @classmethod
    def of(cls, context: Context, pseudonym: Pseudonym) -> Names:
        named = (("patient", context.patient), ("user", context.user), ("encounter", context.encounter))
        return cls(*(pseudonym(kind, name) if name else "" for kind, name in named))


@dataclass(frozen=True, slots=True)
class Told:
    """What became of the cards of one call."""

    cards: Sequence[Mapping[str, Any]]  # as they are sent, those of ``shown`` first, in the same order
    shown: Sequence[Group]
    quieted: Sequence[Group]
    folded: Sequence[Group]
    acted: Sequence[Firing] = ()  # those behind the system actions


def decision(call: Received, names: Names, outcome: Outcome, told: Told, *, id_: str, record: Level) -> Decision:
    """A record without its caller, status and time, which are not known here."""
    asked = call.offer.asked
    kept = record != "none" and outcome.inferred
    deceased = call.record.patient.deceased
    return Decision(
        id=id_,
        at=outcome.at,
        caller=NOBODY,
        service=call.offer.service.id,
        status=_OK,
        milliseconds=0.0,
        hook=call.offer.service.hook,
        hook_instance=call.hook_instance,
        patient=names.patient,
        user=names.user,
        encounter=names.encounter,
        orders=call.orders,
        software=__version__,
        knowledge=call.offer.knowledge.fingerprint,
        cards=tuple(_issued(told)),
        quieted=tuple([_card("", group) for group in told.quieted]),
        folded=tuple([rule for group in told.folded for rule in group.rules]),
        withheld=_rules(outcome.withheld),
        unanswered=tuple(dict.fromkeys(f"{one.rule.id}@{one.rule.version}" for one in outcome.unanswered)),
        acted=_rules(told.acted),
        unavailable=tuple(call.record.unavailable),
        facts=asked.recorded(outcome, deceased=deceased) if kept else NO_FACTS,
    )


def _issued(told: Told) -> Iterator[IssuedCard]:
    for card, group in zip(told.cards, told.shown, strict=False):
        yield _card(card["uuid"], group, tuple([one["uuid"] for one in card.get("suggestions", ())]))
    for card in told.cards[len(told.shown) :]:  # on what was not supplied: of no rule
        yield IssuedCard(uuid=card["uuid"], indicator=card["indicator"], rules=())


def _card(uuid: str, group: Group, suggestions: tuple[str, ...] = ()) -> IssuedCard:
    return IssuedCard(
        uuid=uuid,
        indicator=group.card.indicator,
        rules=group.rules,
        suggestions=suggestions,
        trigger=group.trigger,
    )


def _rules(firings: Iterable[Firing]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(rule_reference, firings)))


class _Ids(msgspec.Struct, frozen=True):
    patient: str | None = msgspec.field(default=None, name="patientId")
    user: str | None = msgspec.field(default=None, name="userId")
    encounter: str | None = msgspec.field(default=None, name="encounterId")


class _Call(msgspec.Struct, frozen=True):
    hook: str = ""
    hook_instance: str = msgspec.field(default="", name="hookInstance")
    context: _Ids = _Ids()


_CALL = msgspec.json.Decoder(_Call)


def failed(body: bytes, *, id_: str, at: datetime, service: str, status: int, pseudonym: Pseudonym) -> Decision:
    """The record of a call that got no answer, with as much as can be read of what it was.

    What such a body says is taken as it is: its names may be no ids at all, so only their hashes are kept.
    """
    try:
        call = _CALL.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        call = _Call()
    ids = call.context
    return Decision(
        id=id_,
        at=at,
        caller=NOBODY,
        service=service,
        status=status,
        milliseconds=0.0,
        hook=call.hook if call.hook in HOOKS else "",
        hook_instance=call.hook_instance if UUID.fullmatch(call.hook_instance) else "",
        patient=pseudonym("patient", ids.patient.removeprefix("Patient/")) if ids.patient else "",
        user=pseudonym("user", ids.user) if ids.user else "",
        encounter=pseudonym("encounter", ids.encounter.removeprefix("Encounter/")) if ids.encounter else "",
        software=__version__,
    )
