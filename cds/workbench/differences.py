"""Two revisions of the rulesets over the same calls: the cards that were gained, lost and changed, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from cds.errors import InputError, RequestError
from cds.evaluate import decide, evaluate
from cds.fhir.bundle import patient_record
from cds.hooks.call import Call
from cds.hooks.cards import summary
from cds.hooks.catalogue import Catalogue, Offer
from cds.hooks.contexts import Context
from cds.hooks.groups import card_of
from cds.hooks.library import hook_named
from cds.hooks.received import received
from cds.outcome import Outcome
from cds.population.history import Moment, moments
from cds.workbench.explain import rule_lines

Kind: TypeAlias = Literal["gained", "lost", "changed"]
Offers: TypeAlias = Mapping[str, Offer]
Key: TypeAlias = tuple[str, str | None]
"""A rule, and the order its card is about."""


class Said(NamedTuple):
    """What a rule showed."""

    indicator: str
    summary: str


class Told(NamedTuple):
    """What one revision came to in one call; of a service or hook that it does not have, nothing."""

    offer: Offer
    outcome: Outcome


class Place(NamedTuple):
    """A call. ``patient``: the name of the file, or the id of the decision."""

    patient: str
    at: datetime
    hook: str


class Request(NamedTuple):
    """A call that was logged with its body. ``id``: of the decision; ``at``: in the zone days are counted in."""

    id: str
    service: str
    hook: str
    at: datetime
    body: bytes


@dataclass(frozen=True, slots=True)
class Difference:
    kind: Kind
    rule: str
    place: Place
    then: Said | None
    now: Said | None
    why: tuple[str, ...] = ()  # of the first of its kind and rule only


def over_lives(
    revisions: tuple[Offers, Offers], files: Iterable[Path], zone: tzinfo, since: date = date.min
) -> Iterator[tuple[Place, Told | None, Told | None]]:
    """Every call of every life, answered by one service as it was and as it is, each by hook.

    Raises ``InputError`` naming a file that cannot be played.
    """
    before, after = revisions
    for file in files:
        try:
            for moment in moments(file.read_bytes(), zone, since):
                told = [_told(offers.get(moment.hook), moment, zone) for offers in (before, after)]
                yield Place(file.stem, moment.at, moment.hook), told[0], told[1]
        except (InputError, RequestError) as error:
            raise InputError(f"{file}: {error}") from error
        except OSError as error:
            raise InputError(f"{file}: {error.strerror}") from error


def over_requests(
    old: Catalogue, new: Catalogue, requests: Iterable[Request]
) -> Iterator[tuple[Place, Told | None, Told | None]]:
    """Every logged request, answered by both. What was read from a FHIR server then is not there now."""
    for request in requests:
        told = [_answered(revision.by_id.get(request.service, {}), request) for revision in (old, new)]
        yield Place(request.id, request.at, request.hook), told[0], told[1]


def _answered(offers: Offers, request: Request) -> Told | None:
    if request.hook not in offers:
        return None
    call = received(offers, request.body, request.at)
    return Told(call.offer, evaluate(call.offer.prepared, call.offer.service, call.record, request.at))


def _told(offer: Offer | None, moment: Moment, zone: tzinfo) -> Told | None:
    if offer is None:
        return None
    record = patient_record(moment.known, offer.prepared.index, zone, drafts=moment.drafts)
    return Told(offer, evaluate(offer.prepared, offer.service, record, moment.at))


def differences(calls: Iterable[tuple[Place, Told | None, Told | None]]) -> Iterator[Difference]:
    """Call by call; the first of each kind and rule is explained by both revisions."""
    explained: set[tuple[Kind, str]] = set()
    for place, before, after in calls:
        then, now = _said(before), _said(after)
        for key in sorted({*then, *now}, key=lambda one: (one[0], one[1] or "")):
            if then.get(key) != now.get(key):
                kind: Kind = "gained" if key not in then else "lost" if key not in now else "changed"
                why = () if (kind, key[0]) in explained else tuple(_why(key[0], before, after))
                explained.add((kind, key[0]))
                yield Difference(kind, key[0], place, then.get(key), now.get(key), why)


def _said(told: Told | None) -> Mapping[Key, Said]:
    if told is None:
        return {}
    offer, outcome = told
    call = Call(offer.knowledge, offer.prepared.program, Context(hook_named(offer.service.hook), ""), outcome, str)
    return {
        (firing.rule.id, firing.item): Said(card_of(firing).indicator, summary(call, firing))
        for firing in outcome.recommendations
    }


def _why(rule: str, before: Told | None, after: Told | None) -> Iterator[str]:
    for revision, told in (("old", before), ("new", after)):
        yield f"{revision}:"
        lines = tuple(rule_lines(told.offer.prepared, _whole(told), [rule])) if told else ()
        yield from (f"  {line}" for line in lines or ["no such rule at this hook"])


def _whole(told: Told) -> Outcome:
    """With all rules, so that it can be said why one stayed silent."""
    return decide(told.offer.prepared, told.offer.service, told.outcome.facts, told.outcome.at)


def report(found: Sequence[Difference], calls: int) -> Iterator[str]:
    """For people: rule by rule, the most frequent first, each with its first call explained."""
    places = {one.place for one in found}
    yield f"{calls} calls, {len(places)} of them answered differently"
    for kind in ("gained", "lost", "changed"):
        by_rule: dict[str, list[Difference]] = {}
        for one in found:
            if one.kind == kind:
                by_rule.setdefault(one.rule, []).append(one)
        for rule, ones in sorted(by_rule.items(), key=lambda item: (-len(item[1]), item[0])):
            yield from _rule_lines(kind, rule, ones)


def _rule_lines(kind: Kind, rule: str, ones: Sequence[Difference]) -> Iterator[str]:
    first = ones[0]
    patients = len({one.place.patient for one in ones})
    yield ""
    yield f"{kind} {rule}: {len(ones)} times, {patients} patient{'s' if patients > 1 else ''}"
    yield f"  first: {first.place.patient}, {first.place.at:%Y-%m-%d %H:%M}, {first.place.hook}"
    for revision, said in (("old", first.then), ("new", first.now)):
        if said:
            yield f"  {revision} card: {said.indicator}: {said.summary}"
    yield from (f"  {line}" for line in first.why)


def as_json(found: Iterable[Difference]) -> list[dict[str, object]]:
    return [
        {
            "kind": one.kind,
            "rule": one.rule,
            "patient": one.place.patient,
            "at": one.place.at.isoformat(),
            "hook": one.place.hook,
            "old": one.then and one.then._asdict(),
            "new": one.now and one.now._asdict(),
            "why": list(one.why),
        }
        for one in found
    ]
