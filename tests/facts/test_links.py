"""headache.md HD-SCI-011: a problem that the record puts down to another."""

import pytest

from cds.clinical import State
from tests.facts.asking import ago, ask, condition

TO_IT = frozenset({"x.to"})


@pytest.mark.parametrize(
    ("entries", "state"),
    [
        ([condition(cause_sets=TO_IT)], State.PRESENT),
        ([condition(cause_sets=frozenset({"y.to"}))], State.ABSENT),
        ([condition()], State.ABSENT),
        ([condition(cause_sets=TO_IT, refuted=True)], State.ABSENT),
        ([condition(cause_sets=TO_IT, clinical_status="resolved")], State.ABSENT),
    ],
)
def test_a_problem_is_linked_while_it_is_there(entries, state):
    assert ask("linked-condition", *entries, codes=("in", "to")).state == state


def test_only_the_linked_problem_is_shown():
    linked = condition("migraine", cause_sets=TO_IT, recorded=ago(3))
    told = ask("linked-condition", linked, condition("headache", recorded=ago(1)), codes=("in", "to"))

    assert [each.reference for each in told.evidence] == ["Condition/migraine"]
    assert told.attributes == {"stated_days": 3.0}
