"""Whatever part of the prefetch is sent: the same cards where the rest can be read, else what is missing is said.

All subsets of the keys of the small service; of the shipped one, which has many, those that lack one key, none,
and some by chance, and for one patient at each hook also those with one key.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import chain, combinations
from urllib.parse import unquote

import pytest

from cds.workbench.samples import masked
from tests.ehr.charts import Visit, small
from tests.ehr.checker import faults
from tests.ehr.client import Ehr, rules
from tests.ehr.conftest import SAMPLES, STORIES
from tests.ehr.oracle import unsaid
from tests.hooks.messages import MINIMAL

BY_CHANCE = 6


def every(keys):
    return [set(some) for some in chain.from_iterable(combinations(keys, count) for count in range(len(keys) + 1))]


def lacking(keys):
    """Without one, without any, with all, and by chance, always the same ones."""
    chance = random.Random(len(keys))
    some = [{key for key in keys if chance.random() < 0.5} for _ in range(BY_CHANCE)]
    return [*({*keys} - {key} for key in keys), set(), {*keys}, *some]


def telling(keys):
    return [*lacking(keys), *({key} for key in keys)]


@dataclass(frozen=True, slots=True)
class Case:
    """``server``: the fixture of the service that is called, ``chart``: the one that is asked about."""

    server: str
    chart: str
    visit: Visit
    subsets: Callable[[Iterable[str]], list[set[str]]]


SMALL = [Case("reduced", "ward-0", Visit("pain", hook, context, small()), every) for hook, context in MINIMAL.items()]
SHIPPED = [Case("shipped", name, visit, lacking) for name, visit in SAMPLES.items()]
ONE_OF_EACH_HOOK = [replace(case, subsets=telling) for case in {case.visit.hook: case for case in SHIPPED}.values()]


def cases(*some):
    return [pytest.param(case, id=f"{case.chart}, {case.visit.hook}") for case in chain.from_iterable(some)]


@pytest.fixture
def asking(request, fhir, case):
    """Who asks, of which service, and all that could be prefetched."""
    ehr = Ehr(request.getfixturevalue(case.server), fhir.base(case.chart))
    service = ehr.services()[case.visit.service, case.visit.hook]
    return ehr, service, ehr.prefetch(service, case.visit.context)


def only(prefetch, keys):
    return {key: value for key, value in prefetch.items() if key in keys}


def brings_something(value):
    return value["resourceType"] != "Bundle" or bool(value.get("entry"))


def in_part(prefetch):
    """The keys of which there are more pages than were sent."""
    return {key for key, value in prefetch.items() if any(one["relation"] == "next" for one in value.get("link", ()))}


@pytest.mark.requirement("CH-038", "CH-059", "CH-061", "CH-062", "CH-063", "CH-066", "CH-071", "CH-072", "CH-073")
@pytest.mark.parametrize("case", cases(SMALL, ONE_OF_EACH_HOOK))
def test_what_is_missing_is_read_and_nothing_else(asking, fhir, case):
    """What is read is exactly what the missing keys ask for: no draft order, and nothing that was sent."""
    ehr, service, everything = asking
    full = masked(ehr.call(service, case.visit.context, everything, access=True).cards)
    wrong = {}
    for keys in case.subsets(service["prefetch"]):
        with fhir.troubled() as asked:
            cards = masked(ehr.call(service, case.visit.context, only(everything, keys), access=True).cards)
        missing = {query for key, query in service["prefetch"].items() if key not in keys}
        expected = {query.replace("{{context.patientId}}", case.visit.context["patientId"]) for query in missing}
        first_pages = {unquote(one.target) for one in asked if "_getpages" not in one.target}
        if cards != full or first_pages != {unquote(one) for one in expected}:
            wrong[", ".join(sorted(keys))] = (rules(cards) ^ rules(full), first_pages ^ expected)

    assert {} == wrong


@pytest.mark.requirement("CH-062", "CH-067", "CH-068")
@pytest.mark.parametrize("case", cases(SMALL, SHIPPED))
def test_what_is_missing_and_cannot_be_read_is_said(asking, case):
    ehr, service, everything = asking
    full = ehr.call(service, case.visit.context, everything, access=True)
    wrong = {}
    for keys in case.subsets(service["prefetch"]):
        partial = ehr.call(service, case.visit.context, only(everything, keys), access=False)
        if silent := unsaid(service, full.cards, partial, set(service["prefetch"]) - keys | in_part(everything)):
            wrong[", ".join(sorted(keys))] = silent

    assert {} == wrong


@pytest.mark.requirement("CH-062", "CH-067", "CH-068")
@pytest.mark.parametrize("name", STORIES)
def test_of_no_sample_patient_a_card_is_lost_in_silence(shipped, fhir, name):
    """One key that brings something is left away, each in turn."""
    ehr = Ehr(shipped, fhir.base(f"story-{name}"))
    service = ehr.services()["spine-and-headache", "patient-view"]
    context = {"userId": "Practitioner/gp", "patientId": STORIES[name].patient}
    everything = ehr.prefetch(service, context)
    full = ehr.call(service, context, everything, access=False).cards
    wrong = {}
    for key in filter(lambda key: brings_something(everything[key]), everything):
        partial = ehr.call(service, context, only(everything, everything.keys() - {key}), access=False)
        if silent := unsaid(service, full, partial, {key} | in_part(everything)):
            wrong[key] = silent

    assert {} == wrong


@pytest.mark.requirement("CH-005", "CH-006", "CH-007", "CH-103", "CH-183", "CH-190")
@pytest.mark.parametrize("case", cases(SMALL, SHIPPED))
def test_every_answer_is_right_by_the_letter(asking, case):
    ehr, service, everything = asking
    some = only(everything, ("patient", "observations"))

    assert ([], []) == tuple(
        faults(ehr.call(service, case.visit.context, prefetch, access=False).body) for prefetch in (everything, some)
    )
