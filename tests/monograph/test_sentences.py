"""Conditions in sentences: each relation in words that a clinician reads the same way as the evaluator does."""

import pytest

from cds.monograph.scope import subject_of
from cds.monograph.sentences import clause, silencer
from cds.ruleset.load import load
from tests.ruleset.folders import completed, folder, services

FACTS = """
facts:
  chill: {title: Fever, find: finding, in: vs-sciatica}
  blow: {title: Injury, find: finding, in: vs-sciatica}
  leftover:
    title: Post-void residual
    find: observation
    in: {system: spine-local, codes: {pvr-volume: Post-void residual volume}}
    unit: mL
  pill: {title: Triptan, find: medication, in: vs-sciatica}
rules:
  - {id: EX-0.ill, title: Ill, when: [chill], conclude: plainly-ill}
  - count: warning_signs
    of: [chill, {2 points: [blow]}, {minus 1 point: [{denied: chill}]}]
  - id: EX-1.rule
    title: A rule
    when: [%s]
    conclude: anything
"""


def read(tmp_path, condition):
    ruleset = completed(FACTS % condition, "one")
    files = {"example/one/ruleset.yaml": ruleset, "services.yaml": services("library", "one")}
    knowledge = load(folder(tmp_path, files))
    subject = subject_of(knowledge, knowledge.rulesets["one"])
    return subject, knowledge.rulesets["one"].rules[-1].when[0]


def said(one):
    """A clause as a line, its parts in brackets."""
    points = f"{one.points} points: " if one.points is not None else ""
    aspect = f", {one.aspect}:" if one.aspect else ""
    parts = f" [{'; '.join(map(said, one.parts))}]" if one.parts else ""
    return f"{points}{one.subject.name}{aspect} {one.says}{parts}".strip()


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("chill", "Fever is present"),
        ("without: chill", "Fever is not shown by the data, which were supplied"),
        ("denied: chill", "Fever is documented as absent"),
        ("unless: chill", "Fever is not known to be present"),
        ("unrecorded: chill", "Fever is neither present nor denied on record"),
        ("plainly-ill", "plainly ill is concluded"),
        ("unless: plainly-ill", "plainly ill is not concluded"),
        ("without: plainly-ill", "plainly ill is not concluded, and that is certain"),
        ("leftover: at least 200 mL", "Post-void residual is at least 200 mL"),
        ("leftover: above 0.2 L", "Post-void residual is above 200 mL"),
        ("leftover: below 200", "Post-void residual is below 200 mL"),
        ("leftover: at most 200", "Post-void residual is at most 200 mL"),
        ("leftover: between 100 and 200", "Post-void residual is from 100 mL to 200 mL, both included"),
        ("leftover: is 0", "Post-void residual is 0 mL"),
        ("leftover: is not 0", "Post-void residual is not 0 mL"),
        ("leftover: is known", "Post-void residual is known"),
        ("leftover: is unknown", "Post-void residual is not known"),
        ("leftover.preliminary: is no", "Post-void residual, a preliminary result: no"),
        ('chill.side: "is one of left, both"', "Fever, side of the body: left or both"),
        ("chill.side: is unknown", "Fever, side of the body: not known"),
        ("pill.daily_dose: above 10", "Triptan, highest total daily dose now: above 10 mg a day"),
        ("chill: onset within 14 days", "Fever (onset within 14 days)"),
        ("chill: onset more than 14 days ago", "Fever (onset more than 14 days ago)"),
        ("chill: onset at least 2 weeks ago", "Fever (onset 14 days ago or longer)"),
        ("chill: onset within 1 days", "Fever (onset within 1 day)"),
        ("chill: onset known", "Fever has a known date (onset)"),
        ("chill: onset unknown", "Fever has no known date (onset)"),
        ("leftover: measured within 48 hours", "Post-void residual (measured within 48 hours)"),
        ("chill: onset within 1 days of blow", "Fever (onset within 1 day of: Injury)"),
        ("chill: onset at most 14 days before blow", "Fever (onset at most 14 days before: Injury)"),
        ("chill: onset at most 14 days after blow", "Fever (onset at most 14 days after: Injury)"),
        ("chill: onset at least 14 days before blow", "Fever (onset at least 14 days before: Injury)"),
        ("chill: onset at least 14 days after blow", "Fever (onset at least 14 days after: Injury)"),
        ("any: [chill, blow]", "at least one of these holds: [Fever is present; Injury is present]"),
        ("at least 1 of: [chill, blow]", "at least 1 of these hold: [Fever is present; Injury is present]"),
        ("warning_signs: at least 2", "warning signs is at least 2"),
    ],
)
def test_a_condition_reads_as(tmp_path, condition, words):
    subject, written = read(tmp_path, condition if ":" not in condition else f"{{{condition}}}")

    assert words == said(clause(written, subject))


@pytest.mark.parametrize(
    ("condition", "words"),
    [("unless: chill", "Fever is known to be present"), ("unless: plainly-ill", "plainly ill is concluded")],
)
def test_what_keeps_a_rule_silent_is_said_the_other_way_round(tmp_path, condition, words):
    subject, written = read(tmp_path, f"{{{condition}}}")

    assert words == said(silencer(written, subject))


def test_the_parts_of_a_count_say_what_they_are_worth(tmp_path):
    from cds.monograph.writing import counts

    subject, _ = read(tmp_path, "chill")
    [count] = counts(subject)

    assert "warning signs" == count.name
    worth = ["1 points: Fever is present", "2 points: Injury is present", "-1 points: Fever is documented as absent"]
    assert worth == [said(part) for part in count.parts]
