"""Sample stories move with the day they are told on."""

from datetime import date

from cds.workbench.samples import STORY_DAY, masked, told_on


def test_a_story_told_on_its_own_day_is_unchanged():
    story = {"onset": "2026-11-18", "text": ["seen 2026-11-18T10:00:00Z", 3, None]}

    assert told_on(story, STORY_DAY) == story


def test_every_date_moves_with_the_day_even_escaped_in_markdown():
    story = {"at": "2026-11-18T23:50:00+01:00", "detail": r"since 2026\-11\-18 \(Condition/c1\)"}

    assert told_on(story, date(2027, 1, 1)) == {
        "at": "2026-12-29T23:50:00+01:00",
        "detail": r"since 2026\-12\-29 \(Condition/c1\)",
    }


def test_codes_and_partial_dates_stay_as_they_are():
    story = ["30679-5", "2026-11", "2f1c9d1e-2026-4a11-8a21-0123456789ab"]

    assert told_on(story, date(2030, 1, 1)) == story


def test_identifiers_and_times_of_one_answer_are_masked():
    answer = {"uuid": "0f8fad5b-d9cb-469f-a165-70867728950e", "authoredOn": "2026-11-21T14:52:35+00:00", "n": 1}

    assert masked(answer) == {"uuid": "<uuid>", "authoredOn": "2026-11-21T<time>", "n": 1}


def test_a_sample_is_answered_as_expected_also_when_a_review_has_become_overdue():
    evidence = "**Evidence**\n\n- ICHD-3{due}\n\nHD-MOH-001.card@1.0.0"
    due = "\n- The review of these rules was due on 2027-11-21: Medication-overuse headache; Analgesic use"

    assert masked(evidence.format(due="")) == masked(evidence.format(due=due))
