"""Questions with fixed answers (headache.md 3.3)."""

import pytest
from msgspec.structs import replace

from cds.clinical import Coding, State
from cds.ruleset.systems import SYSTEMS
from tests.facts.asking import ask, observation

ANSWERS = ("none", "little", "partial", "good")


def chosen(*entries, **parameters):
    return ask("stated-choice", *entries, answers=ANSWERS, **parameters)


def local(word):
    return (Coding(SYSTEMS["headache-local"], word),)


@pytest.mark.parametrize("value", ["little", "Little ", local("little")])
def test_an_answer_is_a_word_or_a_local_code(value):
    assert "little" == chosen(observation(value)).attributes["value"]


@pytest.mark.parametrize("value", ["somewhat", "", True, 3, None, (Coding("http://snomed.info/sct", "little"),)])
def test_what_is_none_of_the_answers_is_unusable(value):
    assert State.UNUSABLE == chosen(observation(value)).state


def test_the_newest_answer_counts_and_says_when_it_was_given():
    fact = chosen(observation("good", days=9), observation("none", days=4))

    assert {"value": "none", "stated_days": 4.0} == dict(fact.attributes)


def test_two_answers_of_one_day_that_differ_are_of_no_use():
    other = replace(observation("good", days=4), reference="Observation/other")

    assert State.UNUSABLE == chosen(observation("none", days=4), other).state


@pytest.mark.parametrize(("days", "state"), [(90, State.PRESENT), (91, State.ABSENT)])
def test_an_answer_is_as_old_as_asked_for(days, state):
    assert state == chosen(observation("none", days=days), within=90.0).state


def test_an_answer_without_a_date_is_unusable_and_one_of_tomorrow_none():
    assert State.UNUSABLE == chosen(observation("none", days=None)).state
    assert State.ABSENT == chosen(observation("none", days=-1)).state
