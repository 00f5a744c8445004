"""headache.md HD-PREV-030: which preventives have failed."""

import pytest
from msgspec.structs import replace

from cds.clinical import Coding, State
from cds.ruleset.systems import SYSTEMS
from tests.facts.asking import ago, ask, observation


def trial(outcome, begun=None, stopped=None, **given):
    """A preventive begun and stopped so many days ago."""
    parts = {"start": begun, "end": stopped}
    components = tuple(
        replace(observation(ago(days), name), sets=frozenset({f"x.{name}"}))
        for name, days in parts.items()
        if days is not None
    )
    return observation(outcome, components=components, **given)


def tried(*entries, **parameters):
    return ask("preventive-trials", *entries, codes=("in", "start", "end"), **parameters)


@pytest.mark.parametrize(
    ("entry", "failed", "unclear"),
    [
        (trial("inadequate", 156, 100), 1, 0),
        (trial("inadequate", 155, 100), 0, 0),
        (trial("inadequate", 156), 0, 1),
        (trial("inadequate"), 0, 1),
        (trial("not-tolerated"), 1, 0),
        (trial("not-tolerated", 105, 100), 1, 0),
        (trial("contraindicated"), 1, 0),
        (trial("adequate", 400, 100), 0, 0),
        (trial((Coding(SYSTEMS["headache-local"], "not-tolerated"),)), 1, 0),
    ],
)
def test_a_trial_has_failed_by_its_outcome_and_its_length(entry, failed, unclear):
    told = tried(entry)

    assert (told.attributes["failed"], told.attributes["unclear"]) == (failed, unclear)


def test_each_outcome_is_one_preventive():
    assert tried(trial("not-tolerated"), trial("contraindicated"), trial("adequate")).attributes["failed"] == 2


def test_nothing_recorded_is_no_trial():
    assert tried().state == State.ABSENT
    assert tried(trial("not-tolerated", days=-1)).state == State.ABSENT
