"""Explains a decision of the past again: its rules are run on the facts that were recorded of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import tzinfo
from uuid import uuid4

from cds import __version__
from cds.errors import InputError
from cds.evaluate import decide
from cds.hooks.answer import Answer, answer
from cds.hooks.catalogue import Catalogue, Offer
from cds.hooks.quiet import Pseudonym
from cds.hooks.recorded import restored
from cds.journal import Decision, IssuedCard
from cds.outcome import Firing
from cds.ruleset.names import unknown
from cds.ruleset.selection import only, rules_of
from cds.workbench.question import Question

_ANSWERED = 200
_OF_RECORD = "By the record: facts that no rule within reach had asked for count as looked for and not found."


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was recorded and what comes of it now, line by line; the same when nothing ``differs``."""

    lines: tuple[str, ...]
    differs: tuple[str, ...]


def question(served: Catalogue, decision: Decision, zone: tzinfo, rule_id: str | None = None) -> Question:
    """Why what was told was told, by the rulesets that are loaded now; or all about one rule.

    Raises ``InputError`` when the record holds no facts to run rules on, or the service does not run the rule at that
    hook; ``UnknownService`` when the service is gone.
    """
    offer = _offer(served, decision)
    prepared = offer.prepared
    run = [rule.id for rule in rules_of(only(prepared.program, prepared.rules))]
    if rule_id and rule_id not in run:
        raise InputError(unknown(f"rule of {decision.service} at {decision.hook}", rule_id, run))
    known, deceased = restored(prepared.program, bytes(decision.facts))
    rules = prepared.reach.rules(known)
    at = decision.at.astimezone(zone)
    outcome = decide(prepared, offer.service, known, at, deceased=deceased, rules=rules)
    return Question(prepared, outcome, rule_id, _OF_RECORD if rule_id else "")


def _offer(served: Catalogue, decision: Decision) -> Offer:
    if decision.status != _ANSWERED:
        raise InputError(f"this call had no answer that could be explained: status {decision.status}")
    if not bytes(decision.facts):
        raise InputError("the record holds no facts: no rule was within reach, or CDS_RECORD was none")
    offers = served.offers(decision.service)
    if decision.hook not in offers:
        raise InputError(f"service {decision.service} is not offered at {decision.hook} any more")
    return offers[decision.hook]


def compared(served: Catalogue, decision: Decision, asked: Question) -> Comparison:
    """Whether the rulesets are the same as then, and the rules that come to something."""
    outcome = asked.outcome
    then = {
        "cards": sorted(_recorded(decision)),
        "withheld": sorted(decision.withheld),
        "unanswered": sorted(decision.unanswered),
    }
    now = {
        "cards": sorted(map(_named, outcome.recommendations)),
        "withheld": sorted(set(map(_named, outcome.withheld))),
        "unanswered": sorted({f"{one.rule.id}@{one.rule.version}" for one in outcome.unanswered}),
    }
    return Comparison(
        lines=(_of_rulesets(served, decision), _of_software(decision)),
        differs=tuple(line for what in then for line in _differences(what, then[what], now[what])),
    )


def _recorded(decision: Decision) -> Iterator[str]:
    for card in (*decision.cards, *decision.quieted):
        yield from card.rules
    yield from decision.folded


def _named(firing: Firing) -> str:
    return f"{firing.rule.id}@{firing.rule.version}"


def _differences(what: str, then: list[str], now: list[str]) -> Iterator[str]:
    if then != now:
        yield f"{what}, recorded: {', '.join(then) or 'none'}"
        yield f"{what}, now:      {', '.join(now) or 'none'}"


def _of_rulesets(served: Catalogue, decision: Decision) -> str:
    fingerprint = served.knowledge.fingerprint
    if decision.knowledge == fingerprint:
        return f"rulesets: the same ({fingerprint[:12]})"
    return (
        f"rulesets: others than those of the record ({decision.knowledge[:12]}; loaded are {fingerprint[:12]}). "
        "Facts that they ask for and the record does not name count as looked for and not found"
    )


def _of_software(decision: Decision) -> str:
    same = "the same" if decision.software == __version__ else f"{decision.software}; this is {__version__}"
    return f"software: {same}"


def answered_again(
    served: Catalogue, decision: Decision, body: bytes, *, zone: tzinfo, pseudonym: Pseudonym, max_cards: int
) -> Answer:
    """The whole answer to a request that was recorded. What was read from a FHIR server then is not there now."""
    quieted = {card.trigger: decision.at for card in decision.quieted}
    return answer(
        served.offers(decision.service),
        body,
        now=decision.at.astimezone(zone),
        new_id=_new_id,
        max_cards=max_cards,
        responses=lambda _patient, _user, triggers: {mark: quieted[mark] for mark in triggers & quieted.keys()},
        pseudonym=pseudonym,
    )


def _new_id() -> str:
    return str(uuid4())


def cards_compared(then: Decision, now: Decision) -> Comparison:
    """Card by card, but for their ids; then the facts that they rest on."""
    differs = [
        line
        for what in ("cards", "quieted")
        for line in _differences(what, _told(getattr(then, what)), _told(getattr(now, what)))
    ]
    differs += [line for what in ("folded", "unavailable") for line in _listed(what, then, now)]
    if bytes(then.facts) != bytes(now.facts):
        differs.append("facts: others than those of the record")
    return Comparison((f"answer made again: {len(now.cards)} cards",), tuple(differs))


def _told(cards: Iterable[IssuedCard]) -> list[str]:
    return [_card(card) for card in cards]


def _card(card: IssuedCard) -> str:
    trigger = f", {card.trigger[:8]}" if card.trigger else ""
    return f"{' + '.join(card.rules) or 'missing data'} ({card.indicator}{trigger})"


def _listed(what: str, then: Decision, now: Decision) -> Iterator[str]:
    yield from _differences(what, list(getattr(then, what)), list(getattr(now, what)))
