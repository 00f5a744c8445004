"""What a call costs follows what applies to the patient, not what there is: the work is counted, not timed."""

from datetime import UTC, datetime
from functools import cache

import pytest

from bench.bodies import SIZES, body
from bench.chart import DAY, PATIENT
from bench.rulesets import FEW, OTHERS
from cds.evaluate import Prepared, prepare
from cds.facts import derive
from cds.fhir.bundles import READ_TYPES
from cds.fhir.decode import hook_request
from cds.fhir.read import read
from cds.ruleset.selection import only, rules_of
from tests import shipped

NOON = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC)


@cache
def programs(*rulesets: str) -> Prepared:
    """Of these rulesets and those they use."""
    return prepare(shipped.knowledge(), rulesets)


def everything() -> Prepared:
    return programs(*shipped.knowledge().rulesets)


def work(prepared: Prepared, size: int, *, relevant: bool) -> tuple[list[str], frozenset[str]]:
    """The rules that are run for a chart of so many resources, and the facts that are worked out."""
    sent = [each.supplying(READ_TYPES) for each in hook_request(body(size, relevant=relevant)).prefetch.values()]
    facts = derive(prepared.plan, read(sent, prepared.index, zone=UTC, patient_id=PATIENT, today=DAY), NOON)
    rules = prepared.reach.rules(facts)
    return [rule.id for rule in rules_of(only(prepared.program, rules))], facts.worked_out()


@pytest.mark.parametrize("size", SIZES)
def test_for_a_chart_without_relevance_no_fact_is_worked_out_and_no_rule_is_run_however_many_there_are(size):
    assert work(programs(*FEW), size, relevant=False) == ([], frozenset())
    assert work(everything(), size, relevant=False) == ([], frozenset())


def test_rulesets_about_other_things_add_no_work():
    few, more = programs(*FEW), programs(*FEW, *OTHERS)
    rules, facts = work(few, 200, relevant=True)
    with_others, facts_with_others = work(more, 200, relevant=True)

    assert (sorted(with_others), facts_with_others) == (sorted(rules), facts)
    assert len(rules) > 50  # otherwise nothing was shown
    assert len(list(rules_of(more.program))) > len(list(rules_of(few.program))) + 200
