"""What the cases of a tests.yaml mean."""

import math
from datetime import date, datetime

import pytest

from cds.clinical import Bounds, Fact, State
from cds.errors import RulesetError
from cds.ruleset.cases import cases_of
from cds.ruleset.load import load
from tests.ruleset.folders import ROOT, folder

STATES = ROOT / "tests" / "rulesets" / "states.tests.good.yaml"


@pytest.fixture
def knowledge(tmp_path):
    return load(folder(tmp_path, {}))


def test_what_is_known_of_a_fact_is_said_in_its_own_unit(knowledge):
    facts = cases_of(STATES, "tests.yaml", knowledge)[0].facts

    assert {
        "sciatica": Fact("sciatica", State.DENIED),
        "headache": Fact("headache", State.ABSENT),
        "fever": Fact("fever", State.UNUSABLE),
        "trauma": Fact("trauma", State.UNSUPPLIED),
        "back_pain": Fact("back_pain", State.PRESENT, {"onset_days": 3.0, "severity": "mild"}),
        "leg_pain": Fact(
            "leg_pain",
            State.PRESENT,
            {"side": "left", "onset_days_before_trauma": -2.0, "onset_days_before_fever": Bounds(-1.0, 5.0)},
        ),
        "post_void_residual": Fact("post_void_residual", State.PRESENT, {"value": 300.0}),
        "egfr": Fact("egfr", State.PRESENT, {"value": Bounds(60.0, math.inf), "measured_days": 4.0}),
        "age": Fact("age", State.PRESENT, {"value": Bounds(40.0, 41.0)}),
        "draft_order": Fact(
            "draft_order",
            State.PRESENT,
            items=(
                Fact("draft-medication/1", State.PRESENT, {"title": "Ibuprofen 400 mg", "daily_dose": 1200.0}),
                Fact("draft-medication/2", State.PRESENT, {"title": "Naproxen"}),
            ),
        ),
        "draft_request": Fact("draft_request", State.ABSENT),
    } == facts


def test_a_case_has_the_day_of_its_file_or_its_own_moment(knowledge):
    first, second, third = cases_of(STATES, "tests.yaml", knowledge)

    assert [
        (date(2026, 11, 21), None),
        (date(2026, 11, 21), datetime.fromisoformat("2026-11-21T10:00")),
        (date(2026, 11, 21), None),
    ] == [(case.today, case.now) for case in (first, second, third)]
    assert (None, "patients/sciatica.json") == (third.facts, third.bundle)


def test_a_file_of_cases_that_is_not_yaml_is_refused(tmp_path, knowledge):
    path = tmp_path / "tests.yaml"
    path.write_text("cases: [\n", encoding="utf-8")

    with pytest.raises(RulesetError):
        cases_of(path, "tests.yaml", knowledge)
