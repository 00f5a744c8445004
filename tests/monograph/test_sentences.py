"""Conditions in sentences: each relation in words that a clinician reads the same way as the evaluator does."""

import pytest

from cds.monograph.scope import subject_of
from cds.monograph.sentences import clause, silencer
from cds.ruleset.load import load
from tests.ruleset.folders import completed, folder, services

FACTS = """
facts:
  fever: {title: Fever, find: finding, in: vs-sciatica}
  trauma: {title: Injury, find: finding, in: vs-sciatica}
  residual:
    title: Post-void residual
    find: observation
    in: {system: spine-local, codes: {pvr-volume: Post-void residual volume}}
    unit: mL
  triptan: {title: Triptan, find: medication, in: vs-sciatica}
rules:
  - {id: EX-0.ill, title: Ill, when: [fever], conclude: plainly-ill}
  - count: warning_signs
    of: [fever, {2 points: [trauma]}, {minus 1 point: [{denied: fever}]}]
  - id: EX-1.rule
    title: A rule
    when: [%s]
    conclude: anything
"""


def read(tmp_path, condition):
    files = {
        "example/one/ruleset.yaml": completed(FACTS % condition, "one"),
        "services.yaml": services("library", "one"),
    }
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
        ("fever", "Fever is present"),
        ("without: fever", "Fever is not shown by the data, which were supplied"),
        ("denied: fever", "Fever is documented as absent"),
        ("unless: fever", "Fever is not known to be present"),
        ("unrecorded: fever", "Fever is neither present nor denied on record"),
        ("plainly-ill", "plainly ill is concluded"),
        ("unless: plainly-ill", "plainly ill is not concluded"),
        ("without: plainly-ill", "plainly ill is not concluded, and that is certain"),
        ("residual: at least 200 mL", "Post-void residual is at least 200 mL"),
        ("residual: above 0.2 L", "Post-void residual is above 200 mL"),
        ("residual: below 200", "Post-void residual is below 200 mL"),
        ("residual: at most 200", "Post-void residual is at most 200 mL"),
        ("residual: between 100 and 200", "Post-void residual is from 100 mL to 200 mL, both included"),
        ("residual: is 0", "Post-void residual is 0 mL"),
        ("residual: is not 0", "Post-void residual is not 0 mL"),
        ("residual: is known", "Post-void residual is known"),
        ("residual: is unknown", "Post-void residual is not known"),
        ("residual.preliminary: is no", "Post-void residual, a preliminary result: no"),
        ("fever.side: is one of left, both", "Fever, side of the body: left or both"),
        ("fever.side: is unknown", "Fever, side of the body: not known"),
        ("triptan.daily_dose: above 10", "Triptan, sum of the greatest daily doses now: above 10 mg a day"),
        ("fever: onset within 14 days", "Fever (onset within 14 days)"),
        ("fever: onset more than 14 days ago", "Fever (onset more than 14 days ago)"),
        ("fever: onset at least 2 weeks ago", "Fever (onset 14 days ago or longer)"),
        ("fever: onset within 1 days", "Fever (onset within 1 day)"),
        ("fever: onset known", "Fever has a known date (onset)"),
        ("fever: onset unknown", "Fever has no known date (onset)"),
        ("residual: measured within 48 hours", "Post-void residual (measured within 48 hours)"),
        ("fever: onset within 1 days of trauma", "Fever (onset within 1 day of: Injury)"),
        ("fever: onset at most 14 days before trauma", "Fever (onset at most 14 days before: Injury)"),
        ("fever: onset at most 14 days after trauma", "Fever (onset at most 14 days after: Injury)"),
        ("fever: onset at least 14 days before trauma", "Fever (onset at least 14 days before: Injury)"),
        ("fever: onset at least 14 days after trauma", "Fever (onset at least 14 days after: Injury)"),
        ("any: [fever, trauma]", "at least one of these holds: [Fever is present; Injury is present]"),
        ("at least 1 of: [fever, trauma]", "at least 1 of these hold: [Fever is present; Injury is present]"),
        ("warning_signs: at least 2", "warning signs is at least 2"),
    ],
)
def test_a_condition_reads_as(tmp_path, condition, words):
    subject, written = read(tmp_path, condition if ":" not in condition else f"{{{condition}}}")

    assert words == said(clause(written, subject))


@pytest.mark.parametrize(
    ("condition", "words"),
    [("unless: fever", "Fever is known to be present"), ("unless: plainly-ill", "plainly ill is concluded")],
)
def test_what_keeps_a_rule_silent_is_said_the_other_way_round(tmp_path, condition, words):
    subject, written = read(tmp_path, f"{{{condition}}}")

    assert words == said(silencer(written, subject))


def test_the_parts_of_a_count_say_what_they_are_worth(tmp_path):
    from cds.monograph.writing import counts

    subject, _ = read(tmp_path, "fever")
    [count] = counts(subject)

    assert "warning signs" == count.name
    assert [
        "1 points: Fever is present",
        "2 points: Injury is present",
        "-1 points: Fever is documented as absent",
    ] == [said(part) for part in count.parts]
