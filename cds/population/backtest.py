"""The rulesets of a service run over lives: which cards each call would have had, and how often each rule spoke."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from pathlib import Path

from cds.errors import InputError, RequestError
from cds.evaluate import evaluate
from cds.fhir.bundle import patient_record
from cds.hooks.catalogue import Offer
from cds.hooks.groups import Group, groups
from cds.population.history import Moment, moments, resources
from cds.population.subpopulations import Subpopulation, by_age, by_origin, by_sex
from cds.ruleset.model import Rule


@dataclass(frozen=True, slots=True)
class Call:
    """What one call would have been answered with, nobody ever having responded to a card. ``patient``: the file."""

    patient: str
    at: datetime
    hook: str
    cards: tuple[Group, ...]
    subpopulations: tuple[Subpopulation, ...] = ()


@dataclass(frozen=True, slots=True)
class Spoken:
    """How often a rule was part of a card: in so many calls, of so many patients."""

    rule: Rule
    calls: int
    patients: int

    @property
    def indicator(self) -> str:
        assert self.rule.card is not None  # it spoke
        return self.rule.card.indicator


def backtest(
    offers: Mapping[str, Offer], files: Iterable[Path], zone: tzinfo, since: date = date.min
) -> Iterator[Call]:
    """Every call of every life at the hooks at which a service is offered, in order of time.

    Raises ``InputError`` with the name of a file that is no Bundle about one patient.
    """
    for file in files:
        try:
            content = file.read_bytes()
            lived = [moment for moment in moments(content, zone, since) if moment.hook in offers]
            origin = by_origin(resources(content))
            yield from (_call(offers[moment.hook], file.stem, moment, zone, origin) for moment in lived)
        except (InputError, RequestError) as error:
            raise InputError(f"{file}: {error}") from error
        except OSError as error:
            raise InputError(f"{file}: {error.strerror}") from error


def _call(offer: Offer, patient: str, moment: Moment, zone: tzinfo, origin: tuple[Subpopulation, ...]) -> Call:
    record = patient_record(moment.known, offer.prepared.index, zone, drafts=moment.drafts)
    outcome = evaluate(offer.prepared, offer.service, record, moment.at)
    within = (by_sex(record.patient), by_age(record.patient.born, moment.at.date()), *origin)
    return Call(patient, moment.at, moment.hook, groups(outcome.recommendations), within)


def spoken(calls: Iterable[Call]) -> list[Spoken]:
    """By rule, the most frequent first."""
    rules: dict[str, Rule] = {}
    of: dict[str, list[str]] = {}  # the patient of each call in which the rule spoke
    for call in calls:
        for rule in {firing.rule.id: firing.rule for card in call.cards for firing in card.firings}.values():
            rules[rule.id] = rule
            of.setdefault(rule.id, []).append(call.patient)
    often = sorted(of.items(), key=lambda one: (-len(one[1]), one[0]))
    return [Spoken(rules[name], calls=len(patients), patients=len(set(patients))) for name, patients in often]


def report(calls: Iterable[Call]) -> Iterator[str]:
    """For people: how much was said at which hook, then rule by rule."""
    told = tuple(calls)
    for hook, number in sorted(Counter(call.hook for call in told).items()):
        cards = [len(call.cards) for call in told if call.hook == hook]
        silent = cards.count(0)
        yield f"{hook}: {number} calls, {silent} without a card, {sum(cards)} cards, {max(cards)} at most in one call"
    for one in spoken(told):
        yield f"{one.calls:6} calls {one.patients:6} patients  {one.indicator:8} {one.rule.id}: {one.rule.title}"


def as_json(calls: Iterable[Call]) -> list[dict[str, object]]:
    """Each call with the rules of each of its cards."""
    return [
        {
            "patient": one.patient,
            "at": one.at.isoformat(),
            "hook": one.hook,
            "cards": [list(c.rules) for c in one.cards],
        }
        for one in calls
    ]
