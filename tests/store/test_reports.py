"""What is counted over two hundred calls that were counted by hand first, on either database."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cds.hooks.overrides import CATEGORIES, POINT_OF_CARE, SYSTEM, category
from cds.journal import Decision, Feedback, IssuedCard
from cds.ruleset.systems import SYSTEMS
from cds.store import finding
from cds.store.counts import counts
from cds.store.database import writing
from cds.store.reports import Scope
from cds.workbench.uptake import AGAIN_WITHIN, UNSEEN, report
from cds.workbench.uptake_lines import as_json, lines
from tests import shipped
from tests.hooks.messages import served
from tests.store import entries
from tests.store.entries import CLINIC, HOSPITAL

SERVED = served()
LOADED = SERVED.knowledge.fingerprint
VIENNA = ZoneInfo("Europe/Vienna")
FIRST = datetime(2026, 11, 1, 12, tzinfo=UTC)
NOVEMBER = Scope(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC))
FREQUENT, BLEED, NECK, ORDERED, BURNING = (f"P-{name}.card" for name in ("01", "02", "03", "04", "20"))
V, OLD = "@1.2.0", "@1.1.0"
_numbers = count(1)


def call(at=FIRST, hook="patient-view", knowledge=LOADED, cards=(), **said) -> Decision:
    """An answered call of nobody about nobody, unless it says otherwise."""
    usual = {"caller": HOSPITAL, "service": "pain", "patient": "", "user": "", "cards": tuple(cards)}
    return entries.decision(f"d-{next(_numbers)}", at=at, hook=hook, knowledge=knowledge, **(usual | said))


def card(*rules, indicator="warning", trigger="", version=V) -> IssuedCard:
    named = tuple(f"{rule}{version}" for rule in rules)
    return entries.card(f"card-{next(_numbers)}", indicator=indicator, rules=named, trigger=trigger)


def on(decision: Decision, outcome="accepted", code="", system=SYSTEM, after=1, **said) -> Feedback:
    """What its client told of the first card of a call, so many hours after it."""
    reason = {"reason_code": code, "reason_system": system if code else ""}
    at = decision.at + timedelta(hours=after)
    usual = {"card": decision.cards[0].uuid, "at": at, "received": at, "caller": decision.caller} | reason
    return entries.feedback(f"f-{next(_numbers)}", outcome=outcome, **(usual | said))


def frequent_use() -> list[Decision]:
    """40 calls: the same warning for each of 20 patients, and again two days later; on seven days in all."""
    return [
        call(
            FIRST + timedelta(days=patient % 5 + later),
            cards=[card(FREQUENT, trigger=f"t-{patient}")],
            patient=f"p-{patient}",
            user="u-1",
            encounter=f"e-{patient}",
        )
        for patient in range(20)
        for later in (0, 2)
    ]


def red_flags() -> list[Decision]:
    """10 calls with a critical card that a warning was merged into."""
    return [call(cards=[card(BLEED, NECK, indicator="critical")]) for _ in range(10)]


def nothing_new() -> list[Decision]:
    """50 calls without a card: 5 of them had one that was kept back, 4 could not be decided."""
    quiet = [call(quieted=(IssuedCard(uuid="", indicator="warning", rules=(f"{FREQUENT}{V}",)),)) for _ in range(5)]
    unanswered = [call(unanswered=(f"{FREQUENT}{V}", f"P-01.frequent{V}")) for _ in range(4)]
    return [*quiet, *unanswered, *(call() for _ in range(41))]


def orders() -> list[Decision]:
    """50 calls on two orders each, half of them after midnight in Vienna: 25 with a card, of those 5 with a second one;
    3 without room for it, 7 with one for another hook.
    """
    evening = datetime(2026, 11, 10, 22, 30, tzinfo=UTC)
    said = {"hook": "order-sign", "orders": 2, "user": "u-2"}
    ordered = [card(ORDERED, indicator="info") for _ in range(25)]
    first = [
        call(evening, cards=[each, card(FREQUENT)] if number < 5 else [each], **said)
        for number, each in enumerate(ordered)
    ]
    folded = [call(evening + timedelta(hours=1), folded=(f"{FREQUENT}{V}",), **said) for _ in range(3)]
    withheld = [call(evening + timedelta(hours=1), withheld=(f"{BURNING}{V}",), **said) for _ in range(7)]
    return [*first, *folded, *withheld, *(call(evening + timedelta(hours=1), **said) for _ in range(15))]


def of_last_year() -> list[Decision]:
    """20 calls of another client, by rulesets that are not loaded any more: 8 warnings for 4 patients, 8 days apart."""
    shown = [
        call(
            FIRST + timedelta(days=later),
            knowledge="of last year",
            cards=[card(FREQUENT, trigger=f"q-{patient}", version=OLD)],
            patient=f"q-{patient}",
            caller=CLINIC,
        )
        for patient in range(4)
        for later in (0, 8)
    ]
    return [*shown, *(call(knowledge="of last year", caller=CLINIC) for _ in range(12))]


def lost() -> list[Decision]:
    """30 calls without an answer."""
    return [call(status=status) for status, calls in ((412, 12), (500, 5), (503, 3), (400, 10)) for _ in range(calls)]


def responses(shown: list[Decision], critical: list[Decision], ordered: list[Decision]) -> Iterator[Feedback]:
    """To the 40 warnings: 10 accepted, 11 overridden, 1 overridden and then accepted; to 4 of the critical cards."""
    yield from (on(each) for each in shown[:10])
    yield from (on(each, "overridden", "action-completed") for each in shown[10:16])
    yield from (on(each, "overridden") for each in shown[16:18])
    yield from (on(each, "overridden", "ovr-patient-preference", SYSTEMS["spine-local"]) for each in shown[18:20])
    yield on(shown[20], "overridden", "x", "urn:own")
    yield on(shown[21], after=900)
    yield on(shown[21], "overridden", "action-completed", after=2)
    yield on(shown[0], after=3)
    yield from (on(each) for each in critical[:4])
    yield on(ordered[0], "overridden", "limited-time", "")
    yield on(shown[39], "overridden", caller=CLINIC)
    yield on(shown[38], card="a card of nobody")


@pytest.fixture
def counted(engine):
    shown, critical, ordered = frequent_use(), red_flags(), orders()
    before = call(FIRST - timedelta(days=5), cards=[card(FREQUENT, trigger="t-0")], patient="p-0")
    after = call(datetime(2026, 11, 22, tzinfo=UTC), cards=[card(FREQUENT)])
    calls = [*shown, *critical, *nothing_new(), *ordered, *of_last_year(), *lost()]
    assert len(calls) == 200
    with writing(engine) as connection:
        entries.put(connection, *calls, before, after)
        entries.put(connection, *responses(shown, critical, ordered))

    def count_in(scope=NOVEMBER):
        return counts(engine, scope, zone=VIENNA, again_within=AGAIN_WITHIN)

    return count_in


def of_rule(found, rule, version=V):
    (one,) = (each for each in found.rules if (each.rule, f"@{each.version}") == (rule, version))
    return one


def shares(rates):
    return {name: (rate.n, rate.of) for name, rate in rates.items()}


def test_calls_are_answered_refused_or_lost(counted):
    assert shares(report(counted(), SERVED).calls) == {"answered": (170, 200), "lost": (20, 200), "refused": (10, 200)}


def test_every_rate_of_a_rule_is_a_share_of_what_it_says(counted):
    """40 at patient-view and 5 at order-sign, of 150 calls; 22 with a response, the last of which counts."""
    assert shares(of_rule(report(counted(), SERVED), FREQUENT).rates) == {
        "firing": (45, 150),
        "response": (22, 45),
        "acceptance of responded": (11, 22),
        "acceptance of shown": (11, 45),
        "override": (11, 22),
        "repeat": (21, 40),
    }


def test_overrides_are_told_by_reason_and_by_category(counted):
    found = of_rule(report(counted(), SERVED), FREQUENT)

    assert shares(found.reasons) == {
        "action-completed": (6, 11),
        "no reason": (2, 11),
        "ovr-patient-preference": (2, 11),
        "urn:own|x": (1, 11),
    }
    assert shares(found.categories) == {
        "cds-not-applicable": (6, 11),
        "does-not-align-preferences": (2, 11),
        "no reason": (2, 11),
        "other reason": (1, 11),
    }


def test_calls_in_which_a_rule_gave_no_card_are_told_apart(counted):
    found = report(counted(), SERVED)

    assert of_rule(found, FREQUENT).counts == {"quieted": 5, "folded": 3, "withheld": 0, "unanswered": 4}
    assert of_rule(found, BURNING).counts == {"quieted": 0, "folded": 0, "withheld": 7, "unanswered": 0}


def test_a_merged_card_counts_for_each_of_its_rules(counted):
    found = report(counted(), SERVED)

    for rule in (BLEED, NECK):
        rates = shares(of_rule(found, rule).rates)
        assert (rates["firing"], rates["response"], rates["acceptance of shown"]) == ((10, 150), (4, 10), (4, 10))


def test_a_rule_is_due_only_at_the_hooks_of_its_card(counted):
    rates = shares(of_rule(report(counted(), SERVED), ORDERED).rates)

    assert (rates["firing"], rates["response"], rates["override"]) == ((25, 50), (1, 25), (1, 1))
    assert shares(of_rule(report(counted(), SERVED), BURNING).rates)["firing"] == (0, 100)


def test_versions_of_a_rule_are_told_apart(counted):
    old = of_rule(report(counted(), SERVED), FREQUENT, OLD)

    assert shares(old.rates)["firing"] == (8, 20)
    assert shares(old.rates)["repeat"] == (0, 8)


def test_the_burden_is_told_by_four_measures_and_what_interrupts_apart(counted):
    assert shares(report(counted(), SERVED).burden) == {
        "interruptive per 100 calls": (63, 170),
        "interruptive per 100 encounters": (40, 20),
        "interruptive per 100 orders": (5, 100),
        "interruptive per clinician-day": (45, 9),
        "informative per 100 calls": (25, 170),
        "informative per 100 encounters": (0, 20),
        "informative per 100 orders": (25, 100),
        "informative per clinician-day": (25, 9),
    }


@pytest.mark.requirement("CH-146", "CH-150")
def test_responses_of_strangers_and_to_unknown_cards_are_counted_apart(counted):
    assert report(counted(), SERVED).unmatched == 2


def test_one_client_is_counted_alone(counted):
    found = report(counted(Scope(NOVEMBER.since, NOVEMBER.until, "clinic")), SERVED)

    assert shares(found.calls)["answered"] == (20, 20)
    assert shares(of_rule(found, FREQUENT, OLD).rates)["response"] == (0, 8)
    assert found.unmatched == 1


def test_a_report_on_one_rule_is_about_that_rule(counted):
    assert {one.rule for one in report(counted(), SERVED, FREQUENT).rules} == {FREQUENT}


def test_rules_that_never_showed_a_card_are_named(counted):
    found = report(counted(), SERVED)

    assert {one.rule for one in found.rules if one.silent} == {f"P-1{number}.card" for number in range(1, 8)}
    told = list(lines(found))
    never = told[told.index("Never shown, of how many calls that could have shown it:") :]
    assert "  of 150: P-11.card@1.2.0," in "\n".join(never)
    assert all(len(line) <= 120 for line in never)


def test_without_any_call_there_is_nothing_to_be_a_share_of(engine):
    nothing = counts(engine, NOVEMBER, zone=VIENNA, again_within=AGAIN_WITHIN)
    found = report(nothing, SERVED)

    assert shares(found.calls) == {"answered": (0, 0), "lost": (0, 0), "refused": (0, 0)}
    assert all(rate.share is None for one in found.rules for rate in one.rates.values())
    assert all(one.silent for one in found.rules)


def test_a_report_reads_as_lines_and_as_json(counted):
    found = report(counted(), SERVED)
    text = list(lines(found))
    rules: Any = as_json(found)["rules"]
    (rule,) = (one for one in rules if (one["rule"], one["version"]) == (FREQUENT, "1.2.0"))

    assert f"{FREQUENT}{V}  Frequent use with headache" in text
    assert any(line.split()[:4] == ["firing", "30.0", "%", "45/150"] for line in text)
    assert any(line.split()[:6] == ["interruptive", "per", "100", "calls", "37.1", "63/170"] for line in text)
    assert " ".join(text).endswith(UNSEEN)
    assert rule["rates"]["firing"]["share"] == 0.3
    assert rule["override categories"]["cds-not-applicable"]["n"] == 6


def test_the_figures_of_a_report_stand_in_columns(counted):
    text = list(lines(report(counted(), SERVED)))
    ends = {match.end() for line in text if (match := re.match(r"  .*? +\d+/\d+(?=  )", line))}

    assert 1 == len(ends)
    assert all(len(line) <= 120 for line in text[-2:])


# Looking for decisions


def test_decisions_are_found_by_what_is_known_of_them(engine):
    first = call(patient="p-1", hook_instance="one", cards=[card(FREQUENT)])
    second = call(FIRST + timedelta(days=1), patient="p-1", hook_instance="one")
    third = call(FIRST + timedelta(days=2), patient="p-2", hook_instance="three")
    with writing(engine) as connection:
        entries.put(connection, third, second, first)

    assert finding.found(engine) == (first, second, third)
    assert finding.found(engine, most=2) == (second, third)
    assert finding.found(engine, hook_instance="one") == (first, second)
    assert finding.found(engine, card=first.cards[0].uuid) == (first,)
    assert finding.found(engine, patient="p-1", since=FIRST + timedelta(hours=1)) == (second,)
    assert finding.found(engine, patient="nobody") == ()
    assert finding.by_id(engine, third.id) == third
    assert finding.by_id(engine, "d-0") is None


@pytest.mark.requirement("CH-150")
def test_what_became_of_a_card_is_told_by_its_own_client(engine):
    shown = call(cards=[card(FREQUENT)])
    mine, theirs = on(shown), on(shown, "overridden", caller=CLINIC)
    with writing(engine) as connection:
        entries.put(connection, shown)
        entries.put(connection, mine, theirs)

    assert finding.told_of(engine, shown) == (mine,)


# Reasons


def test_every_reason_that_a_card_offers_has_a_category():

    local = [
        coding
        for name, valueset in shipped.knowledge().valuesets.items()
        if name.endswith("-override-reason")
        for coding in valueset.codings
    ]

    assert local
    assert {category(one.system, one.code) for one in (*POINT_OF_CARE, *local)} <= CATEGORIES.keys()


@pytest.mark.parametrize(
    ("system", "code", "expected"),
    [
        (SYSTEM, "action-completed", "cds-not-applicable"),
        (SYSTEM, "limited-time", "cds-suboptimal-context"),
        (SYSTEM, "expert-contradicts", "recipient-disagrees-evidence"),
        (SYSTEM, "patient-contraindication", "recipient-concerns-outcomes"),
        (SYSTEM, "patient-refuses", "does-not-align-preferences"),
        (SYSTEM, "service-not-available", "not-convenient-feasible"),
        ("", "too-costly-uncovered", "not-convenient-feasible"),
        (SYSTEM, "does-not-align-preferences", "does-not-align-preferences"),
        ("urn:own", "patient-refuses", ""),
        (SYSTEM, "unheard-of", ""),
    ],
)
def test_a_reason_is_of_the_category_that_hl7_lists_it_under(system, code, expected):
    assert category(system, code) == expected
