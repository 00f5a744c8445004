"""How often the cards of each rule were shown, and what became of them: every rate with what it is a share of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple, TypeAlias

from cds.hooks.catalogue import Catalogue, Offer
from cds.hooks.overrides import category
from cds.ruleset.model import Rule
from cds.ruleset.selection import rules_of
from cds.store.counts import Counts
from cds.store.reports import Calls, Place

AGAIN_WITHIN = timedelta(days=7)
"""How long after a card the same card for the same patient counts as repeated."""

UNSEEN = (
    "CDS Hooks tells what a user did with a card, never that nobody looked at it: a card without a response is "
    "not known to have been refused, and acceptance of shown cards is a lower bound."
)

Version: TypeAlias = tuple[str, str]
"""A rule's id and the version of its ruleset."""

_ANSWERED, _MISSING_DATA, _FAULT = 200, 412, 500
_KINDS = {"interruptive": ("critical", "warning"), "informative": ("info",)}


class Rate(NamedTuple):
    """``means``: what is counted, and of what."""

    n: int
    of: int
    means: str

    @property
    def share(self) -> float | None:
        return self.n / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Uptake:
    """Of one version of a rule. A card that several rules were merged into counts for each of them."""

    rule: str
    version: str
    title: str
    rates: Mapping[str, Rate]
    reasons: Mapping[str, Rate]  # of overridden cards, by the code of the last reason
    categories: Mapping[str, Rate]  # the same by HL7's category
    counts: Mapping[str, int]  # of calls in which the rule gave no card

    @property
    def silent(self) -> bool:
        return not self.rates["firing"].n and not any(self.counts.values())


@dataclass(frozen=True, slots=True)
class Report:
    """``calls`` and ``burden`` are about all rules together."""

    calls: Mapping[str, Rate]
    burden: Mapping[str, Rate]
    rules: tuple[Uptake, ...]
    unmatched: int


def report(counts: Counts, served: Catalogue, rule: str = "") -> Report:
    """``rule``: only this one. Rules that are loaded and gave no card are there, too: silence is a finding."""
    due = _due(counts.places, served)
    without_card = ((one.rule, one.version) for one in counts.unshown if one.why in ("folded", "withheld"))
    versions = {*due, *((one.rule, one.version) for one in counts.cards), *without_card}
    titles = {one.id: one.title for ruleset in served.knowledge.rulesets.values() for one in ruleset.rules}
    answered = _answered(counts.calls)
    return Report(
        calls=_calls(counts.calls),
        burden=_burden(counts),
        rules=tuple(
            _uptake(version, titles.get(version[0], ""), counts, sum(answered[place] for place in due.get(version, ())))
            for version in sorted(versions)
            if rule in ("", version[0])
        ),
        unmatched=counts.unmatched,
    )


def _due(places: Iterable[Place], served: Catalogue) -> dict[Version, set[tuple[str, str, str]]]:
    """Where each version of a rule could have shown its card: service, hook and fingerprint of the rulesets.

    Of rulesets that are not loaded any more it is only known where a card of theirs was due.
    """
    due: dict[Version, set[tuple[str, str, str]]] = {}
    for one in places:
        due.setdefault((one.rule, one.version), set()).add((one.service, one.hook, one.knowledge))
    for offer in served.all_offers():
        for rule in _showing(offer):
            there = due.setdefault((rule.id, rule.version), set())
            fingerprints = {served.knowledge.fingerprint, *(fingerprint for _, _, fingerprint in there)}
            there |= {(offer.service.id, offer.service.hook, fingerprint) for fingerprint in fingerprints}
    return due


def _showing(offer: Offer) -> Iterator[Rule]:
    """The rules of a service that have a card to show at its hook."""
    for rule in rules_of(offer.prepared.program):
        here = not rule.hooks or offer.service.hook in rule.hooks
        if rule.card and here and rule.ruleset not in offer.prepared.shadow:
            yield rule


def _answered(calls: Iterable[Calls]) -> Counter[tuple[str, str, str]]:
    answered = Counter[tuple[str, str, str]]()
    for one in calls:
        if one.status == _ANSWERED:
            answered[one.service, one.hook, one.knowledge] += one.calls
    return answered


def _uptake(version: Version, title: str, counts: Counts, due: int) -> Uptake:
    mine = [one for one in counts.cards if (one.rule, one.version) == version]
    shown = sum(one.cards for one in mine if not one.quieted)
    firing = sum(one.calls for one in mine if not one.quieted)
    told = [one for one in counts.responses if (one.rule, one.version) == version]
    accepted = sum(one.outcome == "accepted" for one in told)
    overridden = [one for one in told if one.outcome == "overridden"]
    again = next((one for one in counts.repeats if (one.rule, one.version) == version), None)
    days = AGAIN_WITHIN.days
    rates = (
        ("firing", Rate(firing, due, "calls with a card of the rule, of answered calls that could have had one")),
        ("response", Rate(len(told), shown, "cards with any response, of cards shown")),
        ("acceptance of responded", Rate(accepted, len(told), "cards accepted, of cards with any response")),
        ("acceptance of shown", Rate(accepted, shown, "cards accepted, of cards shown; a lower bound")),
        ("override", Rate(len(overridden), len(told), "cards overridden, of cards with any response")),
        (
            "repeat",
            Rate(
                again.again if again else 0,
                again.cards if again else 0,
                f"cards shown again within {days} days for the same patient and data, of cards of known patients",
            ),
        ),
    )
    share = "cards overridden for this reason, of cards overridden"
    return Uptake(
        *version,
        title,
        dict(rates),
        reasons=_shares((_reason(one.reason_system, one.reason_code) for one in overridden), share),
        categories=_shares((_category(one.reason_system, one.reason_code) for one in overridden), share),
        counts=_without_card(version, counts),
    )


def _without_card(version: Version, counts: Counts) -> dict[str, int]:
    quieted = sum(one.calls for one in counts.cards if (one.rule, one.version) == version and one.quieted)
    found = {one.why: one.calls for one in counts.unshown if (one.rule, one.version) == version}
    return {"quieted": quieted, **{why: found.get(why, 0) for why in ("folded", "withheld", "unanswered")}}


def _reason(system: str, code: str) -> str:
    return f"{system}|{code}" if system and not category(system, code) else code or "no reason"


def _category(system: str, code: str) -> str:
    return category(system, code) or ("other reason" if code else "no reason")


def _shares(reasons: Iterable[str], means: str) -> dict[str, Rate]:
    counted = Counter(reasons)
    return {reason: Rate(number, counted.total(), means) for reason, number in sorted(counted.items())}


def _calls(calls: Iterable[Calls]) -> dict[str, Rate]:
    by_status = Counter[int]()
    for one in calls:
        by_status[one.status] += one.calls
    every = by_status.total()
    lost = sum(n for status, n in by_status.items() if status == _MISSING_DATA or status >= _FAULT)
    return {
        "answered": Rate(by_status[_ANSWERED], every, "calls with an answer, of all calls"),
        "lost": Rate(
            lost, every, "calls without an answer for want of data, by a fault or for lack of time, of all calls"
        ),
        "refused": Rate(
            every - lost - by_status[_ANSWERED], every, "calls that were not understood or not allowed, of all"
        ),
    }


def _burden(counts: Counts) -> dict[str, Rate]:
    """Cards that interrupt (warning, critical) apart from those that inform."""
    calls = sum(one.calls for one in counts.calls if one.status == _ANSWERED)
    orders = sum(one.orders for one in counts.calls if one.status == _ANSWERED)
    found: dict[str, Rate] = {}
    for kind, indicators in _KINDS.items():
        load = [one for one in counts.load if one.indicator in indicators]
        found |= {
            f"{kind} per 100 calls": Rate(sum(one.cards for one in load), calls, "cards, of answered calls"),
            f"{kind} per 100 encounters": Rate(
                sum(one.with_encounter for one in load),
                counts.encounters,
                "cards of calls that name an encounter, of those",
            ),
            f"{kind} per 100 orders": Rate(
                sum(one.with_order for one in load),
                orders,
                "cards of calls with orders, of the orders under review in them",
            ),
            f"{kind} per clinician-day": Rate(
                sum(one.with_user for one in load),
                counts.user_days,
                "cards of calls that name a user, of days of users",
            ),
        }
    return found
