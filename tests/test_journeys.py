"""The journeys: what an EHR is shown at each step; and that a journey which is told wrongly is refused."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from cds.cli import main
from cds.errors import InputError, RulesetError
from cds.loading import load_catalogue
from cds.settings import Settings
from cds.workbench.journeys import journey, journeys
from cds.workbench.playing import play
from tests import shipped

ROOT = Path(__file__).parents[1]
TOLD = journeys(ROOT / "fhir_samples" / "journeys")
SMALL = Settings(rulesets=ROOT / "tests" / "hooks" / "rulesets")  # one service, "pain"
SHIPPED = Settings(rulesets=ROOT / "rulesets")

HEADACHE = """\
journey: headache
about: Pain relievers and headache.
patient: {born: 1980-05-17, gender: female}
service: pain
steps:
"""


@pytest.fixture(scope="module")
def small():
    return load_catalogue(SMALL)


@pytest.mark.parametrize("told", TOLD, ids=lambda told: told.name)
def test_at_each_step_exactly_the_cards_are_shown_that_the_journey_tells(told):
    failed = [line for step in play(told, shipped.served(), SHIPPED) if not step.passed for line in step.lines()]

    assert "\n".join(failed) == ""


def test_journeys_have_five_to_nine_steps_and_a_third_of_all_steps_are_silent():
    silent = [step.cards == () for told in TOLD for step in told.steps]

    assert {told.name: len(told.steps) for told in TOLD if not 5 <= len(told.steps) <= 9} == {}
    assert 3 * sum(silent) >= len(silent)


# The runner itself, with the small service of the protocol's tests

SEEN = """\
  - at: {at}
    title: Seen
    hook: patient-view
    because: Says so.
"""
ACHING = """\
    record:
      - {condition: {snomed: "25064002"}, onset: today-60d, id: headache}
      - {observation: {spine-local: analgesic-days-per-week}, value: 4 d/wk, at: today, id: days}
"""
SHOWN = """\
    cards:
      - rules: [P-01.card]
        indicator: warning
        summary: "Pain reliever on 4 days a week with headache: check for medication overuse"
"""
NOTHING = "    cards: []\n"
OVERRIDDEN = "        answer: overridden\n"


def told(tmp_path, *steps):
    """Each step as text, from its moment on."""
    written = [SEEN.format(at=at) + text for at, text in steps]
    (tmp_path / "headache.yaml").write_text(HEADACHE + "".join(written))
    return journey(tmp_path / "headache.yaml")


def differences(journey_told, small):
    return [step.differences for step in play(journey_told, small, SMALL)]


def test_a_card_that_was_overridden_is_kept_back_for_its_time_and_no_longer(tmp_path, small):
    whole = told(
        tmp_path,
        ("2026-01-10T10:00", ACHING + SHOWN + OVERRIDDEN),
        ("2026-02-08T10:00", NOTHING + "    quiet: [P-01.card]\n"),
        ("2026-02-09T10:00", SHOWN),
    )

    assert differences(whole, small) == [(), (), ()]


def test_it_is_kept_back_from_the_user_who_answered_and_from_nobody_else(tmp_path, small):
    whole = told(
        tmp_path,
        ("2026-01-10T10:00", ACHING + SHOWN + OVERRIDDEN),
        ("2026-01-11T10:00", "    user: nurse\n" + SHOWN),
    )

    assert differences(whole, small) == [(), ()]


def test_what_is_recorded_later_is_not_there_and_a_line_with_the_same_id_takes_its_place(tmp_path, small):
    whole = told(
        tmp_path,
        ("2026-01-10T10:00", NOTHING),
        ("2026-02-10T10:00", ACHING + SHOWN),
        (
            "2026-03-10T10:00",
            "    record: [{observation: {spine-local: analgesic-days-per-week}, value: 1 d/wk, at: today, id: days}]\n"
            + NOTHING,
        ),
    )

    assert differences(whole, small) == [(), (), ()]


def test_what_is_otherwise_is_told_with_the_reason(tmp_path, small):
    (step,) = play(told(tmp_path, ("2026-01-10T10:00", ACHING + NOTHING)), small, SMALL)

    assert step.differences == (
        "got:      warning P-01.card: Pain reliever on 4 days a week with headache: check for medication overuse",
    )
    assert step.explanation[0] == "✓ P-01.card: fired. Frequent use with headache"


def test_a_reason_that_the_card_does_not_offer_is_refused_with_those_it_offers(tmp_path, small):
    whole = told(tmp_path, ("2026-01-10T10:00", ACHING + SHOWN + OVERRIDDEN + "        reason: because\n"))

    with pytest.raises(InputError, match=r'headache\.yaml:6: "because" is no reason .* it offers cds-not-applicable'):
        list(play(whole, small, SMALL))


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        ([("2026-01-10T10:00", NOTHING), ("2026-01-10T10:00", NOTHING)], "11: a step comes after the step before it"),
        ([("2026-01-10", NOTHING)], "must be a time such as"),
        (
            [("2026-01-10T10:00", NOTHING + "    crads: []\n")],
            '"crads" is not a key of a step of a journey; did you mean',
        ),
    ],
)
def test_a_journey_that_is_told_wrongly_is_refused_with_the_line(tmp_path, steps, problem):
    with pytest.raises(RulesetError, match=problem):
        told(tmp_path, *steps)


def test_a_hook_that_the_service_is_not_offered_at_is_refused(tmp_path, small):
    whole = told(tmp_path, ("2026-01-10T10:00", NOTHING.replace("cards", "service: order-only\n    cards")))

    with pytest.raises(InputError, match="the service order-only is not offered at patient-view"):
        list(play(whole, small, SMALL))


def test_the_command_tells_what_failed_and_ends_with_1_or_with_whole_every_step(tmp_path):
    told(tmp_path, ("2026-01-10T10:00", ACHING + SHOWN), ("2026-01-11T10:00", NOTHING))
    words = ["journeys", str(tmp_path / "headache.yaml"), "--rulesets", str(SMALL.rulesets)]

    brief, whole = (CliRunner().invoke(main, [*words, *more]) for more in ([], ["--whole"]))

    assert (brief.exit_code, whole.exit_code) == (1, 1)
    assert brief.output.splitlines()[0] == "FAIL headache 2026-01-11 patient-view: Seen"
    assert whole.output.splitlines()[0] == "ok   headache 2026-01-10 patient-view: Seen"
    assert brief.output.splitlines()[-1] == whole.output.splitlines()[-1] == "1 steps passed, 1 failed"


def test_a_folder_without_journeys_is_no_folder_of_journeys(tmp_path):
    with pytest.raises(InputError, match="no journeys here"):
        journeys(tmp_path)
