"""What a condition says of the facts, in plain Python: the reference the engine is held against, and the explanations.

Truth is three-valued (strong Kleene): True, False, or None for unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cds.clinical import KNOWN_STATES, Bounds, Fact, Inference, Number, State, about_one
from cds.ruleset.model import Condition, Count, Program, Rule, Stages, Test

Truth = bool | None
Key = tuple[str, str | None]

_PRESENT = State.PRESENT  # to look it up in its enumeration takes as long as the rest of an answer


def negation(truth: Truth) -> Truth:
    return None if truth is None else not truth


def disjunction(truths: Iterable[Truth]) -> Truth:
    result: Truth = False
    for truth in truths:
        if truth is True:
            return True
        if truth is None:
            result = None
    return result


def of_state(state: State, relation: str) -> Truth:
    """The truth of a condition about a whole fact."""
    if relation == "unless":
        return state is not _PRESENT
    if relation == "unrecorded":
        return None if state is State.UNSUPPLIED else state in (State.ABSENT, State.UNUSABLE)
    if state not in KNOWN_STATES:
        return None
    if relation == "without":
        return state is not _PRESENT
    return state is (State.DENIED if relation == "denied" else _PRESENT)


def of_number(value: Number, test: Test) -> Truth:
    """The truth of a comparison of a number, of which perhaps only bounds are known."""
    low, high = value if isinstance(value, Bounds) else (value, value)
    match test.relation, test.operand:
        case "above", float(limit):
            return True if low > limit else False if high <= limit else None
        case "at least", float(limit):
            return True if low >= limit else False if high < limit else None
        case "below", float(limit):
            return True if high < limit else False if low >= limit else None
        case "at most", float(limit):
            return True if high <= limit else False if low > limit else None
        case "between", (float(first), float(last)):
            return True if first <= low and high <= last else False if high < first or low > last else None
        case "is", float(limit):
            return True if low == high == limit else False if limit < low or limit > high else None
        case "is not", float(limit):
            return False if low == high == limit else True if limit < low or limit > high else None
    raise ValueError(f"{test.relation} {test.operand!r} is no comparison of a number")


def of_text(value: str, test: Test) -> Truth:
    match test.relation, test.operand:
        case "is", str(text):
            return value == text
        case "is not", str(text):
            return value != text
        case "is one of", tuple(texts):
            return value in texts
    raise ValueError(f"{test.relation} {test.operand!r} is no comparison of a text")


def of_fact(fact: Fact, test: Test) -> Truth:
    """The truth of one test of one fact."""
    if not test.attribute:
        return of_state(fact.state, test.relation)
    if fact.state is not _PRESENT:
        return False if fact.state in KNOWN_STATES else None
    value = fact.attributes.get(test.attribute)
    if test.relation in ("known", "unknown"):
        return (value is not None) is (test.relation == "known")
    if value is None:
        return None
    return of_text(value, test) if isinstance(value, str) else of_number(value, test)


@dataclass(frozen=True, slots=True)
class Situation:
    """What is so at one moment of the inference, about the patient or one item.

    ``conclusions`` holds True or None (undecided); a conclusion not in it is false. ``asked``: those that were not
    true when some condition asked about them.
    """

    facts: Mapping[str, Fact]
    counts: Mapping[str, Count]
    conclusions: dict[str, Truth] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)

    def of_rule(self, rule: Rule) -> Truth:
        result: Truth = True
        for condition in rule.when:
            truth = self.truth(condition)
            if truth is False:
                return False
            if truth is None:
                result = None
        return result

    def truth(self, condition: Condition) -> Truth:
        if isinstance(condition, Test):
            return self._of_test(condition)
        return disjunction(self._of_test(test) for test in condition.tests)

    def count(self, name: str) -> Bounds:
        """The points of the tests that hold, with the least and the most that the unknown ones may add."""
        answers = [(self._of_test(test), points) for test, points in self.counts[name].worth]
        surely = sum(points for truth, points in answers if truth)
        unknown = [points for truth, points in answers if truth is None]
        low, high = (sum(kind(points, 0) for points in unknown) for kind in (min, max))
        return Bounds(float(surely + low), float(surely + high))

    def conclude(self, conclusion: str, truth: Truth) -> bool:
        """Draws a conclusion, if it is not drawn already. Whether that is news to a rule which asked before."""
        if truth is False or self.conclusions.get(conclusion, False) in (True, truth):
            return False
        self.conclusions[conclusion] = truth
        return conclusion in self.asked

    def _of_test(self, test: Test) -> Truth:
        fact = self.facts.get(test.subject)
        if fact is not None:
            return of_fact(fact, test)
        if test.subject in self.counts:
            return of_number(self.count(test.subject), test)
        return self._of_conclusion(test)

    def _of_conclusion(self, test: Test) -> Truth:
        truth = self.conclusions.get(test.subject, False)
        if truth is not True:
            self.asked.add(test.subject)
        if test.relation == "unless":
            return truth is not True
        return negation(truth) if test.relation == "without" else truth


def infer(program: Program, facts: Mapping[str, Fact]) -> Inference:
    """Runs all rules on the facts: first those about the patient, then those about each item."""
    truths: dict[Key, Truth] = {}
    patient = Situation(facts, program.counts)
    _run(program.stages, patient, truths, None)
    for name, stages in program.each.items():
        for item in facts[name].items:
            _run(stages, of_item(patient, item.name), truths, item.name)
    return Inference(
        fired=frozenset(key for key, truth in truths.items() if truth is True),
        undecided=frozenset(key for key, truth in truths.items() if truth is None),
    )


def of_item(patient: Situation, item: str) -> Situation:
    """What holds for the patient; facts of which there may be many speak of one item, the same in all of them."""
    facts = {**patient.facts, **about_one(patient.facts, item)}
    return Situation(facts, patient.counts, dict(patient.conclusions))


def _run(stages: Stages, situation: Situation, truths: dict[Key, Truth], item: str | None) -> None:
    for stage in stages:
        while _has_news(stage, situation, truths, item):
            pass


def _has_news(stage: Sequence[Rule], situation: Situation, truths: dict[Key, Truth], item: str | None) -> bool:
    """Goes once through the rules of a stage. Whether one of them concluded what an earlier one had asked for."""
    news = False
    situation.asked.clear()
    for rule in stage:
        truth = situation.of_rule(rule)
        if truth is not False:
            truths[rule.id, item] = truth
            if rule.conclude and situation.conclude(rule.conclude, truth):
                news = True
    return news
