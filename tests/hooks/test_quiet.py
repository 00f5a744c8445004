"""A card that its user has answered is not shown again at once, unless it is critical or rests on new data."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cds.clinical import Evidence, Fact, State
from cds.errors import Unavailable
from cds.hooks.answer import answer
from cds.hooks.groups import Group
from cds.hooks.quiet import kept_back, marked, quiet_days
from cds.outcome import Firing, Reason
from cds.ruleset.load import load
from tests.hooks.messages import (
    RULESETS,
    USUAL,
    bundle,
    data,
    headache,
    ibuprofen,
    nsaid_days,
    pain_score,
    request,
    served,
    stiff_neck,
    thunderclap,
)

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
SERVED = served()
FREQUENT = "P-01.card@1.2.0"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


def pseudonym(kind, name):
    return hashlib.sha256(f"{kind} {name}".encode()).hexdigest()


class Answered:
    """What users did, kept as a journal would keep it: decisions, and what became of their cards."""

    def __init__(self):
        self.decisions = []
        self.told = {}  # by the uuid of a card: when

    def __call__(self, patient, user, triggers):
        cards = [c for d in self.decisions if (d.patient, d.user) == (patient, user) for c in d.cards]
        known = [card for card in cards if card.trigger in triggers and card.uuid in self.told]
        return {card.trigger: max(self.told[c.uuid] for c in known if c.trigger == card.trigger) for card in known}

    def call(self, *resources, at=NOW, responses=None, hook="patient-view", **context):
        ids = count(sum(len(decision.cards) * 9 + 9 for decision in self.decisions) + 1)
        answered = answer(
            SERVED.offers("pain"),
            json.dumps(request(USUAL | context, data(*resources), hook)).encode(),
            now=at,
            new_id=lambda: f"00000000-0000-4000-8000-{next(ids):012}",
            max_cards=50,
            responses=responses or self,
            pseudonym=pseudonym,
        )
        self.decisions.append(answered.decision)
        return answered

    def respond(self, at=NOW):
        """To every card of the last call."""
        self.told |= {card.uuid: at for card in self.decisions[-1].cards}


@pytest.fixture
def answered():
    return Answered()


@pytest.fixture
def after_a_response(answered):
    answered.call(headache(), nsaid_days())
    answered.respond()
    return answered


def rules_of(answered):
    return [rule for card in answered.decision.cards for rule in card.rules]


def test_a_card_is_kept_back_from_the_user_who_answered_it(after_a_response):
    again = after_a_response.call(headache(), nsaid_days(), at=NOW + timedelta(days=1))

    assert again.response == {"cards": []}
    assert again.counts["quieted"] == 1
    assert [card.rules for card in again.decision.quieted] == [(FREQUENT,)]
    assert [card.uuid for card in again.decision.quieted] == [""]


def test_a_card_that_was_only_sent_is_sent_again(answered):
    answered.call(headache(), nsaid_days())

    again = answered.call(headache(), nsaid_days())

    assert rules_of(again) == [FREQUENT]
    assert again.counts["quieted"] == 0


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (timedelta(0), []),
        (timedelta(days=30) - timedelta(seconds=1), []),
        (timedelta(days=30), [FREQUENT]),
        (timedelta(seconds=-1), [FREQUENT]),
    ],
)
def test_a_warning_is_quiet_for_thirty_days_where_nobody_says_otherwise(after_a_response, later, expected):
    assert rules_of(after_a_response.call(headache(), nsaid_days(), at=NOW + later)) == expected


@pytest.mark.parametrize(
    "context", [{"userId": "Practitioner/b"}, {"userId": "PractitionerRole/a"}, {"userId": "no reference"}]
)
def test_a_card_is_shown_to_everyone_else(after_a_response, context):
    assert rules_of(after_a_response.call(headache(), nsaid_days(), **context)) == [FREQUENT]


def test_a_card_is_quiet_about_one_patient_only(answered):
    """The same resource ids at another patient are other data."""
    answered.call(headache(), nsaid_days())
    answered.respond()
    other = {"reference": "Patient/2"}
    chart = [one | {"subject": other} for one in (headache(), nsaid_days())]

    again = answered.call(*chart, {"resourceType": "Patient", "id": "2"}, patientId="2")

    assert rules_of(again) == [FREQUENT]


def test_another_encounter_is_no_news(after_a_response):
    assert rules_of(after_a_response.call(headache(), nsaid_days(), encounterId="e9")) == []


@pytest.mark.parametrize(
    "chart",
    [
        pytest.param([headache(), nsaid_days(id="later", effectiveDateTime="2026-11-20")], id="a new result"),
        pytest.param([headache(), nsaid_days(5)], id="a corrected value"),
        pytest.param([headache(), nsaid_days(effectiveDateTime="2026-11-19")], id="a corrected date"),
        pytest.param([headache(id="another"), nsaid_days()], id="a new diagnosis"),
    ],
)
def test_new_data_are_news(after_a_response, chart):
    assert rules_of(after_a_response.call(*chart)) == [FREQUENT]


@pytest.mark.parametrize(
    "chart",
    [
        pytest.param([nsaid_days(), headache()], id="another order"),
        pytest.param([headache(note=[{"text": "seen"}]), nsaid_days()], id="a note on it"),
        pytest.param(
            [headache(), nsaid_days(), nsaid_days(1, id="older", effectiveDateTime="2026-10-01")], id="older data"
        ),
    ],
)
def test_what_decides_nothing_is_no_news(after_a_response, chart):
    assert rules_of(after_a_response.call(*chart)) == []


def test_other_cards_are_shown_beside_a_quiet_one(after_a_response):
    again = after_a_response.call(headache(), nsaid_days(), pain_score(5))

    assert rules_of(again) == ["P-11.card@1.2.0"]
    assert again.counts["quieted"] == 1


def test_a_critical_card_is_never_kept_back(answered):
    answered.call(thunderclap())
    answered.respond()

    assert rules_of(answered.call(thunderclap())) == ["P-02.card@1.2.0"]


def test_a_warning_that_is_merged_into_a_critical_card_is_shown_with_it(answered):
    answered.call(headache(), stiff_neck())
    answered.respond()
    assert rules_of(answered.call(headache(), stiff_neck())) == []

    again = answered.call(headache(), stiff_neck(), thunderclap())

    assert rules_of(again) == ["P-02.card@1.2.0", "P-03.card@1.2.0"]


def test_nobody_is_asked_for_answers_where_no_card_could_be_quiet(answered):
    def asked(*_):
        raise AssertionError("asked")

    assert rules_of(answered.call(thunderclap(), responses=asked)) == ["P-02.card@1.2.0"]
    assert rules_of(answered.call(responses=asked)) == []
    assert rules_of(answered.call(headache(), nsaid_days(), userId="unknown", responses=asked)) == [FREQUENT]


def test_a_card_is_shown_when_it_cannot_be_told_what_became_of_it(answered):
    def away(*_):
        raise Unavailable("the database is away")

    assert rules_of(answered.call(headache(), nsaid_days(), responses=away)) == [FREQUENT]


def test_another_fault_is_no_answer(answered):
    def broken(*_):
        raise KeyError("fault")

    with pytest.raises(KeyError):
        answered.call(headache(), nsaid_days(), responses=broken)


# Groups


def demo_rules():
    return {one.id: one for ruleset in load(RULESETS).rulesets.values() for one in ruleset.rules}


RULES = demo_rules()


def firing(rule_id="P-03.card", item=None, quiet=30.0, version="1.2.0", reasons=()):
    written = RULES[rule_id]
    return Firing(replace(written, version=version, card=replace(written.card, quiet=quiet)), item, tuple(reasons))


def mark(*firings, steady=frozenset(), **order):
    """``order``: what is said of the drafts that the firings are about."""
    items = tuple(Fact(one.item, State.PRESENT, order) for one in firings if one.item)
    (group,) = marked([Group(firings)], {"drug": Fact("drug", State.PRESENT, items=items)}, steady, pseudonym)
    return group.trigger


@pytest.mark.parametrize(
    ("quiets", "days"), [((30.0,), 30.0), ((30.0, 14.0), 14.0), ((30.0, 0.0), 0.0), ((0.0, 30.0), 0.0)]
)
def test_a_merged_card_is_quiet_as_long_as_each_of_its_rules_allows(quiets, days):
    assert quiet_days(Group(tuple(firing(quiet=quiet) for quiet in quiets))) == days


def test_a_critical_card_is_never_quiet_whatever_its_rules_say():
    group = Group((firing("P-02.card", quiet=30.0), firing("P-03.card", quiet=30.0)), "t")

    assert quiet_days(group) == 0
    assert kept_back([group], "p", "u", lambda *_: {"t": NOW}, NOW) == frozenset()


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (firing(version="1.9.9"), True),
        (firing(version="2.0.0"), False),
        (firing("P-01.card"), False),
    ],
)
def test_a_rule_is_known_by_its_id_its_major_version_and_its_order(other, same):
    assert (mark(firing()) == mark(other)) is same


def test_a_rule_that_joins_a_merged_card_makes_it_another():
    assert len({mark(firing()), mark(firing(), firing("P-01.card")), mark(firing("P-01.card"))}) == 3


def reasons(attributes, evidence=()):
    """One condition that compared every attribute of a fact."""
    fact = Fact("use", State.PRESENT, attributes, tuple(evidence))
    return [Reason("", True, (fact,), frozenset(("use", name) for name in attributes))]


def test_a_card_is_known_by_what_its_conclusions_rest_on():
    def drawn_from(reference):
        cause = Firing(RULES["P-01.frequent"], None, tuple(reasons({}, [Evidence(reference, "NSAID")])))
        return mark(firing(reasons=[Reason("frequent-use", True, because=(cause,))]))

    assert drawn_from("Observation/a") == drawn_from("Observation/a")
    assert drawn_from("Observation/a") != drawn_from("Observation/b")


def test_that_the_patient_was_seen_again_is_no_news():
    def rests_on(*references):
        return mark(firing(reasons=reasons({}, [Evidence(reference, "") for reference in references])))

    assert rests_on("Observation/a", "Encounter/of-today") == rests_on("Observation/a", "Encounter/of-yesterday")
    assert rests_on("Encounter/of-today") == mark(firing()) != rests_on("Observation/a")


@pytest.mark.parametrize(
    ("steady", "same"), [({("use", "month")}, False), ({("use", "onset_days")}, True), (set(), True)]
)
def test_a_number_that_was_compared_is_news_unless_it_only_tells_the_time(steady, same):
    before, after = (firing(reasons=reasons({"month": days, "onset_days": 5.0})) for days in (12.0, 20.0))

    assert (mark(before, steady=frozenset(steady)) == mark(after, steady=frozenset(steady))) is same


def test_time_is_what_is_told_in_days_hours_or_years():
    asked = SERVED.offers("pain")["patient-view"].asked

    assert ("nsaid_days", "value") in asked.steady
    assert not {name for _, name in asked.steady if name.endswith("_days")}


def test_a_draft_is_known_by_what_it_says():
    """Clients call the next order by the name of the last."""
    ordered = firing("P-04.card", item="MedicationRequest/1")

    assert mark(ordered, doses=1.0) == mark(ordered, doses=1.0)
    assert mark(ordered, doses=1.0) != mark(ordered, doses=2.0)
    assert mark(ordered) != mark(firing("P-04.card", item="MedicationRequest/2"))


@pytest.mark.parametrize(
    ("order", "shown"),
    [
        (ibuprofen(), False),
        (ibuprofen(note=[{"text": "with food"}]), False),
        (ibuprofen(ident="order-2"), True),
        (ibuprofen(dosageInstruction=[{"asNeededBoolean": True}]), True),
        (
            ibuprofen(medicationCodeableConcept={"coding": [{"system": RXNORM, "code": "198014"}], "text": "Naproxen"}),
            True,
        ),
    ],
    ids=["the same", "a note", "another id", "another dose", "another medicine"],
)
def test_an_order_that_was_answered_for_is_quiet_as_long_as_it_stays_the_same(answered, order, shown):
    def sign(draft):
        context = {"draftOrders": bundle(draft)}
        return rules_of(answered.call(headache(), nsaid_days(), hook="order-sign", **context))

    assert sign(ibuprofen()) == [FREQUENT, "P-04.card@1.2.0"]
    answered.respond()

    assert sign(order) == (["P-04.card@1.2.0"] if shown else [])


# Whatever happens, in whatever order


class Practice(RuleBasedStateMachine):
    """Two doctors and one patient over some months. The model is the sentence: a doctor who has answered the warning on
    the data that are there now does not see it for thirty days; the critical card is always seen.
    """

    @initialize()
    def open(self):
        self.journal, self.now, self.data = Answered(), NOW, 0
        self.answered: dict[tuple[str, int], datetime] = {}
        self.last = None
        self.emergency = False

    @rule(doctor=st.sampled_from("ab"))
    def call(self, doctor):
        chart = [headache(), nsaid_days(id=f"days-{self.data}"), *([thunderclap()] if self.emergency else [])]
        found = self.journal.call(*chart, at=self.now, userId=f"Practitioner/{doctor}")
        before = self.answered.get((doctor, self.data))
        quiet = before is not None and self.now - before < timedelta(days=30)

        critical = ["P-02.card@1.2.0"] if self.emergency else []
        assert rules_of(found) == critical + ([] if quiet else [FREQUENT])
        assert [one for card in found.decision.quieted for one in card.rules] == ([FREQUENT] if quiet else [])
        assert found.counts["quieted"] == quiet
        self.last = None if quiet else (doctor, self.data)

    @rule()
    def respond(self):
        if self.journal.decisions:
            self.journal.respond(self.now)
            if self.last:
                self.answered[self.last] = self.now

    @rule(hours=st.sampled_from([1, 12, 24, 24 * 15, 24 * 30 - 1, 24 * 30]))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)

    @rule()
    def new_data_arrive(self):
        self.data += 1

    @rule()
    def data_are_taken_back(self):
        self.data = max(0, self.data - 1)

    @rule()
    def emergency_begins_or_ends(self):
        self.emergency = not self.emergency

    @invariant()
    def every_card_was_sent_once(self):
        cards = [card.uuid for decision in self.journal.decisions for card in decision.cards]
        assert len(cards) == len(set(cards))


TestPractice = Practice.TestCase
TestPractice.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
